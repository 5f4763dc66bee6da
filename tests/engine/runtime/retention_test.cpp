// Retention: which ended runs go, which stay, and what is said of those that went.

#include "tests/engine/runtime/commit_harness.h"
#include "tests/engine/runtime/service_harness.h"

#include <algorithm>

namespace cairn::tests {
namespace {

constexpr std::int64_t k_day_ms = 86'400'000;

class RetentionTest : public ServiceTest {
 protected:
  std::string start_kept(const std::string& retention, const std::string& name = "served",
                         const std::string& tasks = k_pure) {
    const std::string text = "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '1.0.0'" +
                             (retention.empty() ? "" : ", metadata: {cairn: {retention: " + retention + "}}") + "}\n" +
                             tasks;
    const auto answers = ask(
        Value::object({{"op", Value::string("start")}, {"definition", Value::string(text)}, {"input", json("{}")}}));
    clock.time += 1'000;
    return answers->only().get("run").as_string();
  }
  Value prune(const std::string& more = "") {
    const auto answers = ask(R"({"op": "prune")" + more + "}");
    finish(answers);
    EXPECT_EQ(answers->error_code(), "");
    return answers->all("pruned").at(0);
  }
  bool is_there(const std::string& run) { return log.summaries.contains(*RunId::parse(run)); }
};

TEST_F(RetentionTest, RunsThatEndedTooLongAgoGo) {
  const auto old = start_kept("{age: P30D}");
  clock.time += 20 * k_day_ms;
  const auto young = start_kept("{age: P30D}");
  EXPECT_EQ(prune().get("runs"), Value::integer(0));
  clock.time += 15 * k_day_ms;
  EXPECT_EQ(prune().get("runs"), Value::integer(1));
  EXPECT_FALSE(is_there(old));
  EXPECT_TRUE(is_there(young));
}

TEST_F(RetentionTest, OfEachWorkflowTheNewestStay) {
  std::vector<std::string> runs;
  for (int i = 0; i < 5; ++i) runs.push_back(start_kept("{count: 2}"));
  const auto other = start_kept("", "unlimited");
  const Value pruned = prune();
  EXPECT_EQ(pruned.get("runs"), Value::integer(3));
  EXPECT_EQ(pruned.get("workflows"), json(R"({"test/served": 3})"));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(is_there(runs[i]), i >= 3) << i;
  EXPECT_TRUE(is_there(other)) << "without a policy everything stays";
}

TEST_F(RetentionTest, TheGeneralPolicyIsForWorkflowsWithoutOneOfTheirOwn) {
  engine.keep({std::nullopt, 1}, false);
  const auto own = start_kept("{count: 3}", "own");
  start_kept("{count: 3}", "own");
  const auto plain = start_kept("", "plain");
  start_kept("", "plain");
  prune();
  EXPECT_TRUE(is_there(own));
  EXPECT_FALSE(is_there(plain));
}

TEST_F(RetentionTest, OpenRunsStayAndSoDoTheChildrenOfOpenRuns) {
  start_kept("{age: PT1S}");
  const auto open = start_kept("{age: PT1S}", "open", k_call);
  const auto parent = start_kept("{age: PT1S}", "parent",
                                 "do:\n  - sub: {run: {await: false, workflow: {namespace: test, name: served}}}\n"
                                 "  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n");
  ASSERT_EQ(log.summaries.size(), 4U);
  std::string child;
  for (const auto& [id, run] : log.summaries) {
    if (!run.parent.is_nil()) child = id.to_string();
  }
  clock.time += k_day_ms;
  EXPECT_EQ(prune().get("runs"), Value::integer(1));
  EXPECT_TRUE(is_there(open));
  EXPECT_TRUE(is_there(child));
  answer(outside.calls.size() - 1, json("{}"));
  clock.time += k_day_ms;
  EXPECT_EQ(prune().get("runs"), Value::integer(2));
  EXPECT_FALSE(is_there(parent));
  EXPECT_FALSE(is_there(child));
  EXPECT_TRUE(is_there(open));
}

TEST_F(RetentionTest, WhatAPersonAskedForGoesBeforeThePolicies) {
  const auto one = start_kept("{age: P30D}");
  const auto two = start_kept("{age: P30D}");
  const auto other = start_kept("", "other");
  EXPECT_EQ(prune(R"(, "keep": 1, "workflow": "test/served", "dryRun": true)").get("runs"), Value::integer(1));
  EXPECT_TRUE(is_there(one)) << "nothing goes by a dry run";
  prune(R"(, "keep": 1, "workflow": "test/served")");
  EXPECT_FALSE(is_there(one));
  EXPECT_TRUE(is_there(two));
  EXPECT_TRUE(is_there(other));
  clock.time += 10'000;
  prune(R"(, "olderThan": 5000)");
  EXPECT_TRUE(log.summaries.empty());
}

TEST_F(RetentionTest, OfARemovedRunItIsSaidThatItWasRemoved) {
  const auto run = start_kept("{count: 0}");
  prune();
  for (const auto* op : {"show", "events", "why", "graph", "replay"}) {
    const auto answers = ask(std::string(R"({"op": ")") + op + R"(", "run": ")" + run + "\"}");
    EXPECT_EQ(answers->error_code(), "not_found") << op;
    const auto message = answers->all("error").at(0).get("message").as_string();
    EXPECT_NE(message.find("was removed on 2027-01-15T08:00:01.000Z by retention"), std::string::npos) << message;
  }
  const auto refused = ask(R"({"op": "retry", "run": ")" + run + "\"}");
  EXPECT_EQ(refused->error_code(), "not_found");
}

TEST_F(RetentionTest, MoreThanOneTurnTakesGo) {
  for (int i = 0; i < 500; ++i) start_kept("{count: 100}");
  EXPECT_EQ(prune().get("runs"), Value::integer(400));
  EXPECT_EQ(log.summaries.size(), 100U);
}

// ---- while removals are on their way to the disk -----------------------------------------------------------------------

class RemovalUnderWayTest : public CommitTest {
 protected:
  /// A run that has ended and whose removal the disk has not taken yet.
  RunId going(const std::string& key = {}) {
    const auto run = start(k_pure, key)->at(0).value().run;
    hold();
    PruneOptions options;
    options.policy = RetentionPolicy{std::nullopt, 0};
    engine->prune(options, {}, [this](const Result<Pruned>& pruned) {
      done = pruned.has_value();
      failed = !done;
    });
    turn();
    EXPECT_FALSE(done);
    disk.held = false;
    return run;
  }
  bool done = false;
  bool failed = false;
};

TEST_F(RemovalUnderWayTest, ACommandWaitsForItAndFindsNoRun) {
  const auto run = going();
  disk.sync_all();
  const auto refused = engine->command(run, OperatorCommand::Kind::cancel, "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_FALSE(engine->stopped_by());
}

TEST_F(RemovalUnderWayTest, AStartWithItsKeyStartsAnotherRun) {
  const auto run = going("the key");
  disk.sync_all();
  turn();
  const auto again = start(k_pure, "the key");
  ASSERT_EQ(again->size(), 1U);
  EXPECT_NE(again->at(0).value().run, run);
  EXPECT_FALSE(engine->stopped_by());
}

TEST_F(RemovalUnderWayTest, AFailedDiskEndsItWithTheError) {
  going();
  disk.failure = broken();
  disk.sync_all();
  turn();
  EXPECT_TRUE(engine->stopped_by());
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace cairn::tests
