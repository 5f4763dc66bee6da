#pragma once
// What a run may not have inside the machine and the host needs: time and randomness, through interfaces, so that the
// whole engine can run under one seed.

#include "workflows/core/time.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

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

/// Wakes its owner, on the owner's thread. Destroying it cancels.
class Alarm {
 public:
  virtual ~Alarm() = default;
  /// Calls `ring` once when the clock has come to `due`, or earlier: whoever is woken looks at the clock, and sets the
  /// alarm again. Never before this returns. What was set before is cancelled.
  virtual void set(Timestamp due, std::function<void()> ring) = 0;
  virtual void cancel() = 0;
};

/// The operating system's. Thread-safe; live for ever.
Clock& system_clock();
Random& system_random();
/// Rings on the thread that runs `io`. Looks at `clock` once a second, so that a jump of it is noticed. Borrows both.
std::unique_ptr<Alarm> make_alarm(boost::asio::io_context& io, const Clock& clock);

}  // namespace cairn
