// Runs that wait leave memory, and what comes for them finds them; recovery takes on what a log holds.

#include "tests/engine/runtime/waiting_harness.h"

#include <gmock/gmock.h>

#include <chrono>

namespace cairn::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* k_wait = "do:\n  - pause: {wait: {hours: 1}}\n  - end: {set: {woken: true}}\n";
constexpr const char* k_wait_then_call =
    "do:\n  - pause: {wait: {hours: 1}}\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n";
constexpr std::int64_t k_hour = 3'600'000;

TEST_F(WaitingTest, ARunThatWaitsGoesOnWhenItsTimeComes) {
  const std::int64_t first = clock.time;
  const auto run = begin(k_wait);
  EXPECT_EQ(engine->hosted(), 1U) << "it is worked on, in memory or not";
  go_to(first + k_hour - 1);
  EXPECT_FALSE(state(run).ended());
  go_to(first + k_hour);
  EXPECT_EQ(to_json(state(run).output), R"({"woken":true})");
  EXPECT_THAT(log.timers, IsEmpty());
}

TEST_F(WaitingTest, AnObserverHearsOfARunThatLeftMemoryMeanwhile) {
  const auto run = begin(k_wait);
  bool ended = false;
  RunObserver observer;
  observer.on_end = [&ended](const RunState&) { ended = true; };
  const auto watch = engine->observe(run, std::move(observer));
  go_to(clock.time + k_hour);
  EXPECT_TRUE(ended);
}

TEST_F(WaitingTest, RecoveryGoesOnWithWhatIsActiveAndLeavesWhatWaits) {
  const auto waiting = begin(k_wait);
  const auto calling = begin(k_call);
  reopen();
  const auto recovery = recover();
  EXPECT_EQ(recovery.resumed, 1U);
  EXPECT_EQ(engine->hosted(), 1U);
  ASSERT_THAT(outside.calls, SizeIs(1));
  EXPECT_EQ(outside.calls[0]->request.run_id, calling.to_string());
  EXPECT_TRUE(engine->hosts(waiting));
  go_to(clock.time + k_hour);
  EXPECT_TRUE(state(waiting).ended());
}

TEST_F(WaitingTest, ATimerThatWasDueWhileNobodyWorkedFiresOnceAtRecovery) {
  const auto run = begin(k_wait_then_call);
  reopen();
  clock.time += 5 * k_hour;
  recover();
  ring();
  EXPECT_THAT(outside.calls, SizeIs(1));
  ring();
  EXPECT_THAT(outside.calls, SizeIs(1));
  EXPECT_THAT(log.timers, IsEmpty());
  EXPECT_EQ(state(run).effects.size(), 1U);
}

TEST_F(WaitingTest, ASuspendedRunsTimersStandStill) {
  const std::int64_t first = clock.time;
  const auto run = begin(k_wait);
  clock.time += k_hour / 2;
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::suspend, "").has_value());
  EXPECT_THAT(log.timers, IsEmpty());
  go_to(first + 9 * k_hour);
  EXPECT_FALSE(state(run).ended());
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::proceed, "").has_value());
  ASSERT_THAT(log.timers, SizeIs(1));
  EXPECT_EQ(log.timers.begin()->due.ms, first + 9 * k_hour + k_hour / 2);
  go_to(first + 10 * k_hour);
  EXPECT_TRUE(state(run).ended());
}

TEST_F(WaitingTest, AnEndTakesTheTimersAlong) {
  const auto run = begin(k_wait);
  EXPECT_THAT(log.timers, SizeIs(1));
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  EXPECT_THAT(log.timers, IsEmpty());
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(WaitingTest, ACommandForAWaitingRunOfAnEarlierProcessOpensItForThatAlone) {
  const auto run = begin(k_wait);
  reopen();
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::suspend, "").has_value());
  EXPECT_EQ(engine->hosted(), 0U);
  EXPECT_FALSE(engine->hosts(run));
  EXPECT_TRUE(state(run).suspended_at.has_value());
}

TEST_F(WaitingTest, AParentThatLeftMemoryHearsOfItsChildInTheBatchOfItsEnd) {
  StartOptions options;
  options.workflow = definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n");
  options.with = {definition(k_wait, "child")};
  options.input = json("{}");
  const auto parent = engine->start(std::move(options)).value().run;
  turn();
  const auto child = state(parent).children.begin()->first;
  reopen();
  recover();
  EXPECT_EQ(engine->hosted(), 0U) << "both wait";
  hold();
  go_to(clock.time + k_hour);
  ASSERT_THAT(disk.given, SizeIs(1));
  std::vector<RunId> written;
  for (const auto& record : disk.given.front().batch.records) written.push_back(record.run);
  EXPECT_THAT(written, testing::Contains(child));
  EXPECT_THAT(written, testing::Contains(parent));
  disk.held = false;
  disk.sync_all();
  turn();
  EXPECT_TRUE(state(parent).ended());
}

TEST_F(WaitingTest, ManyWaitingParentsStayFewInMemoryAndAllAreFound) {
  constexpr std::size_t k_many = 1'500;
  std::vector<RunId> parents;
  for (std::size_t i = 0; i < k_many; ++i) {
    StartOptions options;
    options.workflow =
        definition("do:\n  - sub: {run: {workflow: {namespace: test, name: caller, version: '1.0.0'}}}\n");
    options.with = {definition(k_call, "caller")};
    options.input = json("{}");
    parents.push_back(engine->start(std::move(options)).value().run);
  }
  turn();
  EXPECT_EQ(engine->hosted(), 2 * k_many);
  for (std::size_t i = 0; i < k_many; ++i) {
    outside.calls.at(i)->observer.done(json("{}"));
    turn();
  }
  for (const auto& parent : parents) EXPECT_TRUE(state(parent).ended());
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(WaitingTest, RecoveryNamesTheRunsWhoseSecretsAreMissing) {
  const auto text = "use: {secrets: [token]}\n" + std::string(k_call);
  StartOptions options;
  options.workflow = definition(text);
  options.input = json("{}");
  options.secrets = json(R"({"token": "x"})");
  const auto run = engine->start(std::move(options)).value().run;
  turn();
  reopen();
  const auto recovery = recover();
  EXPECT_EQ(recovery.resumed, 0U);
  ASSERT_THAT(recovery.refused, SizeIs(1));
  EXPECT_EQ(recovery.refused[0].run, run);
  EXPECT_THAT(recovery.refused[0].error.message, testing::HasSubstr("token"));
  EXPECT_THAT(outside.calls, IsEmpty());
}

TEST_F(WaitingTest, ALoopThatWaitsForEverIsFoldedFromItsSnapshots) {
  const auto run = begin(
      "do:\n  - work: {for: {each: i, in: '${ [range(3000)] }'}, do: [{a: {set: {x: 1}}}]}\n"
      "  - pause: {wait: {hours: 1}}\n  - again: {set: {x: 2}, then: work}\n");
  std::uint64_t behind = 0;
  for (int round = 0; round < 3; ++round) {
    go_to(clock.time + k_hour);
    const auto loaded = load_run(log, run).value();
    behind = std::max(behind, number_of(loaded.state.last) - number_of(loaded.snapshot));
  }
  EXPECT_LT(behind, 4'000U);
  EXPECT_THAT(log.snapshots[run], SizeIs(1));
}

TEST_F(WaitingTest, AfterRecoveryARunKeepsTheSecretsItWasStartedWith) {
  recover();
  StartOptions options;
  options.workflow = definition(
      "do:\n  - pause: {wait: {hours: 1}}\n"
      "  - sub: {run: {workflow: {namespace: test, name: teller, version: '1.0.0'}}}\n");
  options.with = {definition("use: {secrets: [token]}\n" + std::string(k_call), "teller")};
  options.input = json("{}");
  options.secrets = json(R"({"token": "x"})");
  ASSERT_TRUE(engine->start(std::move(options)).has_value());
  turn();
  ASSERT_EQ(engine->hosted(), 0U) << "it has left memory";
  go_to(clock.time + k_hour);
  EXPECT_THAT(outside.calls, SizeIs(1)) << "the child has what its parent was given";
  EXPECT_EQ(engine->hosted(), 2U);
}

TEST_F(WaitingTest, AChildsEndIsRecordedForAParentThatCannotBeWorkedOn) {
  StartOptions options;
  options.workflow = definition(
      "use: {secrets: [token]}\ndo:\n  - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n" +
      std::string("  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"));
  options.with = {definition(k_wait, "child")};
  options.input = json("{}");
  options.secrets = json(R"({"token": "x"})");
  const auto parent = engine->start(std::move(options)).value().run;
  turn();
  reopen();
  recover();  // without the secret
  go_to(clock.time + k_hour);
  EXPECT_THAT(state(parent).children, IsEmpty());
  EXPECT_EQ(state(parent).effects.size(), 1U);
  EXPECT_THAT(outside.calls, IsEmpty());
  ASSERT_TRUE(engine->resume(parent, json(R"({"token": "x"})")).has_value());
  turn();
  EXPECT_THAT(outside.calls, SizeIs(1));
}

TEST(Alarms, ALoopWithoutEndDoesNotKeepItsTimeoutFromFiring) {
  boost::asio::io_context io;
  MemoryLog log;
  Engine engine(io, log, make_direct_committer(log), {}, system_clock(), system_random());
  StartOptions options;
  options.workflow = definition("timeout: {after: {milliseconds: 100}}\ndo:\n  - again: {set: {x: 1}, then: again}\n");
  options.input = json("{}");
  const auto run = engine.start(std::move(options)).value().run;
  // A handler at a time, as long as there are any: without the timeout that is for ever.
  const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (engine.hosted() > 0 && std::chrono::steady_clock::now() < last) io.run_one();
  const auto state = fold_run(log, run).value();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_THAT(state.problem->type, testing::HasSubstr("timeout"));
}

}  // namespace
}  // namespace cairn::tests
