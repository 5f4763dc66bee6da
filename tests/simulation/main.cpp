// cairn_simulate: worlds by seed. `./dev simulate --help`.

#include "tests/simulation/crash_points.h"
#include "tests/simulation/restarts.h"
#include "tests/simulation/shrink.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::simulation {
namespace {

constexpr std::string_view k_usage = R"(usage: cairn_simulate [--seeds N] [--from S] [--seed S] [OPTION...]

  --seeds N       so many worlds (100), from --from S (1) on
  --seed S        one world
  --trace         print what happens
  --log KIND      model, real, or share: one seed in sixteen has the real one (share)
  --steps N       disturb each world for at most N steps
  --starts N      people start at most N runs
  --without WHAT  leave out: crashes, commands, jumps, disk-failures
  --twice         each world twice: the traces must be the same
  --replay FILE   the worlds of the seeds in FILE, a name and a seed on each line
  --crash-points [STRIDE]
                  fixed scenarios on the real log, with a power cut at each operation of the disk (or one in STRIDE)
  --restarts N [FROM]
                  N workflows, each once in one process and once with a restart after every step
  --hashes        print the hash of each trace
)";

struct Options {
  std::uint64_t from = 1;
  std::uint64_t count = 100;
  bool trace = false;
  bool hashes = false;
  bool twice = false;
  Bounds bounds;
};

[[noreturn]] void refuse(const std::string& why) {
  fmt::print(stderr, "cairn_simulate: {}\n{}", why, k_usage);
  std::exit(2);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse(fmt::format("'{}' is no number", text));
  return value;
}

void leave_out(Bounds& bounds, std::string_view what) {
  if (what == "crashes")
    bounds.crashes = false;
  else if (what == "commands")
    bounds.commands = false;
  else if (what == "jumps")
    bounds.clock_jumps = false;
  else if (what == "disk-failures")
    bounds.disk_failures = false;
  else
    refuse(fmt::format("there is no '{}' to leave out", what));
}

Options options_of(const std::vector<std::string_view>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const auto next = [&] {
      if (++i == words.size()) refuse(fmt::format("{} needs something behind it", word));
      return words[i];
    };
    if (word == "--seeds")
      options.count = number(next());
    else if (word == "--from")
      options.from = number(next());
    else if (word == "--seed")
      options.from = number(next()), options.count = 1;
    else if (word == "--trace")
      options.trace = true;
    else if (word == "--hashes")
      options.hashes = true;
    else if (word == "--twice")
      options.twice = true;
    else if (word == "--steps")
      options.bounds.steps = number(next());
    else if (word == "--starts")
      options.bounds.starts = number(next());
    else if (word == "--without")
      leave_out(options.bounds, next());
    else if (word == "--log") {
      const auto kind = next();
      options.bounds.log = kind == "model" ? LogKind::model : kind == "real" ? LogKind::real : LogKind::share;
    } else
      refuse(fmt::format("what is '{}'?", word));
  }
  return options;
}

volatile std::uint64_t seed_at_work = 0;

/// An assertion of the engine has failed: the seed is what repeats it.
void on_abort(int /*signal*/) {
  char text[] = "\nthe seed was                     \n";
  char* digit = text + sizeof(text) - 3;
  for (std::uint64_t seed = seed_at_work; seed > 0; seed /= 10) *digit-- = static_cast<char>('0' + seed % 10);
  static_cast<void>(::write(2, text, sizeof(text) - 1));
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

int crash_points(std::uint64_t stride) {
  const auto all = try_crash_points(stride);
  if (all.violation) {
    fmt::print("{}\n", *all.violation);
    return 1;
  }
  fmt::print("{} crash points; every promise was kept\n", all.points);
  return 0;
}

int restarts(std::uint64_t count, std::uint64_t from) {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    seed_at_work = seed;
    const auto compared = compare_restarts(seed);
    steps += compared.steps;
    if (!compared.violation) continue;
    fmt::print("seed {}: {}\nagain: ./dev simulate --restarts 1 {}\n", seed, *compared.violation, seed);
    return 1;
  }
  fmt::print("{} workflows, {} restarts; all came to the same states\n", count, steps);
  return 0;
}

int replay(const std::string& file) {
  std::ifstream lines(file);
  if (!lines) refuse(fmt::format("'{}' cannot be read", file));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto blank = line.find(' ');
    if (blank == std::string::npos) refuse(fmt::format("'{}' is no name and seed", line));
    Options one;
    one.from = number(std::string_view(line).substr(blank + 1));
    seed_at_work = one.from;
    const Outcome outcome = World(plan_of(one.from, one.bounds), false).run();
    ++count;
    if (!outcome.violation) continue;
    report_failure(one.from, one.bounds, outcome);
    return 1;
  }
  fmt::print("{} worlds; every promise was kept\n", count);
  return 0;
}

int simulate(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t runs = 0, events = 0, effects = 0, crashes = 0;
  for (std::uint64_t seed = options.from; seed < options.from + options.count; ++seed) {
    seed_at_work = seed;
    const Outcome outcome = World(plan_of(seed, options.bounds), options.trace).run();
    if (options.hashes) fmt::print("{} {:016x}\n", seed, outcome.trace_hash);
    runs += outcome.runs;
    events += outcome.events;
    effects += outcome.effects;
    crashes += outcome.crashes;
    if (options.twice) {
      const Outcome again = World(plan_of(seed, options.bounds), options.trace).run();
      if (again.trace_hash != outcome.trace_hash) {
        fmt::print("seed {}: two traces, {:016x} and {:016x}\n", seed, outcome.trace_hash, again.trace_hash);
        return 1;
      }
    }
    if (!outcome.violation) continue;
    report_failure(seed, options.bounds, outcome);
    return 1;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{} worlds in {:.1f} s: {} runs, {} events, {} effects, {} crashes; every promise was kept\n",
             options.count, seconds, runs, events, effects, crashes);
  return 0;
}

}  // namespace
}  // namespace cairn::simulation

int main(int argc, char** argv) {
  using namespace cairn::simulation;
  std::signal(SIGABRT, on_abort);
  spdlog::set_level(spdlog::level::off);  // a world has its trace
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  for (const auto word : words) {
    if (word != "--help" && word != "-h") continue;
    fmt::print("{}", k_usage);
    return 0;
  }
  if (!words.empty() && words[0] == "--crash-points") return crash_points(words.size() > 1 ? number(words[1]) : 1);
  if (words.size() >= 2 && words[0] == "--restarts") {
    return restarts(number(words[1]), words.size() > 2 ? number(words[2]) : 1);
  }
  if (words.size() == 2 && words[0] == "--replay") return replay(std::string(words[1]));
  return simulate(options_of(words));
}
