// Children and the batches they are born and cancelled in.

#include "tests/engine/runtime/commit_harness.h"

namespace cairn::tests {
namespace {

using ChildrenTest = CommitTest;

TEST_F(ChildrenTest, CancellingARunNobodyHostsCancelsItsChildrenHoweverMuchElseIsToBeDecided) {
  StartOptions options;
  std::string branches;
  for (int i = 0; i < 300; ++i) {
    branches +=
        "          - b" + std::to_string(i) + ": {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n";
  }
  options.workflow = definition("do:\n  - all:\n      fork:\n        branches:\n" + branches, "parent");
  options.with.push_back(definition(k_call, "child"));
  options.input = json("{}");
  const auto run = engine->start(std::move(options)).value().run;
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

}  // namespace
}  // namespace cairn::tests
