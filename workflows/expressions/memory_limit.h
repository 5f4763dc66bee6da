#pragma once
// How much libjq may take for one evaluation. libjq itself knows no bound: a runaway recursion takes gigabytes before
// its time is over, and values nested deep enough overflow the stack of whoever frees them.

#include <cstdint>

namespace cairn::jq {

struct MemoryLimit {
  std::int64_t bytes;
  std::int64_t blocks;  ///< allocations held: no value nests deeper than it has blocks
};

/// While one of these lives, libjq's memory of this thread is counted: what is held beyond what was held at the start.
class MemoryMeter {
 public:
  /// `stop(target)` is called, on this thread and once, when the limit is passed.
  MemoryMeter(MemoryLimit limit, void (*stop)(void* target), void* target);
  ~MemoryMeter();
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  [[nodiscard]] bool exceeded() const { return exceeded_; }

  void took(void* block);
  void gave(void* block);

 private:
  MemoryLimit left_;
  void (*stop_)(void*);
  void* target_;
  bool exceeded_ = false;
};

}  // namespace cairn::jq
