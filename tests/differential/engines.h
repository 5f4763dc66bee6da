#pragma once
// The engines that are compared: ours, both ways in which it evaluates, and libjq 1.6.

#include "tests/differential/outcome.h"

#include <span>
#include <string>
#include <vector>

namespace cairn::differential {

struct Evaluation {
  std::string program;
  Value input;
};

/// By Engine::both; divided when Engine::machine does anything else.
Outcome run_ours(const Evaluation& evaluation);

/// Each by libjq. All programs are compiled at once, as a compilation takes 15 ms; every evaluation has a process of
/// its own, because libjq 1.6 aborts on some inputs and cannot be stopped.
std::vector<Outcome> run_libjq(std::span<const Evaluation> evaluations);

}  // namespace cairn::differential
