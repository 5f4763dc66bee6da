#pragma once
// Plan: what the world of one seed is like. Each seed draws its own mixture, so that some worlds are calm and some are not.

#include "tests/simulation/disk.h"
#include "tests/simulation/generator.h"
#include "tests/simulation/outside.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::simulation {

enum class LogKind : std::uint8_t { share, model, real };  ///< share: one seed in sixteen has the real one

/// What of a world may be left out, to find a smaller one that fails the same way.
struct Bounds {
  LogKind log = LogKind::share;
  std::size_t steps = 1'500;
  std::size_t starts = 200;
  bool crashes = true;
  bool commands = true;
  bool clock_jumps = true;
  bool disk_failures = true;
};

/// The disk dies at its `operation`th write, counted from the very first.
struct CrashPoint {
  std::uint64_t operation = 0;
  PowerCut how = PowerCut::keep;
};

struct Plan {
  std::uint64_t seed = 0;
  bool real_log = false;
  std::size_t steps = 0;    ///< of the disturbed part
  std::size_t starts = 0;   ///< runs that people start
  std::size_t at_once = 1;  ///< of them
  std::size_t definitions = 1;
  // Of a thousand:
  std::size_t crash = 0;           ///< between two steps
  std::size_t crash_waiting = 0;   ///< while the engine waits for the log
  std::size_t crash_dispatch = 0;  ///< before an effect goes out
  std::size_t disk_failure = 0;    ///< a write
  std::size_t no_room = 0;         ///< the disk becomes full
  std::size_t command = 0;         ///< what an operator does: a command
  std::size_t clock_jump = 0;      ///< … a jump of the clock
  std::size_t disk_speed = 500;    ///< how often the disk gets its turn
  std::size_t early_ring = 10;
  Shape shape;
  Moods moods;
  std::optional<CrashPoint> crash_point;            ///< of the real log
  std::vector<std::string> definitions_as_written;  ///< instead of random ones: the last are run by others only
};

Plan plan_of(std::uint64_t seed, const Bounds& bounds);

}  // namespace cairn::simulation
