// Children and the batches they are born and cancelled in.

#include "tests/engine/runtime/commit_harness.h"

namespace cairn::tests {
namespace {

using ChildrenTest = CommitTest;

StartOptions parent_of_three_hundred() {
  std::string branches;
  for (int i = 0; i < 300; ++i) {
    branches +=
        "          - b" + std::to_string(i) + ": {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n";
  }
  StartOptions options;
  options.workflow = definition("do:\n  - all:\n      fork:\n        branches:\n" + branches, "parent");
  options.with.push_back(definition(k_call, "child"));
  options.input = json("{}");
  return options;
}

TEST_F(ChildrenTest, CancellingARunNobodyHostsCancelsItsChildrenHoweverMuchElseIsToBeDecided) {
  const auto run = engine->start(parent_of_three_hundred()).value().run;
  ASSERT_EQ(log.summaries.size(), 301U);
  engine.reset();
  open();
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  for (const auto& [id, summary] : log.summaries) EXPECT_EQ(summary.status, RunStatus::cancelled) << id.to_string();
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(ChildrenTest, AChildIsBornInTheBatchThatSaysSo) {
  StartOptions child;
  child.workflow =
      definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n", "parent");
  child.with.push_back(definition(k_call, "child"));
  const StartOptions again = child;
  ASSERT_TRUE(engine->start(std::move(child)).has_value());
  start(k_pure);
  hold();
  // More than a batch takes, and where it ends a parent: one other run comes before them.
  StartOptions other;
  other.workflow = definition(k_pure);
  engine->start(std::move(other), [](const Result<Started>&) {});
  for (int i = 0; i < 300; ++i) {
    StartOptions options = again;
    engine->start(std::move(options), [](const Result<Started>&) {});
  }
  turn();
  ASSERT_FALSE(disk.given.empty());
  for (const auto& given : disk.given) {
    std::set<RunId> there;
    for (const auto& record : given.batch.records) there.insert(record.run);
    for (const auto& record : given.batch.records) {
      for (const auto& event : record.record->events) {
        if (const auto* started = std::get_if<ChildStarted>(&event)) EXPECT_TRUE(there.contains(started->child));
      }
    }
  }
}

TEST_F(ChildrenTest, WhatAStepMeansForOtherRunsIsInItsBatchHoweverMuchThatIs) {
  // Twenty children of three hundred each, which end at once: more than is worked on in one batch.
  const auto many = [](int count, const std::string& child, bool await) {
    return "do:\n  - many:\n      for: {in: '${ [range(" + std::to_string(count) + ")] }'}\n      do:\n" +
           "        - sub: {run: {workflow: {namespace: test, name: " + child +
           ", version: '1.0.0'}, await: " + (await ? "true" : "false") + "}}\n";
  };
  StartOptions options;
  options.workflow = definition(many(20, "middle", false), "top");
  options.with = {definition(many(300, "leaf", true), "middle"), definition(k_pure, "leaf")};
  options.input = json("{}");
  engine->start(StartOptions(options), [](const Result<Started>&) {});
  turn();
  disk.held = true;
  engine->start(StartOptions(options), [](const Result<Started>&) {});
  std::size_t greatest = 0;
  std::set<RunId> ended;
  for (turn(); !disk.given.empty(); sync_one()) {
    const auto& records = disk.given.front().batch.records;
    greatest = std::max(greatest, records.size());
    std::set<RunId> begun;
    std::set<RunId> promised;
    std::set<RunId> heard;
    std::set<RunId> awaited;
    for (const auto& append : records) {
      for (const auto& event : append.record->events) {
        if (const auto* child = std::get_if<ChildStarted>(&event)) promised.insert(child->child);
        if (const auto* child = std::get_if<ChildCompleted>(&event)) heard.insert(child->child);
        if (const auto* first = std::get_if<RunStarted>(&event); first != nullptr && first->parent) {
          begun.insert(append.run);
        }
        if (std::holds_alternative<RunCompleted>(event) && append.summary.workflow.name == "leaf") {
          awaited.insert(append.run);
        }
      }
    }
    EXPECT_EQ(promised, begun);
    EXPECT_EQ(heard, awaited);
    ended.insert(awaited.begin(), awaited.end());
  }
  EXPECT_EQ(ended.size(), 6'000U);
  EXPECT_LT(greatest, 6'000U) << "the rest is for later batches";
  EXPECT_EQ(engine->hosted(), 0U);
  for (const auto& [run, summary] : log.summaries) EXPECT_EQ(summary.status, RunStatus::completed);
}

TEST_F(ChildrenTest, AChildWhoseStartACrashTookIsStartedByResume) {
  StartOptions options;
  options.workflow =
      definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n", "parent");
  options.with.push_back(definition(k_call, "child"));
  options.input = json("{}");
  const auto run = engine->start(std::move(options)).value().run;
  engine.reset();
  RunId child;
  for (const auto& [id, summary] : log.summaries) {
    if (id != run) child = id;
  }
  log.records.erase(child);
  log.summaries.erase(child);
  open();
  ASSERT_TRUE(engine->resume(run, json("{}")).has_value());
  turn();
  ASSERT_TRUE(log.summaries.contains(child));
  outside.calls.back()->observer.done(json("7"));
  turn();
  turn();
  EXPECT_EQ(log.summaries.at(run).status, RunStatus::completed);
}

TEST_F(ChildrenTest, AResumeThatFailsForAChildLeavesTheFamilyAsItWas) {
  StartOptions options;
  options.workflow = definition(
      "do:\n  - all:\n      fork:\n        branches:\n"
      "          - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
      "          - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n",
      "parent");
  options.with.push_back(
      definition("use: {secrets: [token]}\ndo:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/', "
                 "headers: {a: '${ "
                 "$secrets.token }'}}}\n",
                 "child"));
  options.input = json("{}");
  options.secrets = json(R"({"token": "t"})");
  const auto run = engine->start(std::move(options)).value().run;
  engine.reset();
  open();
  outside.calls.clear();
  const auto refused = engine->resume(run, json("{}"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_usage);
  EXPECT_EQ(engine->hosted(), 0U);
  turn();
  EXPECT_TRUE(outside.calls.empty());
  ASSERT_TRUE(engine->resume(run, json(R"({"token": "t"})")).has_value());
  turn();
  EXPECT_EQ(outside.calls.size(), 2U);
}

TEST_F(ChildrenTest, ACommandIsRecordedHoweverManyChildrenWaitToBeBorn) {
  const auto run = engine->start(parent_of_three_hundred()).value().run;
  engine.reset();
  for (auto it = log.summaries.begin(); it != log.summaries.end();) {
    if (it->first == run) {
      ++it;
      continue;
    }
    log.records.erase(it->first);
    it = log.summaries.erase(it);
  }
  open();
  ASSERT_TRUE(engine->resume(run, json("{}")).has_value());
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  EXPECT_EQ(log.summaries.at(run).status, RunStatus::cancelled);
  const auto again = engine->command(run, OperatorCommand::Kind::cancel, "");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace cairn::tests
