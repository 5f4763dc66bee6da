// Listening, continued: foreach, for ever, once only, beside timeouts and operators.

#include "engine/machine/event_filter.h"
#include "tests/engine/machine/driver.h"

#include <fmt/format.h>
#include <rapidcheck/gtest.h>

namespace cairn::tests {
namespace {

/// A run of one listen task; `listen` is what stands in its braces, `more` beside it.
std::string listening(std::string_view listen, std::string_view more = "") {
  return fmt::format("do:\n  - wait:\n      listen: {{{}}}\n{}", listen, more);
}

// ---- foreach
// -----------------------------------------------------------------------------------------------------------

TEST(ListenForeach, TheTasksOfOneEventEndBeforeTheNextBegins) {
  Driver run(
      listening("to: {any: [], until: 'length == 3'}",
                "      foreach: {item: e, at: i, do: [{pause: {wait: PT1S}}, {out: {set: {e: '${ $e }', i: '${ $i "
                "}'}}}]}\n"));
  run.start();
  run.publish("a", "10");
  run.publish("a", "11");
  run.publish("a", "12");
  EXPECT_EQ(run.state().timers.size(), 1U);
  EXPECT_EQ(run.publish("a", "13"), 0U) << "until holds: it listens no more";
  EXPECT_EQ(run.listener().listening->waiting.size(), 3U);
  for (int i = 0; i < 3; ++i) run.settle(run.fire_next_timer());
  EXPECT_EQ(run.output(), R"([{"e":10,"i":0},{"e":11,"i":1},{"e":12,"i":2}])");
}

TEST(ListenForeach, ItsTasksBeginWithTheInputOfTheListenTask) {
  Driver run(listening("to: {one: {with: {type: a}}}",
                       "      foreach: {do: [{out: {set: '${ {room: .room, item: $item} }'}}]}\n"));
  run.start(json(R"({"room":5})"));
  run.publish("a", "1");
  EXPECT_EQ(run.output(), R"([{"room":5,"item":1}])");
}

TEST(ListenForeach, OutputAndExportAreThoseOfTheItem) {
  Driver run(
      "do:\n  - wait:\n      listen: {to: {any: [], until: '$context.sum > 4'}}\n"
      "      foreach:\n        do: [{out: {set: '${ {n: $item} }'}}]\n"
      "        output: {as: '.n * 10 + $index'}\n        export: {as: '{sum: (($context.sum // 0) + $item)}'}\n"
      "  - after: {set: {list: '${ . }', sum: '${ $context.sum }'}}\n");
  run.start();
  run.publish("a", "2");
  run.publish("a", "3");
  EXPECT_EQ(run.output(), R"({"list":[20,31],"sum":5})");
}

TEST(ListenForeach, WithoutTasksTheItemIsTheOutput) {
  Driver run(
      listening("to: {all: [{with: {type: a}}, {with: {type: b}}]}", "      foreach: {output: {as: '. + 1'}}\n"));
  run.start();
  run.publish("a", "1");
  run.publish("b", "5");
  EXPECT_EQ(run.output(), "[2,6]");
}

TEST(ListenForeach, AnErrorInItsTasksFaultsTheListenTask) {
  Driver run(
      "do:\n  - guard:\n      try:\n        - wait:\n            listen: {to: {any: [], until: '${ false }'}}\n"
      "            foreach: {do: [{bad: {raise: {error: {type: 'https://x/e', status: 400, title: '${ $item }'}}}}]}\n"
      "      catch: {as: e, do: [{out: {set: {caught: '${ $e.title }', at: '${ $e.instance }'}}}]}\n");
  run.start();
  run.publish("a", "\"first\"");
  EXPECT_EQ(run.output(), R"({"caught":"first","at":"/do/0/guard/try/0/wait/foreach/do/0/bad"})");
}

TEST(ListenForeach, ExitEndsTheItemAndEndTheWorkflow) {
  Driver run(
      listening("to: {any: [], until: '${ false }'}",
                "      foreach:\n        do:\n          - a: {set: {x: '${ $item }'}, then: exit}\n          - b: "
                "{set: {never: 1}}\n"));
  run.start();
  run.publish("a", "1");
  EXPECT_FALSE(run.state().ended());
  EXPECT_EQ(run.all<ItemCompleted>().size(), 1U);

  Driver ending(listening("to: {any: [], until: '${ false }'}",
                          "      foreach:\n        do:\n          - a: {set: {x: '${ $item }'}, then: end}\n"));
  ending.start();
  ending.publish("a", "1");
  EXPECT_EQ(ending.output(), R"({"x":1})");
}

TEST(ListenForeach, AttemptsOnDifferentEventsHaveDifferentKeys) {
  Driver run(
      "do:\n  - guard:\n      try:\n        - wait:\n            listen: {to: {one: {with: {type: a}}}}\n"
      "            foreach: {do: [{call: {call: http, with: {method: post, endpoint: 'https://example.com'}}}]}\n"
      "      catch: {retry: {delay: PT0S, limit: {attempt: {count: 3}}}}\n");
  run.start();
  run.publish("a", "1");
  run.settle(run.refuse(run.pending(), 500));
  run.publish("a", "2");
  const auto calls = run.all<EffectScheduled>();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1].key, k_no_event) << "a key of its own";
}

// ---- for ever
// ---------------------------------------------------------------------------------------------------------

TEST(ListenForEver, KeepsNothingOfWhatIsDone) {
  Driver run(listening("to: {any: [], until: '${ false }'}", "      foreach: {do: [{out: {set: {x: 1}}}]}\n"));
  run.start();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(run.publish("a", R"({"much":"data"})"), 1U);
  const Listening& task = *run.listener().listening;
  EXPECT_TRUE(task.outputs.empty());
  EXPECT_TRUE(task.waiting.empty());
  EXPECT_EQ(task.bytes, 0U);
  EXPECT_EQ(run.listener().index, 49U);
}

TEST(ListenForEver, RemembersABoundedNumberOfPositions) {
  RunState state;
  for (std::uint64_t i = 1; i <= k_consumed_positions + 1; ++i) {
    apply(state, EventConsumed{EventSeq{1}, i * 2, "/f", {}, false, {}}, Timestamp{});
  }
  EXPECT_EQ(state.consumed.size(), k_consumed_positions);
  EXPECT_EQ(state.consumed_floor, 2U);
}

TEST(ListenLimit, MoreEventsThanATaskKeepsAreAClearError) {
  auto loaded = load_definition("document: {dsl: '1.0.3', namespace: test, name: n, version: '1.0.0'}\n" +
                                listening("to: {any: [], until: '.[0] == 2'}"));
  ASSERT_TRUE(loaded.ok());
  const Machine machine(loaded.program);
  const auto outcome = [&](std::size_t events, const Value& data) {
    RunState state;
    StartRun start;
    start.run = RunId::make(1, PartitionId{0}, 1);
    machine.advance(state, {start, Timestamp{1}, 1});
    const EventSeq frame = state.frames.begin()->first;
    const Value event = Value::object({{"type", Value::string("a")}, {"data", data}});
    for (std::uint64_t i = 1; i <= events && !state.ended(); ++i) {
      // Without deciding on each, which would look at all events each time.
      if (i < events) {
        apply(state, EventConsumed{frame, i, "/do/0/wait/listen/to/any", event, false, {}}, Timestamp{1});
      } else {
        bool yielded = machine.advance(state, {EventArrived{frame, i, event}, Timestamp{1}, 1}).yielded;
        while (yielded) yielded = machine.advance(state, {GoOn{}, Timestamp{1}, 1}).yielded;
      }
    }
    return state;
  };
  EXPECT_FALSE(outcome(k_listen_events, Value::integer(1)).ended());
  const auto over = outcome(k_listen_events + 1, Value::integer(1));
  ASSERT_TRUE(over.problem);
  EXPECT_EQ(over.problem->title, "Too many events");
  const auto large = outcome(17, Value::string(std::string(std::size_t{1} << 20, 'x')));
  ASSERT_TRUE(large.problem);
  EXPECT_EQ(large.problem->title, "Too many events");
}

// ---- once
// -------------------------------------------------------------------------------------------------------------

TEST(ListenOnce, AnEventThatComesAgainIsIgnored) {
  Driver run(listening("to: {any: [], until: 'length == 3'}"));
  run.start();
  const Value event = json(R"({"specversion":"1.0","id":"1","source":"s","type":"a","data":1})");
  EXPECT_EQ(run.deliver(5, event), 1U);
  EXPECT_EQ(run.deliver(5, event), 0U);
  EXPECT_EQ(run.deliver(4, event), 0U);
  EXPECT_EQ(run.deliver(6, event), 1U);
}

TEST(ListenOnce, ALaterTaskDoesNotGetWhatAnEarlierOneConsumed) {
  Driver run(
      "do:\n  - one: {listen: {to: {one: {with: {type: a}}}}}\n  - two: {listen: {to: {one: {with: {type: a}}}}}\n");
  run.start();
  const Value event = json(R"({"specversion":"1.0","id":"1","source":"s","type":"a","data":1})");
  EXPECT_EQ(run.deliver(5, event), 1U);
  EXPECT_EQ(run.deliver(5, event), 0U) << "caught up on by the second";
  EXPECT_EQ(run.deliver(4, event), 1U) << "published before, and consumed by none";
}

TEST(ListenOnce, TasksThatListenAtTheSameTimeEachGetTheEvent) {
  Driver run(
      "do:\n  - both:\n      fork:\n        branches:\n          - one: {listen: {to: {one: {with: {type: a}}}}}\n"
      "          - two: {listen: {to: {one: {with: {type: a}}}}}\n");
  run.settle(run.start());
  EXPECT_EQ(run.publish("a", "1"), 2U);
  EXPECT_EQ(run.output(), "[[1],[1]]");
}

TEST(ListenOnce, EventsCountFromTheRunsBirthUnlessMetadataSaysOtherwise) {
  const auto after = [](const std::string& tasks) {
    Driver run(tasks);
    StartRun start;
    start.run = RunId::make(1, PartitionId{0}, 1);
    start.bus = 9;
    run.give(start);
    return run.all<ListenStarted>().at(0).after;
  };
  EXPECT_EQ(after(listening("to: {any: []}")), 9U);
  EXPECT_EQ(after(listening("to: {any: []}", "      metadata: {cairn: {listen: {since: listen}}}\n")), std::nullopt);
}

// ---- beside others
// -----------------------------------------------------------------------------------------------------

TEST(ListenAround, ATimeoutTakesItDown) {
  Driver run(listening("to: {any: [], until: '${ false }'}",
                       "      timeout: {after: PT10S}\n      foreach: {do: [{long: {wait: PT1H}}]}\n"));
  run.start();
  run.publish("a", "1");
  run.settle(run.fire_next_timer());
  ASSERT_TRUE(run.state().problem);
  EXPECT_EQ(run.state().problem->title, "Task timed out");
  EXPECT_EQ(run.all<TaskCancelled>().size(), 1U);
  EXPECT_EQ(run.publish("a", "2"), 0U);
}

TEST(ListenAround, CancellingTakesItDown) {
  Driver run(listening("to: {any: []}"));
  run.start();
  run.give(OperatorCommand{OperatorCommand::Kind::cancel, "enough"});
  EXPECT_EQ(run.all<TaskCancelled>().size(), 1U);
  EXPECT_TRUE(run.state().frames.empty());
}

TEST(ListenAround, WhileSuspendedEventsAreKeptAndWorkedOnAfterwards) {
  Driver run(
      listening("to: {any: [], until: 'length == 2'}", "      foreach: {do: [{out: {set: {x: '${ $item }'}}}]}\n"));
  run.start();
  run.give(OperatorCommand{OperatorCommand::Kind::suspend, ""});
  EXPECT_EQ(run.publish("a", "1"), 1U);
  EXPECT_EQ(run.publish("a", "2"), 1U);
  EXPECT_EQ(run.publish("a", "3"), 0U);
  EXPECT_TRUE(run.all<IterationStarted>().empty());
  run.settle(run.give(OperatorCommand{OperatorCommand::Kind::proceed, ""}));
  EXPECT_EQ(run.output(), R"([{"x":1},{"x":2}])");
}

TEST(ListenAround, AnEventThatIsConsumedInABriefStepEndsTheTaskOnce) {
  Driver run(listening("to: {one: {with: {type: a}}}"));
  run.start();
  const EventSeq frame = run.listener().id;
  const Value event = json(R"({"specversion":"1.0","id":"1","source":"s","type":"a","data":1})");
  Stimulus first{EventArrived{frame, 1, event}, run.now(), 1, true};
  RunState state = run.state();
  const auto decision = run.machine().advance(state, first);
  EXPECT_TRUE(decision.yielded);
  for (const auto& one : run.machine().advance(state, {EventArrived{frame, 2, event}, run.now(), 2}).events) {
    EXPECT_FALSE(std::holds_alternative<EventConsumed>(one));
  }
  EXPECT_EQ(to_json(state.output), "[1]") << "the work that was left is taken up by any step";
}

RC_GTEST_PROP(ListenAround, WhateverComesInTheQueueComesOutInOrder, ()) {
  // Events, answers of the tasks, suspending and continuing in any order: no event is lost, doubled or overtaken.
  Driver run(
      listening("to: {any: [{with: {type: a}}], until: {one: {with: {type: stop}}}}",
                "      foreach: {do: [{call: {call: http, with: {method: get, endpoint: 'https://x.example'}}}], "
                "output: {as: $item}}\n"));
  run.start();
  const auto moves = *rc::gen::resize(25, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6)));
  Array expected;
  bool suspended = false;
  const auto answer = [&] {
    if (!run.state().effects.empty()) run.settle(run.answer(run.state().effects.begin()->first, Value::integer(0)));
  };
  for (const int move : moves) {
    if (move < 3) {
      const auto number = std::to_string(expected.size());
      if (run.publish("a", number) == 1) expected.push_back(Value::integer(static_cast<std::int64_t>(expected.size())));
    } else if (move < 5) {
      answer();
    } else {
      suspended = !suspended;
      run.settle(
          run.give(OperatorCommand{suspended ? OperatorCommand::Kind::suspend : OperatorCommand::Kind::proceed, ""}));
    }
  }
  run.publish("stop");
  if (suspended) run.settle(run.give(OperatorCommand{OperatorCommand::Kind::proceed, ""}));
  for (std::size_t i = 0; i <= expected.size(); ++i) answer();
  RC_ASSERT(run.state().ended());
  RC_ASSERT(run.state().output == Value::array(expected));
}

}  // namespace
}  // namespace cairn::tests
