// cairn_differential: random programs in our engine and in libjq 1.6. What differs is made as small as it can be, and
// must then be in differences.md; else it is printed with the command that repeats it, and the exit code is 1.
//
//   --seed N       where to begin; each batch has a seed of its own, counted up from it
//   --batches N    how many, or
//   --seconds N    for how long
//   --verbose      say which known differences were met, and how often
//   --print        print programs and inputs (JSON, a line each) instead of running them

#include "tests/differential/engines.h"
#include "tests/differential/generator.h"
#include "tests/differential/known.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <tuple>

namespace cairn::differential {
namespace {

constexpr std::size_t k_programs = 48;  // of a batch
constexpr std::size_t k_inputs = 3;     // of a program

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t batches = 0;
  double seconds = 0;
  bool verbose = false;
  bool print = false;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    if (is("--verbose")) {
      options.verbose = true;
    } else if (is("--print")) {
      options.print = true;
    } else if (i + 1 < argc && is("--seed")) {
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && is("--batches")) {
      options.batches = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && is("--seconds")) {
      options.seconds = std::strtod(argv[++i], nullptr);
    } else {
      fmt::print(stderr, "cairn_differential: {}? Options: --seed N, --batches N, --seconds N, --verbose, --print\n",
                 argv[i]);
      std::exit(2);
    }
  }
  if (options.batches == 0 && options.seconds == 0) options.batches = 1;
  return options;
}

/// A generated program and one of its inputs.
struct Candidate {
  Term program;
  Value input;
};

class Hunt {
 public:
  explicit Hunt(const Options& options)
      : options_(options), known_(CAIRN_SOURCE_DIR "/tests/differential/differences.md") {}

  int run() {
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    for (std::uint64_t at = 0; options_.seconds > 0 ? elapsed() < options_.seconds : at < options_.batches; ++at)
      batch(options_.seed + at);
    if (options_.print) return 0;
    std::uint64_t differences = 0;
    for (const auto& [name, count] : met_) {
      differences += count;
      if (options_.verbose) fmt::print("{:8}  {}\n", count, name);
    }
    fmt::print(
        "{} programs, {} evaluations ({:.0f} a second), {} without an answer, {} known differences, {} unknown\n",
        programs_, evaluations_, static_cast<double>(evaluations_) / elapsed(), untold_, differences, unknown_);
    return unknown_ > 0 ? 1 : 0;
  }

 private:
  void batch(std::uint64_t seed) {
    Generator generator(seed);
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < k_programs; ++i) {
      const Term program = generator.program();
      for (std::size_t j = 0; j < k_inputs; ++j) candidates.push_back({program, generator.input()});
    }
    if (options_.print) {
      for (const auto& one : candidates)
        fmt::print("{}\n", to_json(Value::array({Value::string(one.program.text()), one.input})));
      return;
    }
    programs_ += k_programs;
    const auto found = differing(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (!found[i]) continue;
      judge(candidates[i], *found[i], seed);
      i += k_inputs - 1 - i % k_inputs;  // one difference of a program is enough
    }
  }

  /// By candidate: how the engines differ, if they do.
  std::vector<std::optional<Difference>> differing(const std::vector<Candidate>& candidates) {
    std::vector<Evaluation> evaluations;
    evaluations.reserve(candidates.size());
    for (const auto& one : candidates) evaluations.push_back({one.program.text(), one.input});
    const auto theirs = run_libjq(evaluations);
    std::vector<std::optional<Difference>> all;
    for (std::size_t i = 0; i < evaluations.size(); ++i) {
      const Outcome ours = run_ours(evaluations[i]);
      ++evaluations_;
      if (ours.end == Outcome::End::gave_up || theirs[i].end == Outcome::End::gave_up) ++untold_;
      all.emplace_back();
      if (!agree(ours, theirs[i]))
        all.back() = Difference{evaluations[i].program, to_json(evaluations[i].input), ours, theirs[i]};
    }
    return all;
  }

  /// Makes the candidate smaller as long as it differs, by steps that no entry of the list explains if there are any.
  void judge(Candidate candidate, Difference difference, std::uint64_t seed) {
    std::string name = known_.name_of(difference);
    while (name.empty()) {
      std::vector<Candidate> smaller;
      for (auto& program : simpler(candidate.program)) smaller.push_back({std::move(program), candidate.input});
      for (const auto& input : simpler(candidate.input)) smaller.push_back({candidate.program, input});
      std::ranges::sort(smaller, {}, [](const Candidate& one) {
        const std::string text = one.program.text();
        return std::tuple(text.size(), text, to_json(one.input).size());
      });
      constexpr std::size_t at_once = 64;
      bool advanced = false;
      for (std::size_t begin = 0; begin < smaller.size() && !advanced; begin += at_once) {
        const std::vector<Candidate> some(
            smaller.begin() + static_cast<std::ptrdiff_t>(begin),
            smaller.begin() + static_cast<std::ptrdiff_t>(std::min(begin + at_once, smaller.size())));
        const auto found = differing(some);
        for (std::size_t i = 0; i < some.size() && !advanced; ++i) {
          if (!found[i]) continue;
          const std::string explained = known_.name_of(*found[i]);
          if (explained.empty()) {
            candidate = some[i];
            difference = *found[i];
            advanced = true;
          } else if (name.empty()) {
            name = explained;
          }
        }
      }
      if (advanced) {
        name.clear();
      } else if (name.empty()) {
        ++unknown_;
        fmt::print(
            "differs: {}\n  input   {}\n  ours    {}\n  libjq   {}\n  seed {}: cairn_differential --seed {} --batches "
            "1\n",
            difference.program, difference.input, difference.ours.text(), difference.theirs.text(), seed, seed);
        std::fflush(stdout);
        return;
      }
    }
    ++met_[name];
  }

  static std::vector<Value> simpler(const Value& value) {
    std::vector<Value> all;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.as_array().size(); ++i) {
        all.push_back(value.as_array()[i]);
        Array less = value.as_array();
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
        all.push_back(Value::array(std::move(less)));
        for (auto& inner : simpler(value.as_array()[i])) {
          Array changed = value.as_array();
          changed[i] = std::move(inner);
          all.push_back(Value::array(std::move(changed)));
        }
      }
    } else if (value.is_object()) {
      for (const auto& [name, member] : value.as_object()) {
        all.push_back(member);
        all.push_back(value.without(name));
        for (auto& inner : simpler(member)) all.push_back(value.with(name, std::move(inner)));
      }
    } else if (!value.is_null()) {
      all.emplace_back();
    }
    return all;
  }
  static std::vector<Term> simpler(const Term& term) { return differential::simpler(term); }

  const Options options_;
  const KnownDifferences known_;
  std::uint64_t programs_ = 0;
  std::uint64_t evaluations_ = 0;
  std::uint64_t untold_ = 0;
  std::uint64_t unknown_ = 0;
  std::map<std::string, std::uint64_t> met_;
};

}  // namespace
}  // namespace cairn::differential

int main(int argc, char** argv) {
  return cairn::differential::Hunt(cairn::differential::read_options(argc, argv)).run();
}
