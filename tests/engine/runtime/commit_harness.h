#pragma once
// An Engine with a log in memory behind a disk that the test holds in its hand.

#include "tests/engine/runtime/held_committer.h"
#include "tests/engine/runtime/service_harness.h"

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn::tests {

inline DefinitionText definition(const std::string& tasks, const std::string& name = "committed") {
  DefinitionText text;
  text.text = definition_text(tasks, name);
  auto loaded = load_definition(text.text);
  EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text.text, name);
  text.program = loaded.program;
  return text;
}

inline constexpr const char* k_pure = "do:\n  - a: {set: {x: 1}}\n";
inline constexpr const char* k_call = "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n";
inline constexpr const char* k_two_calls =
    "do:\n  - one: {call: http, with: {method: get, endpoint: 'http://x.test/1'}}\n"
    "  - two: {call: http, with: {method: get, endpoint: 'http://x.test/2'}}\n";

/// Batches that may be on their way to the disk at once.
inline constexpr std::size_t k_on_their_way = 32;

class CommitTest : public testing::Test {
 protected:
  CommitTest() { open(); }

  void open() {
    engine =
        std::make_unique<Engine>(io, log, std::make_unique<HeldCommitter>(disk), outside.connectors(), clock, random);
  }

  using Answers = std::vector<Result<Started>>;
  /// Starts without waiting. Definitions are stored at once, so that only runs are held back.
  std::shared_ptr<Answers> start(const std::string& tasks, const std::string& key = {}, Value input = json("{}")) {
    auto answers = std::make_shared<Answers>();
    StartOptions options;
    options.workflow = definition(tasks);
    options.key = key;
    options.input = std::move(input);
    const bool held = std::exchange(disk.held, false);
    if (known.insert(tasks).second) {
      StartOptions first;
      first.workflow = options.workflow;
      first.input = json("{}");
      EXPECT_TRUE(engine->start(std::move(first)).has_value());
      turn();
    }
    disk.held = held;
    engine->start(std::move(options), [answers](const Result<Started>& answer) { answers->push_back(answer); });
    turn();
    return answers;
  }
  RunId started(const std::string& tasks) {
    const auto answers = start(tasks);
    EXPECT_EQ(answers->size(), 1U);
    return answers->at(0).value().run;
  }
  void turn() {
    io.restart();
    io.poll();
  }
  void hold() { disk.held = true; }
  void sync_one() {
    disk.sync_one();
    turn();
  }
  static Error broken() { return make_error(ErrorCode::io, "the disk is gone"); }

  boost::asio::io_context io;
  MemoryLog log;
  HeldDisk disk{log, {}, false, {}, {}};
  HandClock clock;
  SeededRandom random;
  Outside outside;
  std::set<std::string> known;
  std::unique_ptr<Engine> engine;
};

}  // namespace cairn::tests
