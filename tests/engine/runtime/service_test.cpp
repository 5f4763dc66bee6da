// What the service answers, op by op.

#include "engine/runtime/service_views.h"
#include "tests/engine/runtime/service_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> types_of(const Answers& answers) {
  std::vector<std::string> types;
  for (const auto& event : answers.all("event")) types.push_back(event.get("type").as_string());
  return types;
}

// ---- requests that make no sense
// -------------------------------------------------------------------------------------

struct BadRequest {
  const char* request;
  const char* code;
};
class BadRequests : public ServiceTest, public testing::WithParamInterface<BadRequest> {};

TEST_P(BadRequests, AreAnsweredWithAnErrorAndNothingElse) {
  const auto answers = ask(GetParam().request);
  EXPECT_EQ(answers->messages.size(), 1U);
  EXPECT_TRUE(answers->over);
  EXPECT_EQ(answers->error_code(), GetParam().code);
  EXPECT_THAT(log.records, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequests,
    testing::Values(BadRequest{"null", "invalid_usage"}, BadRequest{"[1]", "invalid_usage"},
                    BadRequest{"{}", "invalid_usage"}, BadRequest{R"({"op": 5})", "invalid_usage"},
                    BadRequest{R"({"op": "dance"})", "invalid_usage"},
                    BadRequest{R"({"op": "start"})", "invalid_usage"},
                    BadRequest{R"({"op": "start", "definition": "do: ["})", "invalid_definition"},
                    BadRequest{R"({"op": "start", "definition": "", "with": 3})", "invalid_definition"},
                    BadRequest{R"({"op": "show"})", "invalid_usage"},
                    BadRequest{R"({"op": "show", "run": ""})", "invalid_usage"},
                    BadRequest{R"({"op": "show", "run": "last"})", "not_found"},
                    BadRequest{R"({"op": "show", "run": "zebra"})", "not_found"},
                    BadRequest{R"({"op": "show", "run": "01"})", "not_found"},
                    BadRequest{R"({"op": "show", "run": "01890000-0000-7000-8000-000000000000"})", "not_found"},
                    BadRequest{R"({"op": "events", "run": "last", "follow": 3})", "not_found"},
                    BadRequest{R"({"op": "replay", "run": "last", "at": -1})", "invalid_usage"},
                    BadRequest{R"({"op": "replay", "run": "last", "at": 1, "verify": true})", "invalid_usage"},
                    BadRequest{R"({"op": "runs", "status": "sleepy"})", "invalid_usage"},
                    BadRequest{R"({"op": "runs", "since": "yesterday"})", "invalid_input"},
                    BadRequest{R"({"op": "runs", "limit": "many"})", "invalid_usage"},
                    BadRequest{R"({"op": "resume", "runs": [1]})", "invalid_usage"},
                    BadRequest{R"({"op": "resume", "secrets": "s"})", "invalid_usage"},
                    BadRequest{R"({"op": "command", "run": "last", "command": "explode"})", "invalid_usage"},
                    BadRequest{R"({"op": "command", "run": "last", "command": "cancel"})", "not_found"}));

// ---- names
// -----------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, ARunIsNamedByItsIdAPrefixOrLast) {
  const std::string first = start("do:\n  - a: {set: {x: 1}}\n");
  clock.time += 5'000;
  const std::string second = start("do:\n  - a: {set: {x: 2}}\n");
  const auto shown = [this](const std::string& name) {
    return ask(R"({"op": "show", "run": ")" + name + "\"}")->only().get("run").get("id");
  };
  EXPECT_EQ(shown(first), Value::string(first));
  EXPECT_EQ(shown(second), Value::string(second));
  EXPECT_EQ(shown("last"), Value::string(second));
  EXPECT_EQ(shown(first.substr(0, 35)), Value::string(first));
  EXPECT_EQ(ask(R"({"op": "show", "run": ")" + first.substr(0, 2) + "\"}")->error_code(), "ambiguous");
}

TEST_F(ServiceTest, LastIsTheNewestThatNoOtherRunStarted) {
  const auto answers = ask(Value::object(
      {{"op", Value::string("start")},
       {"definition",
        Value::string(definition_text(
            "do:\n  - child: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: {}}}}\n"))},
       {"with", Value::array({Value::string(definition_text("do:\n  - a: {set: {x: 1}}\n", "child"))})},
       {"input", json("{}")}}));
  const Value parent = answers->only().get("run");
  ASSERT_TRUE(parent.is_string()) << to_json(answers->messages.at(0));
  EXPECT_THAT(log.records, SizeIs(2));
  EXPECT_EQ(ask(R"({"op": "show", "run": "last"})")->only().get("run").get("id"), parent);
}

// ---- start, follow
// ---------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, AStartThatFollowsTellsEveryEventAndTheEnd) {
  auto answers = ask(Value::object({{"op", Value::string("start")},
                                    {"definition", Value::string(definition_text(k_call))},
                                    {"follow", Value::boolean(true)}}));
  EXPECT_FALSE(answers->over);
  EXPECT_THAT(types_of(*answers), ElementsAre("RunStarted", "TaskStarted", "EffectScheduled"));
  outside.calls.at(0)->observer.progress("stdout", "half way\n");
  turn();
  answer(0, json(R"({"x": 1})"));
  EXPECT_TRUE(answers->over);
  EXPECT_THAT(types_of(*answers), ElementsAre("RunStarted", "TaskStarted", "EffectScheduled", "EffectCompleted",
                                              "TaskCompleted", "RunCompleted"));
  EXPECT_EQ(answers->all("output").at(0).get("text"), Value::string("half way\n"));
  const Value end = answers->messages.back().get("end");
  EXPECT_EQ(end.get("status"), Value::string("completed"));
  EXPECT_EQ(end.get("output"), json(R"({"x": 1})"));
}

TEST_F(ServiceTest, AFollowerOfTheEndHearsNothingElse) {
  auto answers = ask(Value::object({{"op", Value::string("start")},
                                    {"definition", Value::string(definition_text(k_call))},
                                    {"follow", Value::string("end")}}));
  answer(0, make_problem(StandardError::communication, "No", ""));
  ASSERT_EQ(answers->messages.size(), 2U);
  EXPECT_EQ(answers->messages.at(1).get("end").get("status"), Value::string("faulted"));
  EXPECT_EQ(answers->messages.at(1).get("end").get("error").get("title"), Value::string("No"));
}

TEST_F(ServiceTest, AStartWithoutADeclaredSecretRecordsNothing) {
  const auto answers = ask(Value::object(
      {{"op", Value::string("start")},
       {"definition", Value::string(definition_text("use: {secrets: [token]}\n"
                                                    "do:\n  - c: {call: http, with: {method: get, endpoint: "
                                                    "'http://x.test/', headers: {a: '${ $secrets.token }'}}}\n"))}}));
  EXPECT_EQ(answers->error_code(), "invalid_usage");
  EXPECT_THAT(log.records, IsEmpty());
}

TEST_F(ServiceTest, AFollowerThatLeavesStopsNothing) {
  const std::string run = start(k_call);
  ask(R"({"op": "follow", "run": "last"})").reset();
  answer(0, json("1"));
  EXPECT_EQ(ask(R"({"op": "show", "run": "last"})")->only().get("run").get("status"), Value::string("completed"));
}

TEST_F(ServiceTest, ALongHistoryComesInPages) {
  start("do:\n  - each:\n      for: {each: i, in: '[range(400)]'}\n      do:\n        - a: {set: {x: 1}}\n");
  const auto answers = ask(R"({"op": "events", "run": "last"})");
  EXPECT_FALSE(answers->over);
  const std::size_t page = answers->messages.size();
  EXPECT_LT(page, 300U);
  answers->exchange->more();
  EXPECT_GT(answers->messages.size(), page);
  for (int i = 0; i < 20 && !answers->over; ++i) answers->exchange->more();
  EXPECT_TRUE(answers->over);
  std::uint64_t expected = 1;
  for (const auto& event : answers->all("event")) EXPECT_EQ(event.get("number"), Value::unsigned_integer(expected++));
  EXPECT_EQ(expected - 1, log.summaries.begin()->second.length);
}

TEST_F(ServiceTest, AFollowerWhoIsBehindMissesNothing) {
  auto answers = ask(Value::object(
      {{"op", Value::string("start")},
       {"definition",
        Value::string(definition_text(
            "do:\n  - each:\n      for: {each: i, in: '[range(200)]'}\n      do:\n        - a: {set: {x: 1}}\n"
            "  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"))},
       {"follow", Value::boolean(true)}}));
  // The run goes on while the first page has not been taken.
  answer(0, json("1"));
  EXPECT_FALSE(answers->over);
  for (int i = 0; i < 20 && !answers->over; ++i) answers->exchange->more();
  EXPECT_TRUE(answers->over);
  EXPECT_EQ(answers->all("event").size(), log.summaries.begin()->second.length);
}

TEST_F(ServiceTest, EventsBeginWhereAsked) {
  start("do:\n  - a: {set: {x: 1}}\n");
  const auto events = ask(R"({"op": "events", "run": "last", "from": 3})")->all("event");
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().get("number"), Value::integer(3));
  EXPECT_EQ(events.front().get("task"), Value::string("/do/0/a")) << "what earlier events said is known";
}

// ---- runs, show
// ------------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, RunsAreListedNewestFirstAndFiltered) {
  const std::string done = start("do:\n  - a: {set: {x: 1}}\n", "one");
  clock.time += 5'000;
  const std::string open = start(k_call, "two");
  const auto ids = [this](const std::string& more) {
    std::vector<std::string> found;
    const auto answers = ask(R"({"op": "runs")" + more + "}");
    const Value runs = answers->only().get("runs");
    for (const auto& run : runs.as_array()) found.push_back(run.get("id").as_string());
    return found;
  };
  EXPECT_THAT(ids(""), ElementsAre(open, done));
  EXPECT_THAT(ids(R"(, "limit": 1)"), ElementsAre(open));
  EXPECT_THAT(ids(R"(, "limit": 0)"), IsEmpty());
  EXPECT_THAT(ids(R"(, "status": "completed")"), ElementsAre(done));
  EXPECT_THAT(ids(R"(, "workflow": "test/one")"), ElementsAre(done));
  EXPECT_THAT(ids(R"(, "workflow": "other/one")"), IsEmpty());
  EXPECT_THAT(ids(R"(, "since": ")" + to_iso8601(clock.now()) + "\""), ElementsAre(open));
}

TEST_F(ServiceTest, ShowTellsWhatARunWaitsFor) {
  const auto waiting = [this] {
    const Value answer = ask(R"({"op": "show", "run": "last"})")->only();
    std::vector<std::string> sentences;
    const Value all = answer.get("run").get("waitingFor");
    for (const auto& sentence : all.as_array()) sentences.push_back(sentence.as_string());
    return sentences;
  };
  start(k_call);
  EXPECT_THAT(waiting(), ElementsAre("http /do/0/call since " + to_iso8601(clock.now())));
  clock.time += 1'000;
  start("do:\n  - pause: {wait: {seconds: 5}}\n");
  EXPECT_THAT(waiting(), ElementsAre("timer /do/0/pause until " + to_iso8601({clock.time + 5'000})));
  ask(R"({"op": "command", "run": "last", "command": "suspend"})");
  EXPECT_THAT(waiting(), testing::Contains("operator: suspended since " + to_iso8601(clock.now())));
}

TEST_F(ServiceTest, ShowHasDataTasksAndStatus) {
  start("do:\n  - a: {set: {x: 1}}\n  - b: {if: 'false', set: {y: 1}}\n");
  const Value run = ask(R"({"op": "show", "run": "last"})")->only().get("run");
  EXPECT_EQ(run.get("status"), Value::string("completed"));
  EXPECT_EQ(run.get("output"), json(R"({"x": 1})"));
  EXPECT_TRUE(run.get("error").is_null());
  EXPECT_EQ(run.get("workflow").get("name"), Value::string("served"));
  const Value tasks = run.get("tasks");
  ASSERT_THAT(tasks.as_array(), SizeIs(2));
  EXPECT_EQ(tasks.as_array()[1].get("status"), Value::string("skipped"));
}

TEST(TasksView, LeavesOutWhatNestsTooDeepAndCountsIt) {
  TaskView task;
  for (std::size_t depth = 1; depth < k_shown_depth; ++depth) {
    TaskView outer;
    outer.children.push_back(std::move(task));
    task = std::move(outer);
  }
  std::uint64_t left_out = 0;
  tasks_view({task}, left_out);
  EXPECT_EQ(left_out, 0U);
  TaskView outer;
  outer.children.push_back(std::move(task));
  EXPECT_LE(tasks_view({outer}, left_out).depth(), 2 * k_shown_depth + 1);
  EXPECT_EQ(left_out, 1U);
}

// ---- replay, verify, graph
// -------------------------------------------------------------------------------------------

TEST_F(ServiceTest, ReplayShowsTheRunAsItWas) {
  start("do:\n  - a: {set: {x: 1}}\n  - b: {set: {y: 1}}\n");
  const Value state = ask(R"({"op": "replay", "run": "last", "at": 4})")->only().get("state");
  EXPECT_EQ(state.get("event"), Value::integer(4));
  EXPECT_EQ(state.get("status"), Value::string("running"));
  const Value position = state.get("position");
  ASSERT_THAT(position.as_array(), SizeIs(1));
  EXPECT_EQ(position.as_array()[0].get("reference"), Value::string("/do/1/b"));
  EXPECT_EQ(position.as_array()[0].get("input"), json(R"({"x": 1})"));
  EXPECT_EQ(ask(R"({"op": "replay", "run": "last", "at": 99})")->error_code(), "invalid_usage");
}

TEST_F(ServiceTest, ChecksWorkBesideTheEngineAndReport) {
  start("do:\n  - a: {set: {x: 1}}\n");
  log.report.runs = 1;
  log.report.damage = {{"run x event 1", "gone"}};
  const auto replay = ask(R"({"op": "replay", "run": "last", "verify": true})");
  finish(replay);
  EXPECT_EQ(replay->messages.back().get("verified"), Value::integer(4));
  const auto verify = ask(R"({"op": "verify"})");
  finish(verify);
  EXPECT_EQ(verify->all("progress").at(0), Value::integer(50'000));
  EXPECT_EQ(verify->messages.back().get("report").get("damage").as_array().at(0).get("message"), Value::string("gone"));
}

TEST_F(ServiceTest, ABackupReportsHowFarItHasComeAndWhatItHolds) {
  log.report.runs = 3;
  const auto backup = ask(R"({"op": "backup", "directory": "copy"})");
  finish(backup);
  EXPECT_EQ(backup->messages.front().get("of"), Value::integer(64 << 20));
  EXPECT_EQ(backup->messages.back().get("report").get("runs"), Value::integer(3));
  const auto refused = ask(R"({"op": "backup", "directory": ""})");
  finish(refused);
  EXPECT_EQ(refused->messages.back().get("error").get("code"), Value::string("conflict"));
}

TEST_F(ServiceTest, ACheckThatNobodyWaitsForIsOverWithTheService) {
  start("do:\n  - a: {set: {x: 1}}\n");
  ask(R"({"op": "verify"})").reset();
  turn();
}

TEST_F(ServiceTest, GraphMarksWhatTheRunDid) {
  start("do:\n  - each:\n      for: {each: i, in: '[1, 2]'}\n      do:\n        - a: {set: {x: 1}}\n");
  const Value answer = ask(R"({"op": "graph", "run": "last"})")->only();
  EXPECT_EQ(answer.get("marks").get("/do/0/each/do/0/a").get("visits"), Value::integer(2));
  EXPECT_THAT(answer.get("definition").as_string(), HasSubstr("name: served"));
}

// ---- commands, resume
// ------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, CommandsAreRecordedAndRefusedOnceTheRunHasEnded) {
  const std::string run = start(k_call);
  EXPECT_EQ(ask(R"({"op": "command", "run": "last", "command": "cancel", "reason": "no need"})")->only().get("run"),
            Value::string(run));
  EXPECT_EQ(ask(R"({"op": "show", "run": "last"})")->only().get("run").get("cancelReason"), Value::string("no need"));
  EXPECT_EQ(ask(R"({"op": "command", "run": "last", "command": "suspend"})")->error_code(), "conflict");
}

TEST_F(ServiceTest, ResumingAnEndedRunTellsItsEnd) {
  const std::string run = start("do:\n  - a: {set: {x: 1}}\n");
  const auto answers = ask(R"({"op": "resume", "run": "last", "follow": "end"})");
  EXPECT_TRUE(answers->over);
  EXPECT_EQ(answers->messages.back().get("end").get("output"), json(R"({"x": 1})"));
}

TEST_F(ServiceTest, ResumingAllLeavesSuspendedRunsAlone) {
  const std::string open = start(k_call);
  clock.time += 5'000;
  const std::string suspended = start(k_call);
  ask(R"({"op": "command", "run": "last", "command": "suspend"})");
  const Value answer = ask(R"({"op": "resume"})")->only();
  EXPECT_EQ(answer.get("runs"), Value::array({Value::string(open)}));
  EXPECT_EQ(answer.get("suspended"), Value::array({Value::string(suspended)}));
}

TEST_F(ServiceTest, ResumingNothingSaysSo) {
  const auto answers = ask(R"({"op": "resume", "follow": true})");
  EXPECT_TRUE(answers->over);
  EXPECT_EQ(answers->only().get("runs"), Value::array({}));
}

}  // namespace
}  // namespace cairn::tests
