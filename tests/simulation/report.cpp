#include "tests/simulation/report.h"

#include <fstream>

namespace cairn::simulation {
namespace {

/// 1234567 → "1,234,567"
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string faults_page(const ReferenceRun& run) {
  std::string page = fmt::format(
      R"(# Faults that are injected

`./dev simulate` runs the whole engine in one thread under one seed, in a world that is disturbed: its clock, its disk, the
services behind its effects, its operators, and the moments at which the process dies all come from the seed. This page is
written by `./dev simulate --report`, from the reference run of [reliability.md](reliability.md).

| fault | what it is | times |
| --- | --- | ---: |
)");
  for (std::size_t i = 0; i < k_faults; ++i) {
    const std::uint64_t times = run.sum.faults.of(i) + run.points.faults.of(i);
    page += fmt::format("| `{}` | {} | {} |\n", k_fault_texts.at(i).name, k_fault_texts.at(i).meaning, grouped(times));
  }
  page += R"(
Byte for byte damage of files that are at rest (flipped bits, cut, swapped and removed records) is not injected here: the tests
of `engine/log` do that to every byte of a small log. Kills of the real binary are in `tests/crash`.
)";
  return page;
}

std::string reliability_page(const ReferenceRun& run) {
  std::string page = fmt::format(
      R"(# What was tried

Written by `./dev simulate --report`; the figures are those of this commit, and the same on every machine.

| tried | times |
| --- | ---: |
| worlds, each under a seed of its own | {} |
| … of them on the real log, with a simulated disk under it | {} |
| runs | {} |
| events, each decided again and folded apart from the engine | {} |
| effects sent out | {} |
| crashes, each followed by a restart on what was durable | {} |
| crash points: each operation of the disk in five scenarios × unsynced bytes kept, dropped, torn | {} |
| workflows that were restarted after every step, and came to the state of an undisturbed run | {} |
| … restarts | {} |
| promises broken | 0 |

What is held against the promises of [guarantees.md](guarantees.md), in every world:

- Starts, commands, observers, conflicts: nothing is told before it is durable, and all that was told is there after a crash.
- Every record is decided again from its stimulus, and folded apart; the index, the snapshots, the index of timers and what
  the log folds to at any event agree with that.
- An effect goes out only when its schedule is durable and its result is not, once a process; an at-most-once one only once;
  its result is the answer that was given to it, recorded once. Never more than the limit are under way, and none waits for
  a place while there is one.
- A key starts one run. A child begins exactly when its parent's record says so, and is heard of as it ended.
- A timer fires once, not early, and not late while a process works on its run; not at all while the run is suspended.
- An approval takes one answer: what was acknowledged is what the log says, before and after crashes; while it is open and not late it takes its answer; a token with one letter changed opens nothing.
- No record holds the secret. Whenever it is quiet, every run waits for something that will come; given time, all end.

## Bugs planted on purpose

`./dev simulate --planted` plants each of these in a copy of the sources. The first seed that finds it is kept, and the
quick tests replay all of them on the sound code.

| bug | found by seed |
| --- | ---: |
)",
      grouped(run.worlds), grouped(run.real_worlds), grouped(run.sum.runs), grouped(run.sum.events),
      grouped(run.sum.effects), grouped(run.sum.crashes + run.points.points), grouped(run.points.points),
      grouped(run.restarted_workflows), grouped(run.restarts));
  for (const auto& [name, seed] : run.planted) {
    std::string words = name;
    for (char& c : words) {
      if (c == '-') c = ' ';
    }
    page += fmt::format("| {} | {} |\n", words, seed);
  }
  return page;
}

bool write_page(const std::string& name, const std::string& text) {
  std::ofstream file(name);
  file << text;
  file.close();
  if (file) return true;
  fmt::print(stderr, "cairn_simulate: '{}' cannot be written\n", name);
  return false;
}

}  // namespace

bool write_report(const ReferenceRun& run, const std::string& directory) {
  return write_page(directory + "/faults.md", faults_page(run)) &&
         write_page(directory + "/reliability.md", reliability_page(run));
}

}  // namespace cairn::simulation
