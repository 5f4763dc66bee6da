// The past of a run: folding to any event, deciding again, telling.

#include "engine/runtime/history.h"

#include "engine/machine/apply.h"
#include "engine/runtime/brief.h"
#include "tests/engine/runtime/service_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HistoryTest : public ServiceTest {
 protected:
  static constexpr const char* k_tasks = R"(do:
  - first: {set: {n: 1}}
  - each:
      for: {each: item, in: '[1, 2]'}
      do:
        - add: {set: '${ {n: (.n + $item)} }'}
  - look: {call: http, with: {method: get, endpoint: 'http://x.test/'}}
  - last: {set: {done: true}}
)";

  RunId finished_run() {
    const RunId run = *RunId::parse(start(k_tasks));
    answer(0, json(R"({"found": true})"));
    return run;
  }
  std::vector<EventLine> lines_of(const RunId& run) {
    EventTeller teller;
    std::vector<EventLine> lines;
    for (const auto& record : log.records.at(run)) {
      EventSeq number = record.first;
      for (const auto& event : record.events) {
        lines.push_back(teller.tell(number, record.stimulus.now, event));
        number = next_of(number);
      }
    }
    return lines;
  }
  TaskTree tree_of(const RunId& run) {
    TaskTree tree;
    for (const auto& record : log.records.at(run)) {
      EventSeq number = record.first;
      for (const auto& event : record.events) {
        tree.add(number, record.stimulus.now, event);
        number = next_of(number);
      }
    }
    return tree;
  }
};

TEST_F(HistoryTest, FoldingToAnEventIsTheFoldOfTheEventsUpToIt) {
  const RunId run = finished_run();
  RunState state;
  state.id = run;
  for (const auto& record : log.records.at(run)) {
    for (const auto& event : record.events) {
      apply(state, event, record.stimulus.now);
      const auto folded = fold_run(log, run, state.last);
      ASSERT_TRUE(folded.has_value());
      EXPECT_EQ(to_json(to_value(folded.value())), to_json(to_value(state)));
    }
  }
  EXPECT_EQ(to_json(to_value(fold_run(log, run).value())), to_json(to_value(state)));
}

TEST_F(HistoryTest, ASnapshotShortensTheFoldAndChangesNothing) {
  const RunId run = finished_run();
  const auto plain = to_json(to_value(fold_run(log, run).value()));
  const EventSeq middle{6};
  log.snapshots[run][middle] = to_value(fold_run(log, run, middle).value());
  EXPECT_EQ(to_json(to_value(fold_run(log, run).value())), plain);
  EXPECT_EQ(fold_run(log, run, EventSeq{5}).value().last, EventSeq{5}) << "one that is too new is not used";
}

TEST_F(HistoryTest, ASnapshotThatDoesNotReadBackIsPassedOver) {
  const RunId run = finished_run();
  const auto plain = to_json(to_value(fold_run(log, run).value()));
  log.snapshots[run][EventSeq{4}] = json(R"({"id": 7})");
  EXPECT_EQ(to_json(to_value(fold_run(log, run).value())), plain);
}

TEST_F(HistoryTest, ARunOrEventThatIsNotThereIsAnError) {
  const RunId run = finished_run();
  const auto length = log.summaries.at(run).length;
  EXPECT_EQ(fold_run(log, RunId::make(1, PartitionId{1}, 1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(fold_run(log, run, EventSeq{length + 1}).error().code, ErrorCode::invalid_usage);
  EXPECT_EQ(fold_run(log, run, k_no_event).error().code, ErrorCode::invalid_usage);
  EXPECT_TRUE(fold_run(log, run, EventSeq{length}).has_value());
}

TEST_F(HistoryTest, ARunDecidedAgainIsTheSame) {
  const RunId run = finished_run();
  const auto divergence = verify_run(log, run);
  ASSERT_TRUE(divergence.has_value()) << divergence.error().to_string();
  EXPECT_FALSE(divergence.value().has_value()) << divergence.value()->message;
}

TEST_F(HistoryTest, AFalsifiedValueIsFoundWhereItStands) {
  const RunId run = finished_run();
  auto& record = log.records.at(run).front();
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    if (auto* completed = std::get_if<TaskCompleted>(&record.events[i])) {
      completed->output = json(R"({"n": 2})");
      const auto divergence = verify_run(log, run).value();
      ASSERT_TRUE(divergence.has_value());
      EXPECT_EQ(number_of(divergence->at), i + 1);
      EXPECT_EQ(divergence->message, "TaskCompleted differs at /output/n: recorded 2, decided 1");
      return;
    }
  }
  FAIL() << "no task has completed";
}

TEST_F(HistoryTest, AMissingAnExtraAndAnotherEventAreFound) {
  const RunId run = finished_run();
  const auto honest = log.records.at(run);
  const auto message = [&] { return verify_run(log, run).value().value().message; };

  log.records.at(run).back().events.pop_back();
  EXPECT_THAT(message(), HasSubstr("RunCompleted is decided, and nothing more is recorded"));
  log.records.at(run) = honest;
  log.records.at(run).back().events.emplace_back(RunSuspended{});
  EXPECT_THAT(message(), HasSubstr("RunSuspended is recorded, and nothing more is decided"));
  log.records.at(run) = honest;
  log.records.at(run).back().events.back() = RunCancelled{};
  EXPECT_THAT(message(), HasSubstr("RunCancelled is recorded, RunCompleted is decided"));
}

TEST_F(HistoryTest, RecordsThatNoMachineWouldTakeAreFoundNotTried) {
  const RunId run = finished_run();
  const auto honest = log.records.at(run);
  log.records.at(run).back().stimulus.what = StartRun{run, {}, {}, 5, {}};
  EXPECT_EQ(verify_run(log, run).value().value().message, "the run starts a second time");
  log.records.at(run) = honest;
  log.records.at(run).front().stimulus.what = GoOn{};
  EXPECT_EQ(verify_run(log, run).value().value().message, "the run does not begin with its start");
}

TEST_F(HistoryTest, ASnapshotThatIsNotTheFoldIsFound) {
  const RunId run = finished_run();
  log.snapshots[run][EventSeq{6}] =
      to_value(fold_run(log, run, EventSeq{6}).value()).with("priority", Value::integer(9));
  EXPECT_THAT(verify_run(log, run).value().value().message, HasSubstr("/priority: recorded 9, decided 5"));
}

TEST_F(HistoryTest, ADefinitionThatIsNotInTheLogIsAnError) {
  const RunId run = finished_run();
  log.definitions.clear();
  EXPECT_EQ(verify_run(log, run).error().code, ErrorCode::corrupt);
}

TEST_F(HistoryTest, ASummaryTellsHowTheRunStands) {
  const RunId run = *RunId::parse(start(k_call));
  const auto summary = summary_of(fold_run(log, run).value());
  EXPECT_EQ(summary.status, RunStatus::running);
  EXPECT_TRUE(summary.open);
  answer(0, json("1"));
  const auto ended = summary_of(fold_run(log, run).value());
  EXPECT_EQ(ended.status, RunStatus::completed);
  EXPECT_FALSE(ended.open);
  EXPECT_TRUE(ended.ended_at.has_value());
}

TEST_F(HistoryTest, EveryEventIsToldWithItsTaskAndGist) {
  const RunId run = finished_run();
  std::vector<std::string> told;
  for (const auto& line : lines_of(run)) told.push_back(line.type + "|" + line.task + "|" + line.gist);
  EXPECT_THAT(told, ElementsAre("RunStarted||test/served:1.0.0 input {}",                //
                                "TaskStarted|/do/0/first|set input {}",                  //
                                "TaskCompleted|/do/0/first|→ {\"n\":1}",                 //
                                "TaskStarted|/do/1/each|for input {\"n\":1}",            //
                                "LoopStarted|/do/1/each|over 2 items",                   //
                                "IterationStarted|/do/1/each|index 0",                   //
                                "TaskStarted|/do/1/each/do/0/add|set input {\"n\":1}",   //
                                "TaskCompleted|/do/1/each/do/0/add|→ {\"n\":2}",         //
                                "IterationStarted|/do/1/each|index 1",                   //
                                "TaskStarted|/do/1/each/do/0/add|set input {\"n\":2}",   //
                                "TaskCompleted|/do/1/each/do/0/add|→ {\"n\":4}",         //
                                "TaskCompleted|/do/1/each|→ {\"n\":4}",                  //
                                "TaskStarted|/do/2/look|call input {\"n\":4}",           //
                                "EffectScheduled|/do/2/look|GET http://x.test/ key 14",  //
                                "EffectCompleted|/do/2/look|→ {\"found\":true}",         //
                                "TaskCompleted|/do/2/look|→ {\"found\":true}",           //
                                "TaskStarted|/do/3/last|set input {\"found\":true}",     //
                                "TaskCompleted|/do/3/last|→ {\"done\":true}",            //
                                "RunCompleted||→ {\"done\":true}"));
}

TEST_F(HistoryTest, AnAddressThatAnExpressionGaveIsTold) {
  const RunId run = *RunId::parse(start(R"(do:
  - name: {set: {url: 'http://x.test/1'}}
  - look: {call: http, with: {method: get, endpoint: '${ .url }'}}
)"));
  std::vector<std::string> gists;
  for (const auto& line : lines_of(run)) {
    if (line.type == "EffectScheduled") gists.push_back(line.gist);
  }
  EXPECT_THAT(gists, ElementsAre("GET http://x.test/1 key 5"));
}

TEST_F(HistoryTest, RetriesAndWaitsAreToldWithTheirTimes) {
  const RunId run = *RunId::parse(start(R"(do:
  - careful:
      try:
        - look: {call: http, with: {method: get, endpoint: 'http://x.test/'}}
      catch:
        retry: {delay: {seconds: 3}, backoff: {constant: {}}, limit: {attempt: {count: 2}}}
)"));
  Problem problem = make_problem(StandardError::communication, "Service Unavailable", "");
  problem.status = 503;
  answer(0, problem);
  std::vector<std::string> gists;
  for (const auto& line : lines_of(run)) {
    if (line.type == "ErrorCaught" || line.type == "TimerStarted") gists.push_back(line.gist);
  }
  EXPECT_THAT(gists, ElementsAre("attempt 1 failed and is retried: communication 503 Service Unavailable",
                                 "attempt 2 in 3 s: communication 503 Service Unavailable"));
  const auto tree = tree_of(run).roots();
  ASSERT_EQ(tree.size(), 1U);
  EXPECT_EQ(tree.front().status, "waiting");
  ASSERT_TRUE(tree.front().problem.has_value());
  EXPECT_EQ(tree.front().children.at(0).status, "faulted");
}

TEST_F(HistoryTest, TheTreeHoldsEveryVisitUnderItsParent) {
  const auto roots = tree_of(finished_run()).roots();
  ASSERT_EQ(roots.size(), 4U);
  EXPECT_EQ(roots[1].name, "each");
  EXPECT_EQ(roots[1].status, "completed");
  ASSERT_EQ(roots[1].children.size(), 2U);
  EXPECT_EQ(roots[1].children[0].iteration, 0U);
  EXPECT_EQ(roots[1].children[1].iteration, 1U);
  EXPECT_EQ(roots[2].kind, "call");
  EXPECT_TRUE(roots[3].ended_at.has_value());
}

TEST(TaskTreeLimit, VisitsBeyondItAreCounted) {
  TaskTree tree;
  for (std::uint64_t i = 1; i <= TaskTree::k_max_tasks + 1; ++i) {
    tree.add(EventSeq{i}, Timestamp{}, TaskStarted{"/do/0/a", "set", k_no_event, {}, {}, {}});
  }
  EXPECT_EQ(tree.roots().size(), TaskTree::k_max_tasks);
  EXPECT_EQ(tree.left_out(), 1U);
}

TEST(TaskTreeNames, AreUnescaped) {
  TaskTree tree;
  tree.add(EventSeq{1}, Timestamp{}, TaskStarted{"/do/0/a~1b~0c", "set", k_no_event, {}, {}, {}});
  EXPECT_EQ(tree.roots().at(0).name, "a/b~c");
}

TEST(Brief, ValuesAreCutBetweenCharacters) {
  EXPECT_EQ(brief_json(json(R"({"a":[1,2]})")), R"({"a":[1,2]})");
  EXPECT_EQ(brief_json(json(R"(["ääääää"])"), 5), "[\"äää…");
  EXPECT_EQ(brief_text("one\ntwo\x7f"), "one two ");
  EXPECT_EQ(brief_text("abc", 3), "abc");
  EXPECT_EQ(brief_text("abcd", 3), "abc…");
}

TEST(Brief, OfAHugeValueCostsWhatIsShown) {
  Array items(1'000'000, Value::string(std::string(100, 'x')));
  const Value huge = Value::array(std::move(items));
  for (int i = 0; i < 1'000; ++i) ASSERT_LT(brief_json(huge).size(), 100U);
}

TEST(Brief, DurationsAndTimesReadWell) {
  EXPECT_EQ(brief_duration(0), "0 ms");
  EXPECT_EQ(brief_duration(999), "999 ms");
  EXPECT_EQ(brief_duration(1'000), "1 s");
  EXPECT_EQ(brief_duration(1'250), "1.25 s");
  EXPECT_EQ(brief_duration(125'000), "2 min 5 s");
  EXPECT_EQ(brief_duration(3'600'000), "1 h");
  EXPECT_EQ(brief_duration(90'000'000), "1 d 1 h");
  EXPECT_EQ(brief_duration(-5), "0 ms");
  EXPECT_EQ(brief_time(Timestamp{3'250}, Timestamp{0}), "00:00:03.250");
  EXPECT_EQ(brief_time(Timestamp{86'400'000}, Timestamp{0}), "1970-01-02 00:00:00.000");
}

}  // namespace
}  // namespace cairn::tests
