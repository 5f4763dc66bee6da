#pragma once
// An Engine whose alarm rings when the test says so.

#include "tests/engine/runtime/commit_harness.h"

#include <memory>
#include <string>
#include <utility>

namespace cairn::tests {

/// Rings when the test says so.
class HandAlarm final : public Alarm {
 public:
  struct Hand {
    std::function<void()> ring;
    Timestamp due;
  };
  explicit HandAlarm(Hand& hand) : hand_(hand) {}
  void set(Timestamp due, std::function<void()> ring) override { hand_ = {std::move(ring), due}; }
  void cancel() override { hand_.ring = nullptr; }

 private:
  Hand& hand_;
};

class WaitingTest : public CommitTest {
 protected:
  WaitingTest() { reopen(); }
  /// The process ends and another one opens the log.
  void reopen() {
    engine.reset();
    outside.calls.clear();
    engine = std::make_unique<Engine>(io, log, std::make_unique<HeldCommitter>(disk), outside.connectors(), clock,
                                      random, std::make_unique<HandAlarm>(alarm));
  }
  Recovery recover() {
    Recovery last;
    engine->recover(json("{}"), [&last](const Recovery& now) { last = now; });
    turn();
    EXPECT_TRUE(last.done);
    return last;
  }
  RunId begin(const std::string& tasks) { return begin(definition(tasks)); }
  RunId begin(DefinitionText workflow, Value input = json("{}")) {
    StartOptions options;
    options.workflow = std::move(workflow);
    options.input = std::move(input);
    const auto run = engine->start(std::move(options)).value().run;
    turn();
    return run;
  }
  void go_to(std::int64_t time) {
    clock.time = time;
    ring();
  }
  void ring() {
    if (auto bell = std::exchange(alarm.ring, nullptr)) bell();
    turn();
  }
  RunState state(const RunId& run) { return fold_run(log, run).value(); }

  HandAlarm::Hand alarm;
};

}  // namespace cairn::tests
