// cairn_simulate: worlds by seed. `./dev simulate --help`.

#include "tests/simulation/crash_points.h"
#include "tests/simulation/options.h"
#include "tests/simulation/report.h"
#include "tests/simulation/restarts.h"
#include "tests/simulation/shrink.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::simulation {
namespace {

// What the reference run of the report does.
constexpr std::uint64_t k_reference_worlds = 10'000;
constexpr std::uint64_t k_reference_restarts = 5'000;

volatile std::uint64_t seed_at_work = 0;

/// An assertion of the engine has failed: the seed is what repeats it.
void on_abort(int /*signal*/) {
  char text[] = "\nthe seed was                     \n";
  char* digit = text + sizeof(text) - 3;
  for (std::uint64_t seed = seed_at_work; seed > 0; seed /= 10) *digit-- = static_cast<char>('0' + seed % 10);
  static_cast<void>(::write(STDERR_FILENO, text, sizeof(text) - 1));
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void add(Outcome& sum, const Outcome& outcome) {
  sum.runs += outcome.runs;
  sum.events += outcome.events;
  sum.effects += outcome.effects;
  sum.crashes += outcome.crashes;
  sum.faults.add(outcome.faults);
}

/// One world of a seed; false, and everything about it printed, when a promise was broken.
bool world(std::uint64_t seed, const Options& options, Outcome& sum) {
  seed_at_work = seed;
  const Outcome outcome = World(plan_of(seed, options.bounds), options.trace).run();
  if (options.hashes) fmt::print("{} {:016x}\n", seed, outcome.trace_hash);
  if (options.twice) {
    const Outcome again = World(plan_of(seed, options.bounds), options.trace).run();
    if (again.trace_hash != outcome.trace_hash) {
      fmt::print("seed {}: two traces, {:016x} and {:016x}\n", seed, outcome.trace_hash, again.trace_hash);
      return false;
    }
  }
  add(sum, outcome);
  if (!outcome.violation) return true;
  report_failure(seed, options.bounds, outcome);
  return false;
}

bool worlds(const Options& options, Outcome& sum) {
  for (std::uint64_t seed = options.from; seed < options.from + options.count; ++seed) {
    if (!world(seed, options, sum)) return false;
  }
  return true;
}

bool replay(const Options& options) {
  Outcome sum;
  const auto seeds = read_seeds(options.seeds_file);
  for (const auto& [name, seed] : seeds) {
    if (world(seed, options, sum)) continue;
    fmt::print("the seed was kept for: {}\n", name);
    return false;
  }
  fmt::print("{} kept seeds; every promise was kept\n", seeds.size());
  return true;
}

bool crash_points(std::uint64_t stride, CrashPoints& all) {
  all = try_crash_points(stride);
  if (all.violation) {
    fmt::print("{}\n", *all.violation);
    return false;
  }
  fmt::print("{} crash points; every promise was kept\n", all.points);
  return true;
}

bool restarts(std::uint64_t from, std::uint64_t count, std::uint64_t& restarts) {
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    seed_at_work = seed;
    const auto compared = compare_restarts(seed);
    restarts += compared.steps;
    if (!compared.violation) continue;
    fmt::print("seed {}: {}\nagain: ./dev simulate --restarts --seed {}\n", seed, *compared.violation, seed);
    return false;
  }
  fmt::print("{} workflows, {} restarts; all came to the same states\n", count, restarts);
  return true;
}

bool report(const Options& options) {
  ReferenceRun run;
  Options reference;
  reference.count = run.worlds = k_reference_worlds;
  for (std::uint64_t seed = 1; seed <= run.worlds; ++seed) run.real_worlds += plan_of(seed, {}).real_log ? 1 : 0;
  run.restarted_workflows = k_reference_restarts;
  for (const auto& [name, seed] : read_seeds(options.seeds_file)) run.planted.push_back({name, seed});
  return worlds(reference, run.sum) && crash_points(1, run.points) &&
         restarts(1, run.restarted_workflows, run.restarts) && write_report(run, options.directory);
}

bool do_task(const Options& options) {
  switch (options.task) {
    case Options::Task::replay: return replay(options);
    case Options::Task::report: return report(options);
    case Options::Task::crash_points: {
      CrashPoints all;
      return crash_points(options.stride, all);
    }
    case Options::Task::restarts: {
      std::uint64_t count = 0;
      return restarts(options.from, options.count, count);
    }
    case Options::Task::worlds: break;
  }
  const auto began = std::chrono::steady_clock::now();
  Outcome sum;
  if (!worlds(options, sum)) return false;
  fmt::print("{} worlds in {:.1f} s: {} runs, {} events, {} effects, {} crashes; every promise was kept\n",
             options.count, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), sum.runs,
             sum.events, sum.effects, sum.crashes);
  return true;
}

}  // namespace
}  // namespace cairn::simulation

int main(int argc, char** argv) {
  using namespace cairn::simulation;
  std::signal(SIGABRT, on_abort);
  spdlog::set_level(spdlog::level::off);  // a world has its trace
  return do_task(options_of(std::vector<std::string_view>(argv + 1, argv + argc))) ? EXIT_SUCCESS : EXIT_FAILURE;
}
