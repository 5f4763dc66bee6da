// Effects of runs go through admission: limits of definitions and of connectors, priority, and what changes them.

#include "tests/engine/runtime/service_harness.h"

#include <gmock/gmock.h>

#include <chrono>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string call(const std::string& path, const std::string& more = {}) {
  return "{call: http, with: {method: get, endpoint: 'http://x.test/" + path + "'}" + more + "}";
}
std::string one_call(const std::string& path, const std::string& more = {}) {
  return "do:\n  - call: " + call(path, more) + "\n";
}

class SchedulingTest : public ServiceTest {
 protected:
  std::string start_with(const std::string& tasks, const std::string& metadata, const std::string& input = "{}",
                         const std::string& name = "served", std::optional<int> priority = {}) {
    const std::string text = "document: {dsl: '1.0.3', namespace: test, name: " + name +
                             ", version: '1.0.0', metadata: {cairn: {" + metadata + "}}}\n" + tasks;
    const auto answers = ask(Value::object({{"op", Value::string("start")},
                                            {"definition", Value::string(text)},
                                            {"input", json(input)},
                                            {"priority", priority ? Value::integer(*priority) : Value{}}}));
    const Value run = answers->only().get("run");
    EXPECT_TRUE(run.is_string()) << to_json(answers->messages.at(0));
    return run.is_string() ? run.as_string() : "";
  }
  /// What was called so far, by the paths.
  std::vector<std::string> called() {
    std::vector<std::string> paths;
    for (const auto& one : outside.calls) {
      const std::string uri = one->request.arguments.get("endpoint").get("uri").as_string();
      paths.push_back(uri.substr(uri.rfind('/') + 1));
    }
    return paths;
  }
  std::string what(const std::string& run) {
    const Value reasons = ask(R"({"op": "why", "run": ")" + run + "\"}")->only().get("reasons");
    std::string text;
    for (const auto& reason : reasons.as_array()) {
      text += reason.get("kind").as_string() + ": " + reason.get("what").as_string() + "; until " +
              reason.get("release").as_string() + "\n";
    }
    return text;
  }
  void command(const std::string& run, const std::string& name) {
    ask(R"({"op": "command", "run": ")" + run + R"(", "command": ")" + name + "\"}");
  }
  /// Until `count` calls were made, with the engine's own alarm.
  void await_calls(std::size_t count) {
    for (int i = 0; i < 2'000 && outside.calls.size() < count; ++i) {
      io.restart();
      io.run_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(outside.calls.size(), count);
  }
};

const char* const k_by_customer = "concurrency: {limit: 1, key: '${ .customer }'}";

TEST_F(SchedulingTest, AWorkflowsLimitHoldsForAllItsRunsWithOneKey) {
  const std::string first = start_with(one_call("${ .n }"), k_by_customer, R"({"customer": "acme", "n": 1})");
  const std::string second = start_with(one_call("${ .n }"), k_by_customer, R"({"customer": "acme", "n": 2})");
  start_with(one_call("${ .n }"), k_by_customer, R"({"customer": {"id": 7}, "n": 3})");
  EXPECT_THAT(called(), ElementsAre("1", "3"));
  EXPECT_EQ(
      what(second),
      "slot: a place of workflow test/served, key 'acme' (1 at once), for http: number 1 of its namespace, 1 wait; "
      "until its turn comes; the next may go when 1 of the 1 under way ends\n");
  answer(0, json("{}"));
  EXPECT_THAT(called(), ElementsAre("1", "3", "2"));
}

TEST_F(SchedulingTest, ATasksLimitHoldsForThatTaskOnly) {
  const std::string tasks = "do:\n  - both: {fork: {branches: [a: " +
                            call("a", ", metadata: {cairn: {concurrency: {limit: 1, key: '${ .k }'}}}") +
                            ", b: " + call("b") + "]}}\n";
  start_with(tasks, "", R"({"k": 1})");
  start_with(tasks, "", R"({"k": 1})");
  start_with(tasks, "", R"({"k": 2})");
  EXPECT_THAT(called(), ElementsAre("a", "b", "b", "a", "b"));
}

TEST_F(SchedulingTest, ARetryThatWaitsHoldsNoSlot) {
  const std::string tasks = "do:\n  - t: {try: [a: " + call("${ .n }") + "], catch: {retry: {delay: {hours: 1}}}}\n";
  start_with(tasks, "concurrency: {limit: 1}", R"({"n": 1})");
  start_with(tasks, "concurrency: {limit: 1}", R"({"n": 2})");
  EXPECT_THAT(called(), ElementsAre("1"));
  answer(0, make_problem(StandardError::communication, "refused", "by the test"));
  EXPECT_THAT(called(), ElementsAre("1", "2"));
}

TEST_F(SchedulingTest, ARetryWaitsForItsTurnLikeAnyOther) {
  const std::string tasks = "do:\n  - t: {try: [a: " + call("${ .n }") + "], catch: {retry: {}}}\n";
  start_with(tasks, "concurrency: {limit: 1}", R"({"n": 1})");
  start_with(tasks, "concurrency: {limit: 1}", R"({"n": 2})");
  answer(0, make_problem(StandardError::communication, "refused", "by the test"));
  EXPECT_THAT(called(), ElementsAre("1", "2"));
  answer(1, json("{}"));
  EXPECT_THAT(called(), ElementsAre("1", "2", "1"));
}

TEST_F(SchedulingTest, ACancelledRunGivesBackItsSlotAndItsPlace) {
  const std::string first = start_with(one_call("1"), "concurrency: {limit: 1}");
  const std::string second = start_with(one_call("2"), "concurrency: {limit: 1}", "{}", "served");
  start_with(one_call("3"), "concurrency: {limit: 1}");
  command(second, "cancel");
  EXPECT_THAT(called(), ElementsAre("1"));
  command(first, "cancel");
  EXPECT_THAT(called(), ElementsAre("1", "3"));
}

TEST_F(SchedulingTest, ASuspendedRunLeavesTheQueueAndComesBackWhenItContinues) {
  start_with(one_call("1"), "concurrency: {limit: 1}");
  const std::string second = start_with(one_call("2"), "concurrency: {limit: 1}");
  start_with(one_call("3"), "concurrency: {limit: 1}");
  command(second, "suspend");
  answer(0, json("{}"));
  EXPECT_THAT(called(), ElementsAre("1", "3"));
  command(second, "continue");
  answer(1, json("{}"));
  EXPECT_THAT(called(), ElementsAre("1", "3", "2"));
}

TEST_F(SchedulingTest, PriorityOfTheStartThenOfTheDocumentThenFive) {
  engine.set_connector_limit("http", {1, std::nullopt});
  start_with(one_call("first"), "");
  start_with(one_call("five"), "");
  start_with(one_call("document"), "priority: 6");
  start_with(one_call("start"), "priority: 1", "{}", "served", 7);
  start_with(one_call("task", ", metadata: {cairn: {priority: 8}}"), "priority: 1");
  for (std::size_t i = 0; i < 4; ++i) answer(i, json("{}"));
  EXPECT_THAT(called(), ElementsAre("first", "task", "start", "document", "five"));
}

TEST_F(SchedulingTest, AnOperatorsPriorityCountsForWhatWaitsAndIsRecorded) {
  engine.set_connector_limit("http", {1, std::nullopt});
  start_with(one_call("first"), "");
  start_with(one_call("second"), "priority: 9");
  const std::string third = start_with(one_call("third", ", metadata: {cairn: {priority: 0}}"), "");
  const auto changed = ask(R"({"op": "priority", "run": ")" + third + R"(", "priority": 9})");
  EXPECT_EQ(changed->only().get("priority"), Value::integer(9));
  ask(R"({"op": "priority", "run": ")" + third + R"(", "priority": 9})");
  start_with(one_call("fourth"), "priority: 9");
  for (std::size_t i = 0; i < 3; ++i) answer(i, json("{}"));
  EXPECT_THAT(called(), ElementsAre("first", "second", "third", "fourth"));
  const auto state = fold_run(log, RunId::parse(third).value()).value();
  EXPECT_EQ(state.priority, 9);
  EXPECT_TRUE(state.priority_changed);
  EXPECT_FALSE(verify_run(log, state.id).value().has_value());
  EXPECT_EQ(ask(R"({"op": "priority", "run": "last", "priority": 10})")->error_code(), "invalid_usage");
}

TEST_F(SchedulingTest, APriorityOfARunThatHasLeftMemoryCountsWhenItIsBack) {
  engine.set_connector_limit("http", {1, std::nullopt});
  const std::string sleeper = start("do:\n  - pause: {wait: {hours: 1}}\n  - call: " + call("sleeper") + "\n");
  ask(R"({"op": "priority", "run": ")" + sleeper + R"(", "priority": 9})");
  start(one_call("first"));
  start(one_call("second"));
  clock.time += 3'600'000;
  for (int i = 0; i < 2'000 && fold_run(log, RunId::parse(sleeper).value()).value().effects.empty(); ++i) {
    io.restart();
    io.run_for(std::chrono::milliseconds(5));
  }
  answer(0, json("{}"));
  EXPECT_THAT(called(), ElementsAre("first", "second"));  // an hour has made all alike
  answer(1, json("{}"));
  EXPECT_THAT(called(), ElementsAre("first", "second", "sleeper"));
  EXPECT_EQ(fold_run(log, RunId::parse(sleeper).value()).value().priority, 9);
}

TEST_F(SchedulingTest, APriorityOfARunThatHasEndedIsRefused) {
  start("do:\n  - a: {set: {x: 1}}\n");
  EXPECT_EQ(ask(R"({"op": "priority", "run": "last", "priority": 3})")->error_code(), "conflict");
}

TEST_F(SchedulingTest, LimitsAreListedAndChangedWhileEffectsWait) {
  EXPECT_EQ(ask(R"({"op": "limits", "connector": "http", "concurrency": 1})")->only().get("changed"),
            Value::boolean(true));
  for (int i = 1; i <= 3; ++i)
    start_with(one_call(std::to_string(i)), k_by_customer, R"({"customer": "c"})", "n" + std::to_string(i));
  EXPECT_THAT(called(), ElementsAre("1"));
  const Value listed = ask(R"({"op": "limits"})")->only().get("limits");
  EXPECT_EQ(to_json(listed.as_array()[1]),
            R"({"name":"connector http","limit":{"concurrency":1},"text":"1 at once","used":1,"waiting":2})");
  ask(R"({"op": "limits", "connector": "http", "concurrency": 2})");
  EXPECT_THAT(called(), ElementsAre("1", "2"));
  ask(R"({"op": "limits", "connector": "http", "lift": true})");
  EXPECT_THAT(called(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(ask(R"({"op": "limits", "effects": 1})")->only().get("limits").as_array()[0].get("text"),
            Value::string("1 at once"));
}

TEST_F(SchedulingTest, LimitsThatMakeNoSenseAreRefused) {
  for (const auto* request :
       {R"({"op": "limits", "concurrency": 1})", R"({"op": "limits", "connector": "http"})",
        R"({"op": "limits", "connector": "http", "concurrency": 0})",
        R"({"op": "limits", "connector": "http", "rate": {"limit": 1, "period": "PT0S"}})",
        R"({"op": "limits", "connector": "http", "rate": {"limit": 1}})", R"({"op": "limits", "effects": 1000001})"}) {
    EXPECT_EQ(ask(request)->error_code(), "invalid_usage") << request;
  }
  EXPECT_EQ(ask(R"({"op": "limits", "connector": "htp", "concurrency": 1})")->error_code(), "not_found");
}

TEST_F(SchedulingTest, ARateLetsGoWhenItsTokenComes) {
  engine.set_connector_limit("http", {std::nullopt, RateLimit{1, 60'000, 1}});
  start(one_call("1"));
  const std::string second = start(one_call("2"));
  EXPECT_THAT(called(), ElementsAre("1"));
  EXPECT_THAT(what(second), HasSubstr("a place of connector http (1 in PT1M), for http"));
  EXPECT_THAT(what(second), HasSubstr("the next may go at " + to_iso8601({clock.time + 60'000})));
  clock.time += 60'000;
  await_calls(2);
}

TEST_F(SchedulingTest, WhatWasScheduledBeforeARestartGoesByTheSameLimits) {
  const std::string first = start_with(one_call("${ .n }"), k_by_customer, R"({"customer": "acme", "n": 1})");
  const std::string second = start_with(one_call("${ .n }"), k_by_customer, R"({"customer": "acme", "n": 2})");
  ASSERT_THAT(called(), ElementsAre("1"));
  boost::asio::io_context other_io;
  Outside other;
  Engine again(other_io, log, make_direct_committer(log), other.connectors(), clock, random);
  ASSERT_TRUE(again.resume(RunId::parse(first).value(), json("{}")).has_value());
  ASSERT_TRUE(again.resume(RunId::parse(second).value(), json("{}")).has_value());
  other_io.poll();
  ASSERT_EQ(other.calls.size(), 1U);
  const auto waits = again.waits_of(RunId::parse(second).value());
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(to_string(waits.begin()->second.name), "workflow test/served, key 'acme'");
}

TEST_F(SchedulingTest, ChildrenGoByTheLimitsOfTheirOwnWorkflow) {
  const std::string child =
      "document: {dsl: '1.0.3', namespace: test, name: child, version: '1.0.0', metadata: {cairn: {concurrency: "
      "{limit: "
      "1}, priority: 8}}}\n" +
      one_call("${ .n }");
  const std::string tasks =
      "do:\n  - all: {fork: {branches: [a: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: "
      "{n: "
      "1}}}}, b: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: {n: 2}}}}]}}\n";
  ask(Value::object({{"op", Value::string("start")},
                     {"definition", Value::string(definition_text(tasks, "parent"))},
                     {"with", Value::array({Value::string(child)})},
                     {"input", json("{}")}}));
  EXPECT_THAT(called(), ElementsAre("1"));
  answer(0, json("{}"));
  EXPECT_THAT(called(), ElementsAre("1", "2"));
}

TEST_F(SchedulingTest, AKeyThatCannotBeEvaluatedIsTheRunsOrTheTasksProblem) {
  const std::string run = start_with(one_call("1"), "concurrency: {limit: 1, key: '${ .a + 1 | error }'}");
  const auto state = fold_run(log, RunId::parse(run).value()).value();
  EXPECT_EQ(state.ending, Ending::faulted);
  EXPECT_EQ(state.problem->instance, "/document/metadata/cairn/concurrency/key");
  const std::string caught = start_with(
      "do:\n  - t: {try: [a: " + call("1", ", metadata: {cairn: {rate: {limit: 1, period: PT1S, key: '${ error }'}}}") +
          "], catch: {as: e, do: [b: {set: {instance: '${ $e.instance }'}}]}}\n",
      "");
  const auto handled = fold_run(log, RunId::parse(caught).value()).value();
  EXPECT_EQ(to_json(handled.output), R"({"instance":"/do/0/t/try/0/a"})");
  EXPECT_THAT(called(), IsEmpty());
}

TEST_F(SchedulingTest, AKeyMayHave1024Bytes) {
  const auto ending = [this](std::size_t bytes) {
    const std::string run = start_with("do: []\n", "rate: {limit: 1, period: {seconds: 1}, key: '${ .k }'}",
                                       R"({"k": ")" + std::string(bytes, 'k') + "\"}");
    return fold_run(log, RunId::parse(run).value()).value().ending;
  };
  EXPECT_EQ(ending(k_limit_key_bytes), Ending::completed);
  EXPECT_EQ(ending(k_limit_key_bytes + 1), Ending::faulted);
}

}  // namespace
}  // namespace cairn::tests
