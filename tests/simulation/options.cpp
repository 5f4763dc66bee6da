#include "tests/simulation/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <fstream>

namespace cairn::simulation {
namespace {

constexpr std::string_view k_usage = R"(usage: cairn_simulate [OPTION...]

  --seeds N            so many worlds (100), from --from S (1) on
  --seed S             one world
  --trace              print what happens
  --log KIND           model, real, or share: one seed in sixteen has the real one (share)
  --steps N            disturb each world for at most N steps
  --starts N           people start at most N runs
  --without WHAT       leave out: crashes, commands, jumps, disk-failures
  --twice              each world twice: the traces must be the same
  --hashes             print the hash of each trace

  --replay FILE        the worlds of the seeds in FILE, a name and a seed on each line
  --crash-points       fixed scenarios on the real log, with a power cut at each operation of the disk
      --stride N       at one operation in N
  --restarts           workflows (--seeds, --from), each once in one process and once with a restart after every step
  --report DIR FILE    all of that, and docs/faults.md and docs/reliability.md into DIR; FILE as for --replay

./dev simulate --planted [NAME...] plants bugs, and shows which seeds find them; ./dev simulate --report writes the docs.
)";

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

bool& part_called(Bounds& bounds, std::string_view what) {
  if (what == "crashes") return bounds.crashes;
  if (what == "commands") return bounds.commands;
  if (what == "jumps") return bounds.clock_jumps;
  if (what == "disk-failures") return bounds.disk_failures;
  refuse(fmt::format("there is no '{}' to leave out", what));
}

LogKind log_called(std::string_view kind) {
  if (kind == "model") return LogKind::model;
  if (kind == "real") return LogKind::real;
  if (kind == "share") return LogKind::share;
  refuse(fmt::format("there is no log '{}'", kind));
}

}  // namespace

Options options_of(const std::vector<std::string_view>& words) {
  using Task = Options::Task;
  Options options;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const auto is = [&](std::string_view name) { return *word == name; };
    const auto next = [&] {
      const auto asked = *word;
      if (++word == words.end()) refuse(fmt::format("{} needs something behind it", asked));
      return *word;
    };
    if (is("--help") || is("-h")) {
      fmt::print("{}", k_usage);
      std::exit(0);
    }
    if (is("--seeds")) {
      options.count = number(next());
    } else if (is("--from")) {
      options.from = number(next());
    } else if (is("--seed")) {
      options.from = number(next());
      options.count = 1;
    } else if (is("--trace")) {
      options.trace = true;
    } else if (is("--hashes")) {
      options.hashes = true;
    } else if (is("--twice")) {
      options.twice = true;
    } else if (is("--log")) {
      options.bounds.log = log_called(next());
    } else if (is("--steps")) {
      options.bounds.steps = number(next());
    } else if (is("--starts")) {
      options.bounds.starts = number(next());
    } else if (is("--without")) {
      part_called(options.bounds, next()) = false;
    } else if (is("--replay")) {
      options.task = Task::replay;
      options.seeds_file = next();
    } else if (is("--crash-points")) {
      options.task = Task::crash_points;
    } else if (is("--stride")) {
      options.stride = std::max<std::uint64_t>(1, number(next()));
    } else if (is("--restarts")) {
      options.task = Task::restarts;
    } else if (is("--report")) {
      options.task = Task::report;
      options.directory = next();
      options.seeds_file = next();
    } else {
      refuse(fmt::format("what is '{}'?", *word));
    }
  }
  return options;
}

std::vector<KeptSeed> read_seeds(const std::string& file) {
  std::ifstream lines(file);
  if (!lines) refuse(fmt::format("'{}' cannot be read", file));
  std::vector<KeptSeed> seeds;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto blank = line.find(' ');
    if (blank == std::string::npos) refuse(fmt::format("'{}' is no name and seed", line));
    seeds.push_back({line.substr(0, blank), number(std::string_view(line).substr(blank + 1))});
  }
  return seeds;
}

}  // namespace cairn::simulation
