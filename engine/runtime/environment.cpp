#include "engine/runtime/environment.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <utility>

namespace cairn {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    using std::chrono::system_clock;
    return {std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count()};
  }
};

class SystemRandom final : public Random {
 public:
  std::uint64_t next() override {
    const std::scoped_lock lock(mutex_);
    return engine_();
  }

 private:
  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }
  std::mutex mutex_;
  std::mt19937_64 engine_ = seeded();
};

class SteadyAlarm final : public Alarm {
 public:
  SteadyAlarm(boost::asio::io_context& io, const Clock& clock) : timer_(io), clock_(clock) {}

  void set(Timestamp due, std::function<void()> ring) override {
    const Timestamp now = clock_.now();
    // What is due may be as long ago as a number can say.
    const std::int64_t left_ms = due <= now ? 0 : std::min(due.ms - now.ms, k_longest_sleep_ms);
    timer_.expires_after(std::chrono::milliseconds(left_ms));
    const std::uint64_t setting = ++*settings_;
    timer_.async_wait([setting, settings = settings_, ring = std::move(ring)](const boost::system::error_code& error) {
      if (!error && *settings == setting) ring();  // a wait that was over when it was cancelled brings no error
    });
  }
  void cancel() override {
    ++*settings_;
    timer_.cancel();
  }
  SteadyAlarm(const SteadyAlarm&) = delete;
  SteadyAlarm& operator=(const SteadyAlarm&) = delete;
  ~SteadyAlarm() override { ++*settings_; }

 private:
  static constexpr std::int64_t k_longest_sleep_ms = 1'000;

  boost::asio::steady_timer timer_;
  const Clock& clock_;
  /// How often it was set or cancelled; outlives it for waits that are over and not told yet.
  std::shared_ptr<std::uint64_t> settings_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace

std::unique_ptr<Alarm> make_alarm(boost::asio::io_context& io, const Clock& clock) {
  return std::make_unique<SteadyAlarm>(io, clock);
}

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace cairn
