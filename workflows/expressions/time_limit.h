#pragma once
// Wall-clock limits for evaluations that cannot watch the clock themselves.
//
// One thread for the whole process looks at all running evaluations every few milliseconds, and sleeps without end
// while there are none. It starts with the first limit and is never joined: it touches nothing that dies before the
// process.

#include <atomic>
#include <cstdint>
#include <limits>

namespace cairn::jq {

/// A thing that may be stopped from another thread. Used by one thread at a time.
class TimeLimit {
 public:
  /// `stop(target)` must be callable from any thread while armed; it is called at most once for each arm().
  TimeLimit(void (*stop)(void* target), void* target);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  /// From now on `stop` may be called, as soon as `limit_ms` have passed (a few ms late at most); 0: never by the
  /// clock.
  void arm(std::int64_t limit_ms);
  /// Calls `stop` now, unless it was called since arm(). By the thread that armed.
  void stop_now();
  /// `stop` is not called after this returns. True when it was called since arm().
  bool disarm();

 private:
  friend class Watchdog;
  void check(std::int64_t now_ns);  // by the watching thread

  static constexpr std::int64_t k_idle = 0;
  static constexpr std::int64_t k_stopping = -1;
  static constexpr std::int64_t k_stopped = -2;
  static constexpr std::int64_t k_never = std::numeric_limits<std::int64_t>::max();
  std::atomic<std::int64_t> deadline_ns_{k_idle};  // a deadline, or one of the states above
  void (*stop_)(void*);
  void* target_;
};

}  // namespace cairn::jq
