#include "tests/engine/machine/driver.h"

namespace cairn::tests {
namespace {

TEST(Flow, TenSetTasksAreOneStepOfTwentyTwoEvents) {
  std::string tasks = "do:\n";
  for (int i = 0; i < 10; ++i) tasks += "  - s" + std::to_string(i) + ": {set: {n: " + std::to_string(i) + "}}\n";
  Driver run(tasks);
  const auto decision = run.start();
  EXPECT_EQ(decision.events.size(), 22U);
  EXPECT_EQ(run.output(), R"({"n":9})");
}

TEST(Flow, ASkippedTaskIgnoresItsThenAndHandsItsInputOn) {
  Driver run(
      "do:\n  - a: {set: {x: 1}}\n  - b: {if: '.x == 2', set: {x: 9}, then: end}\n  - c: {set: '${ . + {c: true} "
      "}'}\n");
  run.start();
  EXPECT_EQ(run.output(), R"({"x":1,"c":true})");
  EXPECT_EQ(run.all<TaskSkipped>().size(), 1U);
}

TEST(Flow, EndInsideNestedTasksEndsTheRunWithThatOutput) {
  Driver run(
      "do:\n  - outer:\n      do:\n        - inner: {set: {x: 1}, then: end}\n        - never: {set: {x: 2}}\n"
      "      output: {as: '${ {wrapped: .} }'}\n  - after: {set: {x: 3}}\n");
  run.start();
  EXPECT_EQ(run.output(), R"({"x":1})");
}

TEST(Flow, ExitLeavesTheInnerListOnly) {
  Driver run(
      "do:\n  - outer:\n      do:\n        - inner: {set: {x: 1}, then: exit}\n        - never: {set: {x: 2}}\n"
      "  - after: {set: '${ . + {y: 1} }'}\n");
  run.start();
  EXPECT_EQ(run.output(), R"({"x":1,"y":1})");
}

TEST(Flow, AnEndlessLoopYieldsAndCanBeCancelled) {
  Driver run("do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 2}, then: a}\n");
  auto decision = run.start();
  EXPECT_TRUE(decision.yielded);
  EXPECT_LE(decision.events.size(), 1'010U);
  decision = run.give(GoOn{});
  EXPECT_TRUE(decision.yielded);
  run.give(OperatorCommand{OperatorCommand::Kind::cancel, "enough"});
  EXPECT_EQ(status_of(run.state()), RunStatus::cancelled);
}

TEST(Flow, ALoopOfThousandsOfRoundsSurvivesItsYields) {
  Driver run(
      "do:\n  - loop:\n      for: {each: n, in: '[range(1500)]'}\n      do:\n        - add: {set: {sum: '${ (.sum // "
      "0) + $n }'}}\n");
  run.settle(run.start());
  EXPECT_EQ(run.output(), R"({"sum":1124250})");
}

TEST(Flow, ForkGathersOutputsInTheOrderOfItsBranches) {
  Driver run(
      "do:\n  - both:\n      fork:\n        branches:\n          - slow:\n              do: [{nap: {wait: {seconds: "
      "2}}}, {s: {set: {b: 1}}}]\n"
      "          - quick: {set: {b: 2}}\n");
  run.start();
  EXPECT_EQ(status_of(run.state()), RunStatus::waiting);
  run.fire_next_timer();
  EXPECT_EQ(run.output(), R"([{"b":1},{"b":2}])");
}

TEST(Flow, TheFirstBranchOfARaceCancelsTheOthersAndTheirEffects) {
  Driver run(
      "do:\n  - race:\n      fork:\n        compete: true\n        branches:\n"
      "          - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n          - nap: {wait: "
      "{seconds: 1}}\n"
      "      output: {as: '${ {won: true} }'}\n");
  run.start(json("{}"));
  const auto effect = run.pending();
  const auto decision = run.fire_next_timer();
  EXPECT_EQ(decision.cancelled_effects, std::vector<EventSeq>{effect});
  EXPECT_EQ(run.output(), R"({"won":true})");
  EXPECT_TRUE(run.answer(effect, json("1")).nothing()) << "a late answer means nothing";
}

TEST(Flow, ABranchThatIsNotRunDoesNotWinTheRace) {
  Driver run(
      "do:\n  - race:\n      fork:\n        compete: true\n        branches:\n          - no: {if: 'false', set: {w: "
      "1}}\n"
      "          - yes:\n              do: [{nap: {wait: {seconds: 1}}}, {s: {set: {w: 2}}}]\n");
  run.start();
  run.fire_next_timer();
  EXPECT_EQ(run.output(), R"({"w":2})");
}

TEST(Flow, AFaultInOneBranchFaultsTheForkAndCancelsTheRest) {
  Driver run(
      "do:\n  - both:\n      fork:\n        branches:\n          - nap: {wait: {seconds: 5}}\n"
      "          - bad: {raise: {error: {type: 'https://x.test/e', status: 418, title: Teapot}}}\n");
  run.start();
  EXPECT_EQ(status_of(run.state()), RunStatus::faulted);
  ASSERT_TRUE(run.state().problem.has_value());
  EXPECT_EQ(run.state().problem->instance, "/do/0/both/fork/branches/1/bad");
  EXPECT_EQ(run.all<TaskCancelled>().size(), 1U);
}

TEST(Flow, TimeoutsInterruptATaskAndTheWorkflow) {
  Driver task("do:\n  - slow: {wait: {seconds: 10}, timeout: {after: {seconds: 2}}}\n");
  task.start();
  task.fire_next_timer();
  ASSERT_EQ(status_of(task.state()), RunStatus::faulted);
  EXPECT_EQ(task.state().problem->status, 408);
  EXPECT_EQ(task.state().problem->instance, "/do/0/slow");

  Driver workflow("timeout: {after: PT3S}\ndo:\n  - slow: {wait: {seconds: 10}}\n");
  workflow.start();
  workflow.fire_next_timer();
  ASSERT_EQ(status_of(workflow.state()), RunStatus::faulted);
  EXPECT_EQ(workflow.state().problem->status, 408);
}

TEST(Flow, ATaskThatTimesOutStopsItsOwnEffectOrChild) {
  Driver call(
      "do:\n  - guard:\n      try:\n        - slow: {call: http, with: {method: get, endpoint: 'http://x.test/'}, "
      "timeout: {after: PT1S}}\n      catch: {}\n");
  call.start();
  const auto effect = call.pending();
  EXPECT_EQ(call.fire_next_timer().cancelled_effects, std::vector<EventSeq>{effect});

  Driver child(
      "do:\n  - guard:\n      try:\n        - slow: {run: {workflow: {namespace: test, name: other, version: "
      "'1.0.0'}}, timeout: {after: PT1S}}\n      catch: {}\n");
  const auto started = child.start().children;
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(child.fire_next_timer().cancelled_children, std::vector<RunId>{started.front().child});
}

TEST(Flow, AFunctionThatCallsItselfForEverFaultsAtTheLimit) {
  Driver run(
      "use:\n  functions:\n    again: {call: again, with: {n: '${ .n + 1 }'}}\ndo:\n  - go: {call: again, with: {n: "
      "1}}\n");
  run.settle(run.start());
  ASSERT_EQ(status_of(run.state()), RunStatus::faulted);
  EXPECT_EQ(run.state().problem->title, "Tasks nest too deep");
}

TEST(Flow, AnExpressionWithoutEndFaultsItsTask) {
  Driver run("do:\n  - stuck: {set: {x: '${ until(false; .) }'}}\n");
  run.start();
  ASSERT_EQ(status_of(run.state()), RunStatus::faulted);
  EXPECT_EQ(run.state().problem->type, problem_type(StandardError::expression));
}

TEST(Operators, ASuspendedRunFreezesItsTimersAndRecordsResults) {
  Driver run(
      "do:\n  - both:\n      fork:\n        branches:\n          - nap: {wait: {seconds: 10}}\n"
      "          - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n");
  run.start();
  const auto effect = run.pending();
  const auto due = run.state().timers.begin()->second.due;
  run.pass(4'000);
  run.give(OperatorCommand{OperatorCommand::Kind::suspend, ""});
  EXPECT_EQ(status_of(run.state()), RunStatus::suspended);
  run.pass(60'000);
  run.answer(effect, json(R"({"ok":true})"));
  EXPECT_TRUE(run.state().effects.empty()) << "the result is recorded";
  EXPECT_EQ(run.state().parked.size(), 1U) << "and what follows waits";
  EXPECT_TRUE(run.give(TimerDue{run.state().timers.begin()->first}).nothing());
  run.give(OperatorCommand{OperatorCommand::Kind::proceed, ""});
  EXPECT_EQ(run.state().timers.begin()->second.due.ms, due.ms + 60'000);
  run.fire_next_timer();
  EXPECT_EQ(status_of(run.state()), RunStatus::completed);
}

TEST(Operators, CommandsThatMakeNoSenseAreRecordedRefusals) {
  Driver run("do:\n  - nap: {wait: {seconds: 10}}\n");
  run.start();
  run.give(OperatorCommand{OperatorCommand::Kind::proceed, ""});
  run.give(OperatorCommand{OperatorCommand::Kind::cancel, ""});
  run.give(OperatorCommand{OperatorCommand::Kind::cancel, ""});
  const auto refused = run.all<CommandRefused>();
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0].reason, "the run is not suspended");
  EXPECT_EQ(refused[1].reason, "the run has been cancelled");
}

TEST(Children, AnAwaitedChildsOutputIsTheTasksAndItsFaultTheTasksFault) {
  const std::string text =
      "do:\n  - sub:\n      run: {workflow: {namespace: test, name: other, version: '1.0.0', input: {a: '${ .a }'}}}\n";
  Driver run(text);
  const auto decision = run.start(json(R"({"a":7})"));
  ASSERT_EQ(decision.children.size(), 1U);
  EXPECT_EQ(to_json(decision.children[0].input), R"({"a":7})");
  EXPECT_EQ(decision.children[0].child.partition(), run.state().id.partition());
  run.give(ChildFinished{decision.children[0].child, json(R"({"b":1})")});
  EXPECT_EQ(run.output(), R"({"b":1})");

  Driver faulty(text);
  const auto child = faulty.start().children.at(0).child;
  Problem problem{"https://x.test/e", 409, "Conflict", "", "/do/3/deep"};
  faulty.give(ChildFinished{child, problem});
  ASSERT_TRUE(faulty.state().problem.has_value());
  EXPECT_EQ(faulty.state().problem->status, 409);
  EXPECT_EQ(faulty.state().problem->instance, "/do/0/sub");
}

}  // namespace
}  // namespace cairn::tests
