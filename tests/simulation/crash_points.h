#pragma once
// Every crash point: fixed scenarios on the real log, each played once for every operation of its disk and every way of a
// power cut, with the disk dying right there.

#include "tests/simulation/world.h"

namespace cairn::simulation {

struct CrashPoints {
  std::uint64_t points = 0;
  std::optional<std::string> violation;  ///< with scenario, operation and way
  FaultCounts faults;
};
/// One operation in `stride` (1: all).
CrashPoints try_crash_points(std::uint64_t stride);

}  // namespace cairn::simulation
