#include "connectors/broker/event_source.h"

#include "connectors/broker/backoff.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t k_messages_a_read = 256;
/// Published together, but for those of the message that goes beyond.
constexpr std::size_t k_events_at_once = 1'024;
constexpr std::size_t k_bytes_at_once = std::size_t{4} << 20;
/// How long the end of the process may have to wait for a read that finds nothing.
constexpr std::chrono::milliseconds k_patience{250};

}  // namespace

struct EventSource::Impl : std::enable_shared_from_this<EventSource::Impl> {
  Impl(boost::asio::any_io_executor the_executor, IncomingOptions the_options,
       std::unique_ptr<BrokerConsumer> the_consumer, Publish the_publish)
      : executor(std::move(the_executor)),
        options(std::move(the_options)),
        consumer(std::move(the_consumer)),
        publish(std::move(the_publish)) {}

  void run() {
    while (!backoff.stopped()) {
      const auto ended = connected();
      if (backoff.stopped()) return;
      say(ended.error());
      backoff.wait();
    }
  }

  /// Until something goes wrong, which it returns, or the end.
  Result<void> connected() {
    CAIRN_TRY(consumer->connect());
    if (away) spdlog::warn("source {}: {} is back", options.name, consumer->place());
    away.reset();
    while (!backoff.stopped()) {
      CAIRN_TRY(const auto messages, consumer->read(k_messages_a_read, k_patience));
      backoff.reset();
      std::vector<Value> events;
      std::size_t bytes = 0;
      for (const auto& message : messages) {
        for (auto& event : events_of(message, options)) {
          bytes += event.approximate_bytes();
          events.push_back(std::move(event));
        }
        if (events.size() < k_events_at_once && bytes < k_bytes_at_once) continue;
        if (!bring(std::exchange(events, {}))) return success();
        bytes = 0;
      }
      if (!bring(std::move(events))) return success();
      CAIRN_TRY(consumer->acknowledge());
    }
    return success();
  }

  void say(const Error& error) {
    if (away == error.message) return;
    away = error.message;
    spdlog::warn("source {}: {}: {}; it is tried again", options.name, consumer->place(), error.message);
  }

  /// Returns when they are durable. False: the end.
  bool bring(std::vector<Value> events) {
    std::optional<std::string> said;
    while (!events.empty()) {
      const auto refused = offer(events);
      if (backoff.stopped()) return false;
      if (!refused) break;
      if (said != refused->message) {
        said = refused->message;
        spdlog::warn("source {}: its events wait: {}", options.name, *said);
      }
      backoff.wait();
    }
    return true;
  }

  /// On the executor's thread; this one waits.
  std::optional<Error> offer(const std::vector<Value>& events) {
    {
      const std::lock_guard lock(mutex);
      answered = false;
      answer.reset();
      ++asked;
    }
    boost::asio::post(executor, [self = weak_from_this(), events, number = asked] {
      const auto impl = self.lock();
      if (impl == nullptr || impl->backoff.stopped()) return;
      impl->publish(events, [self, number](const std::optional<Error>& error) {
        const auto told = self.lock();
        if (told == nullptr) return;
        const std::lock_guard lock(told->mutex);
        if (number != told->asked) return;
        told->answer = error;
        told->answered = true;
        told->changed.notify_all();
      });
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return answered || backoff.stopped(); });
    return answer;
  }

  void end() {
    backoff.stop();
    {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    }
    if (thread.joinable()) thread.join();
  }

  boost::asio::any_io_executor executor;
  IncomingOptions options;
  std::unique_ptr<BrokerConsumer> consumer;
  Publish publish;
  Backoff backoff;
  std::optional<std::string> away;  ///< why it is, as it was said last
  std::mutex mutex;
  std::condition_variable changed;
  bool answered = false;
  std::uint64_t asked = 0;
  std::optional<Error> answer;
  std::thread thread;
};

EventSource::EventSource(boost::asio::any_io_executor executor, IncomingOptions options,
                         std::unique_ptr<BrokerConsumer> consumer, Publish publish)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(consumer), std::move(publish))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

EventSource::~EventSource() { impl_->end(); }

}  // namespace cairn
