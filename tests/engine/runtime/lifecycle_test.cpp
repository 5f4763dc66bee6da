// The feed of lifecycle events: what is told of a run, in which order, from which position on.

#include "engine/runtime/lifecycle_feed.h"
#include "tests/engine/runtime/commit_harness.h"

#include <gmock/gmock.h>

#include <set>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view k_prefix = "io.serverlessworkflow.";

/// All types, those that have to be asked for too.
std::vector<std::string> every_type() {
  std::vector<std::string> types;
  for (const auto type : lifecycle_types()) types.emplace_back(type);
  return types;
}

/// "task.started /do/0/a" of an event.
std::string brief(const LifecycleEvent& told) {
  std::string type(told.type.substr(k_prefix.size()));
  type.resize(type.size() - std::string_view(".v1").size());
  const Value* task = told.event.get("data").find("task");
  return task == nullptr ? type : type + " " + task->as_string();
}

class LifecycleTest : public CommitTest {
 protected:
  /// A run alone, without the one that the harness starts of each definition before.
  RunId run(const std::string& tasks, const std::string& name = "told") {
    StartOptions options;
    options.workflow = definition(tasks, name);
    options.input = json("{}");
    const auto begun = engine->start(std::move(options));
    turn();
    return begun.value().run;
  }
  std::vector<LifecycleEvent> all(LifecycleFilter filter = {}, LifecyclePosition after = {}) {
    LifecycleFeed feed(log, std::move(filter), after);
    std::vector<LifecycleEvent> events;
    gaps.clear();
    std::size_t budget = 100'000;
    while (auto item = feed.next(budget).value()) {
      if (auto* event = std::get_if<LifecycleEvent>(&*item)) {
        EXPECT_GE(feed.position(), event->at);
        events.push_back(std::move(*event));
      } else {
        gaps.push_back(std::get<LifecycleGap>(*item));
      }
    }
    return events;
  }
  static std::vector<std::string> briefs(const std::vector<LifecycleEvent>& events) {
    std::vector<std::string> lines;
    for (const auto& event : events) lines.push_back(brief(event));
    return lines;
  }
  std::vector<std::string> told(LifecycleFilter filter = {}) { return briefs(all(std::move(filter))); }
  void command(const RunId& run, OperatorCommand::Kind kind) {
    ASSERT_TRUE(engine->command(run, kind, "").has_value());
    turn();
  }

  std::vector<LifecycleGap> gaps;
};

TEST_F(LifecycleTest, ARunOfTwoTasksIsToldFromItsStartToItsEnd) {
  const RunId id = run("do:\n  - a: {set: {x: 1}}\n  - b: {set: {y: 2}}\n");
  const auto events = all();
  EXPECT_THAT(briefs(events), ElementsAre("workflow.started", "task.created /do/0/a", "task.started /do/0/a",
                                          "task.completed /do/0/a", "task.created /do/1/b", "task.started /do/1/b",
                                          "task.completed /do/1/b", "workflow.completed"));
  const Value& started = events.front().event;
  EXPECT_EQ(started.get("specversion"), Value::string("1.0"));
  EXPECT_EQ(started.get("source"), Value::string("/test/told/1.0.0"));
  EXPECT_EQ(started.get("subject"), Value::string(id.to_string()));
  EXPECT_EQ(started.get("id"), Value::string(id.to_string() + "/1.1"));
  EXPECT_EQ(started.get("datacontenttype"), Value::string("application/json"));
  EXPECT_EQ(to_json(started.get("data")), R"({"name":"told-)" + id.to_string() +
                                              R"(.test","startedAt":"2027-01-15T08:00:00.000Z","definition":)" +
                                              R"({"name":"told","namespace":"test","version":"1.0.0"}})");
  EXPECT_EQ(
      to_json(events[2].event.get("data")),
      R"({"workflow":"told-)" + id.to_string() + R"(.test","task":"/do/0/a","startedAt":"2027-01-15T08:00:00.000Z"})");
}

TEST_F(LifecycleTest, IdsAreUniqueAndTheSameWheneverTheyAreTold) {
  run("do:\n  - a: {fork: {branches: [{x: {set: {n: 1}}}, {y: {set: {n: 2}}}]}}\n");
  run("do:\n  - a: {set: {x: 1}}\n", "other");
  const auto first = all({.types = every_type()});
  const auto second = all({.types = every_type()});
  std::set<std::string> ids;
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].event, second[i].event);
    EXPECT_TRUE(ids.insert(to_json(first[i].event.get("id"))).second);
    if (i > 0) EXPECT_GT(first[i].at, first[i - 1].at);
  }
}

TEST_F(LifecycleTest, WhoGoesOnFromAnyPositionMissesNothingAndGetsNothingTwice) {
  run("do:\n  - a: {set: {x: 1}}\n");
  const RunId waits = run(k_call, "waits");
  command(waits, OperatorCommand::Kind::suspend);
  command(waits, OperatorCommand::Kind::proceed);
  outside.calls.at(0)->observer.done(json("{}"));
  turn();
  for (const LifecycleFilter& filter :
       {LifecycleFilter{}, LifecycleFilter{.types = every_type()}, LifecycleFilter{.workflows = {"test/waits"}}}) {
    const auto events = all(filter);
    ASSERT_GT(events.size(), 4U);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto parsed = parse_lifecycle_position(to_string(events[i].at));
      ASSERT_TRUE(parsed);
      const auto rest = all(filter, *parsed);
      ASSERT_EQ(rest.size(), events.size() - i - 1);
      for (std::size_t k = 0; k < rest.size(); ++k) EXPECT_EQ(rest[k].event, events[i + 1 + k].event);
    }
  }
}

TEST_F(LifecycleTest, AFaultIsToldWithItsErrorAndARetryAsSuch) {
  run("do:\n  - t:\n      try: [{r: {raise: {error: {type: 'https://x.test/oops', status: 500, title: Oops}}}}]\n"
      "      catch: {retry: {limit: {attempt: {count: 1}}}}\n");
  const auto events = all();
  EXPECT_THAT(briefs(events), ElementsAre("workflow.started", "task.created /do/0/t", "task.started /do/0/t",
                                          "task.created /do/0/t/try/0/r", "task.started /do/0/t/try/0/r",
                                          "task.faulted /do/0/t/try/0/r", "task.retried /do/0/t",
                                          "task.created /do/0/t/try/0/r", "task.started /do/0/t/try/0/r",
                                          "task.faulted /do/0/t/try/0/r", "task.faulted /do/0/t", "workflow.faulted"));
  const Value error = events.back().event.get("data").get("error");
  EXPECT_EQ(error.get("type"), Value::string("https://x.test/oops"));
  EXPECT_EQ(error.get("status").as_int(), 500);
}

TEST_F(LifecycleTest, SuspendingResumingAndCancellingConcernTheOpenTasksToo) {
  const RunId id = run("do:\n  - outer:\n      do:\n        - inner: {wait: PT1H}\n");
  command(id, OperatorCommand::Kind::suspend);
  command(id, OperatorCommand::Kind::proceed);
  command(id, OperatorCommand::Kind::cancel);
  auto lines = told();
  lines.erase(lines.begin(), lines.begin() + 5);
  EXPECT_THAT(lines,
              ElementsAre("workflow.suspended", "task.suspended /do/0/outer", "task.suspended /do/0/outer/do/0/inner",
                          "workflow.resumed", "task.resumed /do/0/outer", "task.resumed /do/0/outer/do/0/inner",
                          "task.cancelled /do/0/outer/do/0/inner", "task.cancelled /do/0/outer", "workflow.cancelled"));
}

TEST_F(LifecycleTest, ListeningIsCorrelatingAndItsKeysAreTold) {
  run("do:\n  - l:\n      listen:\n        to:\n          one:\n            with: {type: t}\n"
      "            correlate: {order: {from: '${ .data.order }'}}\n");
  ASSERT_TRUE(engine->publish({json(R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"order":7}})")}));
  turn();
  const auto events =
      all({.types = {"io.serverlessworkflow.workflow.*", "io.serverlessworkflow.workflow.status-changed.v1"}});
  EXPECT_THAT(briefs(events), ElementsAre("workflow.started", "workflow.status-changed", "workflow.correlation-started",
                                          "workflow.status-changed", "workflow.correlation-completed",
                                          "workflow.status-changed", "workflow.completed", "workflow.status-changed"));
  EXPECT_EQ(to_json(events[4].event.get("data").get("correlationKeys")), R"({"order":7})");
  EXPECT_EQ(events[3].event.get("data").get("status"), Value::string("waiting"));
}

TEST_F(LifecycleTest, ATaskThatIsSkippedIsNotToldAndNeitherAreExtensions) {
  run("use:\n  extensions:\n    - log: {extend: set, before: [{note: {set: {n: 1}}}]}\n"
      "do:\n  - a: {if: '${ false }', set: {x: 1}}\n  - b: {set: {y: 2}}\n");
  const auto lines = told();
  EXPECT_THAT(lines, ::testing::Not(::testing::Contains(::testing::HasSubstr("/do/0/a"))));
  EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("/note")));
  for (const auto& line : lines) {
    EXPECT_TRUE(line.starts_with("workflow.") || line.ends_with("/b") || line.ends_with("/note")) << line;
  }
}

TEST_F(LifecycleTest, FiltersChooseRunsWorkflowsTypesAndSources) {
  const RunId one = run("do:\n  - a: {set: {x: 1}}\n", "one");
  run("do:\n  - a: {set: {x: 1}}\n", "two");
  EXPECT_EQ(all({.run = one}).size(), 5U);
  EXPECT_EQ(all({.workflows = {"two"}}).size(), 5U);
  EXPECT_EQ(all({.workflows = {"test/two", "test/one"}}).size(), 10U);
  EXPECT_THAT(all({.workflows = {"other/two"}}), IsEmpty());
  EXPECT_EQ(all({.types = {"io.serverlessworkflow.task.completed.v1"}}).size(), 2U);
  EXPECT_EQ(all({.sources = {"/test/one/*"}}).size(), 5U);
}

TEST_F(LifecycleTest, NothingIsToldBeforeItIsDurable) {
  start(k_pure);
  const std::size_t before = all().size();
  hold();
  std::size_t woken = 0;
  const auto watch = engine->observe_feed([&woken] { ++woken; });
  start(k_pure);
  EXPECT_EQ(woken, 0U);
  EXPECT_EQ(all().size(), before);
  sync_one();
  EXPECT_EQ(woken, 1U);
  EXPECT_EQ(all().size(), before + 5);
}

TEST_F(LifecycleTest, WhoWatchesMayStopWithinBeingTold) {
  std::unique_ptr<Observation> watch;
  std::size_t woken = 0;
  watch = engine->observe_feed([&] {
    ++woken;
    watch.reset();
  });
  run(k_pure);
  run(k_pure, "again");
  EXPECT_EQ(woken, 1U);
}

TEST_F(LifecycleTest, RunsThatRetentionHasRemovedAreAGapThatIsTold) {
  const RunId first = run(k_pure, "first");
  run(k_pure, "second");
  const RunId third = run(k_pure, "third");
  run(k_pure, "fourth");
  const auto before = all();
  AppendBatch batch;
  batch.forget = {{first, Timestamp{}, "age"}, {third, Timestamp{}, "age"}};
  ASSERT_TRUE(log.append(batch));
  EXPECT_EQ(all().size(), before.size() / 2);
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(number_of(gaps[0].from), 1U);
  EXPECT_EQ(number_of(gaps[0].through), 4U);
  EXPECT_EQ(number_of(gaps[1].from), 9U);
  EXPECT_EQ(number_of(gaps[1].through), 12U);
  log.order.erase(log.order.begin());  // as the log does when nothing of a row is left
  EXPECT_EQ(all().size(), before.size() / 2);
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(number_of(gaps[0].from), 1U);
}

TEST_F(LifecycleTest, ADamagedRecordIsNotPassedOver) {
  const RunId id = run(k_pure);
  log.records[id].front().events.pop_back();
  LifecycleFeed feed(log, {}, {});
  std::size_t budget = 10;
  for (int i = 0; i < 2; ++i) {
    const auto item = feed.next(budget);
    ASSERT_FALSE(item);
    EXPECT_EQ(item.error().code, ErrorCode::corrupt);
  }
}

TEST_F(LifecycleTest, AReaderLooksAtNoMoreThanItsBudget) {
  for (int i = 0; i < 5; ++i) run(k_pure, "run" + std::to_string(i));
  LifecycleFeed feed(log, {.types = {"nothing.like.this"}}, {});
  std::size_t budget = 3;
  EXPECT_FALSE(feed.next(budget).value());
  EXPECT_EQ(budget, 0U);
  EXPECT_EQ(to_string(feed.position()), "12");
  budget = 3;
  EXPECT_FALSE(feed.next(budget).value());
  EXPECT_EQ(budget, 1U) << "that was all";
}

TEST(LifecyclePositions, AreReadAsTheyAreWritten) {
  for (const auto* text : {"0", "4711", "4711.2"}) {
    const auto position = parse_lifecycle_position(text);
    ASSERT_TRUE(position) << text;
    EXPECT_EQ(to_string(*position), text);
  }
  EXPECT_LT(*parse_lifecycle_position("4711.2"), *parse_lifecycle_position("4711"));
  EXPECT_LT(*parse_lifecycle_position("4711"), *parse_lifecycle_position("4712.1"));
  for (const auto* text : {"", "x", "-1", "1.", ".1", "1.x", "1.2.3", "99999999999999999999", "1.4294967295"}) {
    EXPECT_FALSE(parse_lifecycle_position(text)) << text;
  }
}

}  // namespace
}  // namespace cairn::tests
