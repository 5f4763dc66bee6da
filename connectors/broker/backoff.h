#pragma once
// Backoff: how long a thread waits before it tries again. Another thread may end the waiting.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace cairn {

class Backoff {
 public:
  /// Longer each time, up to half a minute; returns at once when it is stopped.
  void wait() {
    std::unique_lock lock(mutex_);
    stop_.wait_for(lock, delay_, [this] { return stopped_.load(); });
    delay_ = std::min(delay_ * 2, k_longest);
  }
  /// What was tried has gone well.
  void reset() { delay_ = k_first; }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stop_.notify_all();
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  static constexpr std::chrono::milliseconds k_first{100};
  static constexpr std::chrono::milliseconds k_longest{30'000};
  std::mutex mutex_;
  std::condition_variable stop_;
  std::atomic<bool> stopped_ = false;
  std::chrono::milliseconds delay_ = k_first;
};

}  // namespace cairn
