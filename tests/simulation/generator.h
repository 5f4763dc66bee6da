#pragma once
// Random workflows, as text: they go through the parser, the checks and the compiler like any other. Every task kind that
// runs can appear, inside every other.

#include "engine/runtime/engine.h"
#include "tests/simulation/dice.h"

#include <string>
#include <vector>

namespace cairn::simulation {

/// What the workflows of a world are like.
struct Shape {
  std::size_t tasks = 12;    ///< of one definition, about
  std::size_t depth = 4;     ///< nesting
  bool crowded = false;      ///< forks of many calls
  bool long_loops = false;   ///< thousands of events in a run
  bool listens = false;      ///< tasks that wait for events of people and of other runs
  bool approves = false;     ///< tasks that ask people
  bool only_steady = false;  ///< nothing whose outcome depends on when it happens
};

/// Definitions of one world: those that are started by people first, then those that only others run. Each gets all the
/// others that it may run.
struct GeneratedWorkflows {
  std::vector<DefinitionText> started;
  std::vector<DefinitionText> children;
};
/// The first is started by people, all others are run by it.
GeneratedWorkflows load_workflows(const std::vector<std::string>& texts);
GeneratedWorkflows generate_workflows(Dice dice, const Shape& shape, std::size_t count);

/// The name and the value of the one secret that they use.
inline constexpr const char* k_secret_name = "token";
inline constexpr const char* k_secret = "open-sesame-5f1d";

}  // namespace cairn::simulation
