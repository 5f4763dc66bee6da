// metadata.cairn.onFault: the handler's start is in the batch of the fault, always.

#include "engine/machine/fault.h"
#include "tests/engine/runtime/commit_harness.h"

namespace cairn::tests {
namespace {

constexpr const char* k_fail = "do:\n  - fail: {raise: {error: {type: 'https://x.test/odd', status: 418}}}\n";

DefinitionText with_handler(const std::string& tasks, const std::string& handler, const std::string& name = "faulty") {
  DefinitionText text;
  text.text = "document: {dsl: '1.0.3', namespace: test, name: " + name +
              ", version: '1.0.0', metadata: {cairn: {onFault: {workflow: {name: " + handler + "}}}}}\n" + tasks;
  auto loaded = load_definition(text.text);
  EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text.text, name);
  text.program = loaded.program;
  return text;
}

class FaultHandlerTest : public CommitTest {
 protected:
  StartOptions faulty(const std::string& tasks = k_fail) {
    StartOptions options;
    options.workflow = with_handler(tasks, "tell");
    options.with.push_back(definition(k_pure, "tell"));
    options.input = json("{}");
    return options;
  }
  std::vector<RunSummary> runs_of(const std::string& name) {
    std::vector<RunSummary> found;
    for (const auto& [id, summary] : log.summaries) {
      if (summary.workflow.name == name) found.push_back(summary);
    }
    return found;
  }
};

TEST_F(FaultHandlerTest, ItRunsOnceForEachFault) {
  const auto run = engine->start(faulty()).value().run;
  turn();
  const auto handlers = runs_of("tell");
  ASSERT_EQ(handlers.size(), 1U);
  EXPECT_EQ(handlers.front().parent, run);
  EXPECT_EQ(handlers.front().status, RunStatus::completed);
}

TEST_F(FaultHandlerTest, ItMustBeKnownWhenARunStarts) {
  StartOptions options = faulty();
  options.with.clear();
  const auto refused = engine->start(std::move(options));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_usage);
  EXPECT_NE(refused.error().message.find("test/tell:latest"), std::string::npos);
  EXPECT_TRUE(log.summaries.empty());
}

TEST_F(FaultHandlerTest, ItsStartIsInTheBatchOfTheFault) {
  const auto run = engine
                       ->start(faulty(std::string(k_call) +
                                      "  - fail: {raise: {error: {type: 'https://x.test/odd', status: 418}}}\n"))
                       .value()
                       .run;
  hold();
  outside.calls.at(0)->observer.done(json("{}"));
  turn();
  ASSERT_EQ(disk.given.size(), 1U);
  std::vector<RunId> together;
  for (const auto& record : disk.given.front().batch.records) together.push_back(record.run);
  ASSERT_EQ(together.size(), 2U);
  EXPECT_EQ(together[0], run);
  EXPECT_EQ(disk.given.front().batch.records[1].summary.workflow.name, "tell");
}

TEST_F(FaultHandlerTest, HandlersAndOthersNobodyWaitsForShareTheBatchHoweverManyThereAre) {
  // Twenty runs of three hundred children each: more than one batch takes of those that are waited for.
  constexpr int k_parents = 20;
  constexpr int k_children = 300;
  StartOptions options;
  options.workflow = definition("do:\n  - all: {for: {in: '${ [range(" + std::to_string(k_children) +
                                    ")] }'}, do: [{sub: {run: {await: false, workflow: {namespace: test, name: tell, "
                                    "version: '1.0.0'}}}}]}\n",
                                "parent");
  options.with.push_back(definition(k_pure, "tell"));
  options.input = json("{}");
  ASSERT_TRUE(engine->start(options).has_value());
  turn();
  hold();
  for (int i = 0; i < k_parents; ++i) engine->start(options, [](const Result<Started>&) {});
  for (int i = 0; i < 40; ++i) turn();
  std::size_t children = 0;
  for (const auto& given : disk.given) {
    std::set<RunId> there;
    for (const auto& record : given.batch.records) there.insert(record.run);
    for (const auto& record : given.batch.records) {
      for (const auto& event : record.record->events) {
        const auto* started = std::get_if<ChildStarted>(&event);
        if (started == nullptr) continue;
        ++children;
        EXPECT_TRUE(there.contains(started->child));
      }
    }
  }
  EXPECT_GT(children, 4'096U);
}

TEST_F(FaultHandlerTest, OneThatFaultsStartsNoOther) {
  StartOptions options;
  options.workflow = with_handler(k_fail, "tell");
  options.with.push_back(with_handler(k_fail, "tell", "tell"));
  options.input = json("{}");
  ASSERT_TRUE(engine->start(std::move(options)).has_value());
  turn();
  EXPECT_EQ(log.summaries.size(), 2U);
  for (const auto& [id, summary] : log.summaries) EXPECT_EQ(summary.status, RunStatus::faulted);
}

TEST_F(FaultHandlerTest, TheFaultOfAnAwaitedChildCountsForItsParentAlone) {
  StartOptions options;
  options.workflow =
      definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: '1.0.0'}}}\n", "parent");
  options.with.push_back(definition(k_fail, "child"));
  options.input = json("{}");
  ASSERT_TRUE(engine->start(std::move(options)).has_value());
  turn();
  EXPECT_EQ(runs_of("child").at(0).fault_cause, 0U);
  EXPECT_NE(runs_of("parent").at(0).fault_cause, 0U);
}

}  // namespace
}  // namespace cairn::tests
