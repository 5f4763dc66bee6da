#pragma once
// The command line of cairn_simulate.

#include "tests/simulation/plan.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::simulation {

struct Options {
  enum class Task : std::uint8_t { worlds, replay, crash_points, restarts, report };
  Task task = Task::worlds;
  std::uint64_t from = 1;
  std::uint64_t count = 100;
  std::uint64_t stride = 1;  ///< of crash points
  bool trace = false;
  bool hashes = false;
  bool twice = false;
  std::string seeds_file;
  std::string directory;  ///< of the report
  Bounds bounds;
};

/// Ends the program, with the usage, when the words are wrong or ask for help.
Options options_of(const std::vector<std::string_view>& words);

/// A line "NAME SEED" of a file of kept seeds.
struct KeptSeed {
  std::string name;
  std::uint64_t seed = 0;
};
std::vector<KeptSeed> read_seeds(const std::string& file);

}  // namespace cairn::simulation
