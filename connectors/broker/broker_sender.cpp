#include "connectors/broker/broker_sender.h"

#include "workflows/cloudevents/formats.h"
#include "workflows/core/sha256.h"
#include "workflows/value/json.h"

#include <boost/asio/post.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t k_most = 256;

/// The same for the same event.
std::string id_of(const Value& event) {
  return sha256(std::string(cloud_event_text(event, "source")) + '\0', cloud_event_text(event, "id")).hex();
}

class BrokerSender final : public EventSender {
 public:
  BrokerSender(boost::asio::any_io_executor executor, std::unique_ptr<BrokerProducer> producer)
      : executor_(std::move(executor)), producer_(std::move(producer)), thread_([this] { run(); }) {}
  BrokerSender(const BrokerSender&) = delete;
  BrokerSender& operator=(const BrokerSender&) = delete;
  ~BrokerSender() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      if (job_) *job_->alive = false;
      changed_.notify_all();
    }
    thread_.join();
  }

  std::unique_ptr<Sending> send(std::vector<Value> events, Done done) override {
    auto alive = std::make_shared<std::atomic<bool>>(true);
    const std::lock_guard lock(mutex_);
    job_.emplace(Job{std::move(events), std::move(done), alive});
    changed_.notify_all();
    return std::make_unique<OnItsWay>(std::move(alive));
  }
  [[nodiscard]] std::size_t most() const override { return k_most; }
  [[nodiscard]] std::string destination() const override { return producer_->place(); }

 private:
  struct Job {
    std::vector<Value> events;
    Done done;
    std::shared_ptr<std::atomic<bool>> alive;
  };
  class OnItsWay final : public Sending {
   public:
    explicit OnItsWay(std::shared_ptr<std::atomic<bool>> alive) : alive_(std::move(alive)) {}
    OnItsWay(const OnItsWay&) = delete;
    OnItsWay& operator=(const OnItsWay&) = delete;
    ~OnItsWay() override { *alive_ = false; }

   private:
    std::shared_ptr<std::atomic<bool>> alive_;
  };

  void run() {
    while (true) {
      std::optional<Job> job;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return job_ || ended_; });
        if (ended_) return;
        job = std::exchange(job_, std::nullopt);
      }
      auto result = carry_out(*job);
      boost::asio::post(executor_, [alive = job->alive, done = std::move(job->done), result = std::move(result)] {
        if (alive->exchange(false)) done(result);
      });
    }
  }

  SendResult carry_out(const Job& job) {
    SendResult result;
    const auto failed = [&](const Error& error) {
      const bool refused = error.code == ErrorCode::limit_exceeded;
      connected_ = connected_ && refused;
      result.kind = refused ? SendResult::Kind::refused : SendResult::Kind::retry;
      result.why = error.message;
      return result;
    };
    if (!connected_) {
      if (const auto connected = producer_->connect(); !connected) return failed(connected.error());
      connected_ = true;
    }
    for (const auto& event : job.events) {
      if (!*job.alive || ended_) {
        result.kind = SendResult::Kind::retry;
        return result;
      }
      if (const auto taken = producer_->append({id_of(event), to_json(event)}); !taken) return failed(taken.error());
      ++result.taken;
    }
    return result;
  }

  boost::asio::any_io_executor executor_;
  std::unique_ptr<BrokerProducer> producer_;
  bool connected_ = false;  ///< of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> job_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;  ///< begins when everything else is there
};

}  // namespace

std::unique_ptr<EventSender> make_broker_sender(boost::asio::any_io_executor executor,
                                                std::unique_ptr<BrokerProducer> producer) {
  return std::make_unique<BrokerSender>(std::move(executor), std::move(producer));
}

}  // namespace cairn
