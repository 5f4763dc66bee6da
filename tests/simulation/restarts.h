#pragma once
// Restart after every step: a random workflow whose outcome does not depend on when things happen, once in one process,
// once in a process that dies after each step that became durable. Both must come to the same states.

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::simulation {

struct RestartComparison {
  std::uint64_t steps = 0;  ///< after each of them it was started again
  std::optional<std::string> violation;
};
RestartComparison compare_restarts(std::uint64_t seed);

}  // namespace cairn::simulation
