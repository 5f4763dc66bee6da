#include "tests/simulation/shrink.h"

namespace cairn::simulation {
namespace {

struct Shrunk {
  Bounds bounds;
  Outcome outcome;
};

/// Takes the smaller bounds when a promise is broken there too.
bool try_smaller(std::uint64_t seed, Shrunk& shrunk, const Bounds& smaller) {
  Outcome outcome = World(plan_of(seed, smaller), false).run();
  if (!outcome.violation) return false;
  shrunk = {smaller, std::move(outcome)};
  return true;
}

std::string as_options(const Bounds& bounds) {
  std::string text = fmt::format(" --steps {} --starts {}", bounds.steps, bounds.starts);
  if (bounds.log != LogKind::share) text += bounds.log == LogKind::real ? " --log real" : " --log model";
  if (!bounds.crashes) text += " --without crashes";
  if (!bounds.commands) text += " --without commands";
  if (!bounds.clock_jumps) text += " --without jumps";
  if (!bounds.disk_failures) text += " --without disk-failures";
  return text;
}

}  // namespace

void report_failure(std::uint64_t seed, const Bounds& bounds, const Outcome& outcome) {
  fmt::print("seed {}: {}\nlooking for a smaller world …\n", seed, *outcome.violation);
  Shrunk shrunk{bounds, outcome};
  for (bool Bounds::* part : {&Bounds::disk_failures, &Bounds::clock_jumps, &Bounds::commands, &Bounds::crashes}) {
    Bounds smaller = shrunk.bounds;
    smaller.*part = false;
    try_smaller(seed, shrunk, smaller);
  }
  for (std::size_t Bounds::* size : {&Bounds::starts, &Bounds::steps}) {
    for (std::size_t by = shrunk.bounds.*size / 2; by > 0 && shrunk.bounds.*size > 0;) {
      Bounds smaller = shrunk.bounds;
      smaller.*size -= std::min(by, smaller.*size);
      if (!try_smaller(seed, shrunk, smaller)) by /= 2;
    }
  }
  fmt::print("\n");
  for (const auto& line : shrunk.outcome.last_lines) fmt::print("{}\n", line);
  fmt::print("\nseed {}: {}\nagain: ./dev simulate --seed {}{} --trace\n", seed, *shrunk.outcome.violation, seed,
             as_options(shrunk.bounds));
}

}  // namespace cairn::simulation
