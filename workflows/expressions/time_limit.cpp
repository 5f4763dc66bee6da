#include "workflows/expressions/time_limit.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::jq {
namespace {

constexpr std::chrono::milliseconds k_tick{5};
constexpr int k_idle_ticks_before_sleep = 200;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

class Watchdog {
 public:
  static Watchdog& instance() {
    static auto* const watchdog = new Watchdog;  // lives as long as its thread: for ever
    return *watchdog;
  }

  void add(TimeLimit* limit) {
    const std::lock_guard lock(mutex_);
    limits_.push_back(limit);
  }

  void remove(TimeLimit* limit) {
    const std::lock_guard lock(mutex_);
    std::erase(limits_, limit);
  }

  // After a deadline was published. Cheap unless the thread sleeps.
  void wake() {
    if (!asleep_.load()) return;
    const std::lock_guard lock(mutex_);
    asleep_.store(false);
    if (!started_) {
      started_ = true;
      std::thread([this] { run(); }).detach();
    }
    awake_.notify_one();
  }

 private:
  [[noreturn]] void run() {
    std::unique_lock lock(mutex_);
    int idle_ticks = 0;
    for (;;) {
      idle_ticks = look() ? 0 : idle_ticks + 1;
      if (idle_ticks < k_idle_ticks_before_sleep) {
        lock.unlock();
        std::this_thread::sleep_for(k_tick);
        lock.lock();
        continue;
      }
      // A deadline published before this store is seen by look(); one published after it finds us asleep and wakes us.
      asleep_.store(true);
      if (!look()) awake_.wait(lock, [this] { return !asleep_.load(); });
      asleep_.store(false);
      idle_ticks = 0;
    }
  }

  // Stops what is overdue. True when anything is armed.
  bool look() {
    const std::int64_t now = now_ns();
    bool armed = false;
    for (TimeLimit* limit : limits_) {
      const std::int64_t deadline = limit->deadline_ns_.load();
      armed = armed || (deadline > 0 && deadline != TimeLimit::k_never);
      limit->check(now);
    }
    return armed;
  }

  std::mutex mutex_;
  std::condition_variable awake_;
  std::vector<TimeLimit*> limits_;
  bool started_ = false;
  std::atomic<bool> asleep_{true};
};

TimeLimit::TimeLimit(void (*stop)(void*), void* target) : stop_(stop), target_(target) {
  Watchdog::instance().add(this);
}

TimeLimit::~TimeLimit() { Watchdog::instance().remove(this); }

void TimeLimit::arm(std::int64_t limit_ms) {
  constexpr std::int64_t k_longest_ms = 1'000'000'000'000;
  if (limit_ms <= 0) {
    deadline_ns_.store(k_never);
    return;
  }
  deadline_ns_.store(now_ns() + std::min(limit_ms, k_longest_ms) * 1'000'000);
  Watchdog::instance().wake();
}

void TimeLimit::stop_now() {
  std::int64_t state = deadline_ns_.load();
  while (state > 0) {
    if (deadline_ns_.compare_exchange_weak(state, k_stopping)) {
      stop_(target_);
      deadline_ns_.store(k_stopped);
      return;
    }
  }
}

bool TimeLimit::disarm() {
  std::int64_t state = deadline_ns_.load();
  while (state > 0) {
    if (deadline_ns_.compare_exchange_weak(state, k_idle)) return false;
  }
  if (state == k_idle) return false;
  // The watching thread is in stop(), which is short.
  while (deadline_ns_.load() != k_stopped) std::this_thread::yield();
  deadline_ns_.store(k_idle);
  return true;
}

void TimeLimit::check(std::int64_t now) {
  std::int64_t deadline = deadline_ns_.load();
  if (deadline <= 0 || now < deadline) return;
  if (!deadline_ns_.compare_exchange_strong(deadline, k_stopping)) return;
  stop_(target_);
  deadline_ns_.store(k_stopped);
}

}  // namespace cairn::jq
