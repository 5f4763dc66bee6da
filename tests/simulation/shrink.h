#pragma once
// A smaller world that breaks the same promise: fewer disturbances, fewer starts, fewer steps.

#include "tests/simulation/world.h"

namespace cairn::simulation {

/// Shrinks, then prints what was broken, the end of the trace, and the command that repeats it.
void report_failure(std::uint64_t seed, const Bounds& bounds, const Outcome& outcome);

}  // namespace cairn::simulation
