#pragma once
// What a run may not have inside the machine and the host needs: time and randomness, through interfaces, so that the
// whole engine can run under one seed.

#include "workflows/core/time.h"

#include <cstdint>

namespace cairn {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall-clock time; may jump in both directions.
  [[nodiscard]] virtual Timestamp now() const = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

/// The operating system's. Thread-safe; live for ever.
Clock& system_clock();
Random& system_random();

}  // namespace cairn
