#pragma once
// docs/faults.md and docs/reliability.md, written from what a reference run did.

#include "tests/simulation/crash_points.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::simulation {

struct ReferenceRun {
  std::uint64_t worlds = 0;
  std::uint64_t real_worlds = 0;  ///< of them, with the real log
  Outcome sum;
  CrashPoints points;
  std::uint64_t restarted_workflows = 0;
  std::uint64_t restarts = 0;
  struct Planted {
    std::string name;
    std::uint64_t seed = 0;
  };
  std::vector<Planted> planted;
};

/// Writes both pages into `directory`. False, and said so on stderr, when that fails.
bool write_report(const ReferenceRun& run, const std::string& directory);

}  // namespace cairn::simulation
