// Faulted runs by cause, and repeating them: once each, whoever asks how often.

#include "tests/engine/runtime/service_harness.h"

namespace cairn::tests {
namespace {

constexpr const char* k_fail =
    "do:\n  - fail: {raise: {error: {type: 'https://x.test/odd', status: 418, title: Odd, detail: '${ .who }'}}}\n";

class RetryTest : public ServiceTest {
 protected:
  std::string start_with(const std::string& tasks, const std::string& input, const std::string& name = "served") {
    const auto answers = ask(Value::object({{"op", Value::string("start")},
                                            {"definition", Value::string(definition_text(tasks, name))},
                                            {"input", json(input)},
                                            {"priority", Value::integer(8)}}));
    return answers->only().get("run").as_string();
  }
  Value faults(const std::string& more = "") {
    const auto answers = ask(R"({"op": "faults")" + more + "}");
    finish(answers);
    return answers->only().get("faults");
  }
  Value retry(const std::string& what) { return ask(R"({"op": "retry", )" + what + "}")->only(); }
  Value retry_run(const std::string& run) { return retry(R"("run": ")" + run + '"'); }
  RunSummary summary(const std::string& run) { return log.summaries.at(*RunId::parse(run)); }
};

TEST_F(RetryTest, FaultsAreToldTogetherByTheirCause) {
  start_with(k_fail, R"({"who": "ada"})");
  clock.time += 5'000;
  const auto newest = start_with(k_fail, R"({"who": "bob"})");
  start_with(k_fail, R"({"who": "eve"})", "another");
  start_with("do:\n  - a: {set: {x: 1}}\n", "{}", "fine");
  const Value all = faults();
  ASSERT_EQ(all.as_array().size(), 2U);
  const Value& most = all.as_array()[0];
  EXPECT_EQ(most.get("runs"), Value::integer(2));
  EXPECT_EQ(most.get("example"), Value::string(newest));
  EXPECT_EQ(most.get("error").get("detail"), Value::string("bob"));
  EXPECT_EQ(most.get("firstAt"), Value::string("2027-01-15T08:00:00.000Z"));
  EXPECT_EQ(most.get("lastAt"), Value::string("2027-01-15T08:00:05.000Z"));
  EXPECT_EQ(faults(R"(, "workflow": "test/another")").as_array().size(), 1U);
  EXPECT_EQ(faults(R"(, "since": "2027-01-15T08:00:05.000Z")").as_array()[0].get("runs"), Value::integer(1));
  EXPECT_EQ(faults(R"(, "since": "2027-01-15T09:00:00.000Z")").as_array().size(), 0U);
  EXPECT_EQ(faults(R"(, "limit": 1)").as_array().size(), 1U);
}

TEST_F(RetryTest, ARetryBeginsAgainWithTheSameInputDefinitionAndPriority) {
  const auto run = start_with(k_fail, R"({"who": "ada"})");
  const auto answer = retry_run(run);
  const auto again = answer.get("runs").as_array().at(0).as_string();
  EXPECT_NE(again, run);
  EXPECT_EQ(answer.get("retried").as_array().at(0).get("existing"), Value::boolean(false));
  const Value shown = ask(R"({"op": "show", "run": ")" + again + "\"}")->only().get("run");
  EXPECT_EQ(shown.get("retryOf"), Value::string(run));
  EXPECT_EQ(shown.get("input"), json(R"({"who": "ada"})"));
  EXPECT_EQ(shown.get("priority"), Value::integer(8));
  EXPECT_EQ(summary(again).definition, summary(run).definition);
  EXPECT_EQ(summary(run).retried_by.to_string(), again);
  EXPECT_EQ(summary(again).id.partition(), summary(run).id.partition());
}

TEST_F(RetryTest, ARunIsRepeatedOnceHoweverOftenSomebodyAsks) {
  const auto run = start_with(k_fail, R"({"who": "ada"})");
  const auto both = retry(R"("runs": [")" + run + R"(", ")" + run.substr(0, 20) + R"("])");
  ASSERT_EQ(both.get("runs").as_array().size(), 1U);
  const auto again = retry_run(run);
  EXPECT_EQ(again.get("runs"), both.get("runs"));
  EXPECT_EQ(again.get("retried").as_array().at(0).get("existing"), Value::boolean(true));
  EXPECT_EQ(log.summaries.size(), 2U);
}

TEST_F(RetryTest, TwoWhoAskAtOnceGetTheSameRun) {
  const auto run = start_with(k_fail, R"({"who": "ada"})");
  StartOptions options;
  const auto stored = log.definitions.begin()->second;
  options.workflow = {stored.text, load_definition(stored.text).program};
  options.stored = true;
  options.input = json(R"({"who": "ada"})");
  options.retry_of = *RunId::parse(run);
  std::vector<Started> answers;
  for (int i = 0; i < 2; ++i) {
    engine.start(options, [&](const Result<Started>& started) { answers.push_back(started.value()); });
  }
  turn();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].run, answers[1].run);
  EXPECT_EQ(log.summaries.size(), 2U);
}

TEST_F(RetryTest, AllRunsOfACauseAreRepeatedAndCountNoMore) {
  for (const auto* who : {"ada", "bob", "eve"}) start_with(k_fail, std::string(R"({"who": ")") + who + R"("})");
  const auto cause = faults().as_array().at(0).get("cause").as_string();
  const auto answer = retry(R"("fault": ")" + cause.substr(0, 6) + '"');
  EXPECT_EQ(answer.get("runs").as_array().size(), 3U);
  // They have faulted again, and it is those that count.
  const Value left = faults().as_array().at(0);
  EXPECT_EQ(left.get("runs"), Value::integer(3));
  EXPECT_EQ(left.get("retried"), Value::integer(3));
  EXPECT_EQ(faults(R"(, "all": true)").as_array().at(0).get("runs"), Value::integer(6));
}

TEST_F(RetryTest, MoreThanOneTurnTakesAreRepeatedToo) {
  for (int i = 0; i < 200; ++i) start_with(k_fail, R"({"who": "ada"})");
  const auto cause = faults().as_array().at(0).get("cause").as_string();
  const auto answers = ask(R"({"op": "retry", "fault": ")" + cause + "\"}");
  EXPECT_EQ(answers->only().get("runs").as_array().size(), 200U);
}

TEST_F(RetryTest, WhatCannotBeRepeatedIsRefusedAndTheRestGoesOn) {
  const auto open = start(k_call, "waiting");
  const auto done = start("do:\n  - a: {set: {x: 1}}\n", "fine");
  const auto cancelled = start(k_call, "cancelled");
  ask(R"({"op": "command", "command": "cancel", "run": ")" + cancelled + "\"}");
  const auto answer = retry(R"("runs": [")" + open + R"(", ")" + done + R"(", ")" + cancelled + R"("])");
  EXPECT_EQ(answer.get("runs").as_array().size(), 1U) << "a cancelled run can be retried";
  const Value refused = answer.get("refused");
  ASSERT_EQ(refused.as_array().size(), 2U);
  EXPECT_EQ(refused.as_array()[0].get("error").get("message"), Value::string("it has not ended"));
  EXPECT_NE(refused.as_array()[1].get("error").get("message").as_string().find("has completed"), std::string::npos);
  EXPECT_EQ(ask(R"({"op": "retry"})")->error_code(), "invalid_usage");
  EXPECT_EQ(ask(R"({"op": "retry", "fault": "abc"})")->error_code(), "invalid_usage");
  EXPECT_EQ(ask(R"({"op": "retry", "fault": "abcdef"})")->error_code(), "not_found");
}

TEST_F(RetryTest, AMendedDefinitionOfTheSameWorkflowMayTakeThePlaceOfTheOldOne) {
  const auto run = start_with(k_fail, R"({"who": "ada"})");
  const auto mended = definition_text("do:\n  - a: {set: {fixed: '${ .who }'}}\n");
  const auto answer =
      ask(Value::object(
              {{"op", Value::string("retry")}, {"run", Value::string(run)}, {"definition", Value::string(mended)}}))
          ->only();
  const auto again = answer.get("runs").as_array().at(0).as_string();
  EXPECT_EQ(ask(R"({"op": "show", "run": ")" + again + "\"}")->only().get("run").get("output"),
            json(R"({"fixed": "ada"})"));
  const auto other = start_with(k_fail, R"({"who": "bob"})", "another");
  const auto refused =
      ask(Value::object(
              {{"op", Value::string("retry")}, {"run", Value::string(other)}, {"definition", Value::string(mended)}}))
          ->only();
  EXPECT_EQ(refused.get("refused").as_array().at(0).get("error").get("code"), Value::string("invalid_usage"));
}

TEST_F(RetryTest, ARetryIsFollowedToItsEnd) {
  const auto run = start_with(k_fail, R"({"who": "ada"})");
  const auto answers = ask(R"({"op": "retry", "follow": "end", "run": ")" + run + "\"}");
  EXPECT_TRUE(answers->over);
  ASSERT_EQ(answers->all("end").size(), 1U);
  EXPECT_EQ(answers->all("end")[0].get("status"), Value::string("faulted"));
}

}  // namespace
}  // namespace cairn::tests
