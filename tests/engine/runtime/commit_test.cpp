// What leaves the engine, and when: nothing before the batch it depends on is durable.

#include "tests/engine/runtime/commit_harness.h"
#include "workflows/core/limits.h"

namespace cairn::tests {
namespace {

TEST_F(CommitTest, AStartIsAnsweredWhenItIsDurableAndNoSooner) {
  start(k_pure);
  hold();
  const auto answers = start(k_pure);
  EXPECT_TRUE(answers->empty());
  sync_one();
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_TRUE(log.records.contains(answers->at(0).value().run));
}

TEST_F(CommitTest, AnEffectGoesOutWhenItIsDurableAndNoSooner) {
  start(k_call);
  const auto before = outside.calls.size();
  hold();
  start(k_call);
  EXPECT_EQ(outside.calls.size(), before);
  sync_one();
  EXPECT_EQ(outside.calls.size(), before + 1);
}

TEST_F(CommitTest, TheNextEffectWaitsForTheRecordOfTheResultThatLedToIt) {
  start(k_two_calls);
  const auto calls = outside.calls.size();
  hold();
  outside.calls.back()->observer.done(json("1"));
  turn();
  EXPECT_EQ(outside.calls.size(), calls);
  ASSERT_EQ(disk.given.size(), 1U);
  sync_one();
  EXPECT_EQ(outside.calls.size(), calls + 1);
}

TEST_F(CommitTest, AnObserverIsToldWhatIsDurableAndNothingElse) {
  const auto run = started(k_call);
  std::size_t records = 0;
  std::size_t ends = 0;
  RunObserver observer;
  observer.on_record = [&](const Record& record) {
    ++records;
    EXPECT_EQ(log.records.at(run).back().first, record.first);
  };
  observer.on_end = [&](const RunState& state) {
    ++ends;
    EXPECT_EQ(log.summaries.at(run).length, number_of(state.last));
  };
  const auto observation = engine->observe(run, std::move(observer));
  hold();
  outside.calls.back()->observer.done(json("1"));
  turn();
  EXPECT_EQ(records + ends, 0U);
  EXPECT_TRUE(engine->hosts(run)) << "its last step is not in the log yet";
  sync_one();
  EXPECT_EQ(records, 1U);
  EXPECT_EQ(ends, 1U);
  EXPECT_FALSE(engine->hosts(run));
}

TEST_F(CommitTest, WhoObservesARunFromItsAnswerOnMissesNothing) {
  start(k_pure);
  std::size_t records = 0;
  std::size_t ends = 0;
  std::unique_ptr<Observation> observation;
  StartOptions options;
  options.workflow = definition(k_pure);
  engine->start(std::move(options), [&](const Result<Started>& answer) {
    RunObserver observer;
    observer.on_record = [&](const Record&) { ++records; };
    observer.on_end = [&](const RunState&) { ++ends; };
    observation = engine->observe(answer.value().run, std::move(observer));
  });
  turn();
  EXPECT_EQ(records, 1U);
  EXPECT_EQ(ends, 1U);
}

TEST_F(CommitTest, ADuplicateStartIsAnsweredWhenTheFirstIsDurable) {
  start(k_pure);
  hold();
  const auto first = start(k_pure, "order-1");
  const auto again = start(k_pure, "order-1");
  EXPECT_TRUE(first->empty());
  EXPECT_TRUE(again->empty());
  sync_one();
  ASSERT_EQ(first->size(), 1U);
  ASSERT_EQ(again->size(), 1U);
  EXPECT_FALSE(first->at(0).value().existing);
  EXPECT_TRUE(again->at(0).value().existing);
  EXPECT_EQ(first->at(0).value().run, again->at(0).value().run);
  EXPECT_TRUE(disk.given.empty()) << "nothing was recorded for the second";
}

TEST_F(CommitTest, ARefusalOfADuplicateStartWaitsForTheStartThatItNames) {
  start(k_pure);
  hold();
  const auto first = start(k_pure, "order-1");
  const auto other = start(k_pure, "order-1", json(R"({"n":1})"));
  EXPECT_TRUE(other->empty());
  sync_one();
  ASSERT_EQ(other->size(), 1U);
  EXPECT_EQ(other->at(0).error().code, ErrorCode::conflict);
}

TEST_F(CommitTest, ADuplicateOfAStartThatFailsIsNotTakenForOne) {
  start(k_pure);
  hold();
  const auto first = start(k_pure, "order-1");
  const auto again = start(k_pure, "order-1");
  disk.failure = broken();
  sync_one();
  for (const auto& answers : {first, again}) {
    ASSERT_EQ(answers->size(), 1U);
    ASSERT_FALSE(answers->at(0).has_value());
    EXPECT_EQ(answers->at(0).error().code, ErrorCode::io);
  }
}

TEST_F(CommitTest, DecidingGoesOnWhileBatchesAreSyncedUpToALimit) {
  start(k_pure);
  hold();
  std::vector<std::shared_ptr<Answers>> all;
  for (std::size_t i = 0; i < k_on_their_way; ++i) all.push_back(start(k_pure));
  EXPECT_EQ(disk.given.size(), k_on_their_way) << "each was decided while those before it were on their way";
  for (int i = 0; i < 3; ++i) all.push_back(start(k_pure));
  EXPECT_EQ(disk.given.size(), k_on_their_way) << "no more than that: the others gather";
  sync_one();
  EXPECT_EQ(all.front()->size(), 1U);
  EXPECT_TRUE(all.at(1)->empty());
  ASSERT_EQ(disk.given.size(), k_on_their_way);
  EXPECT_EQ(disk.given.back().batch.records.size(), 3U) << "and share a batch";
  disk.sync_all();
  turn();
  for (const auto& answers : all) EXPECT_EQ(answers->size(), 1U);
}

TEST_F(CommitTest, AFailedCommitIsToldToAllWhoWait) {
  const auto run = started(k_call);
  std::vector<Error> stops;
  RunObserver observer;
  observer.on_stop = [&](const Error& error) { stops.push_back(error); };
  const auto observation = engine->observe(run, std::move(observer));
  start(k_pure);
  hold();
  const auto in_flight = start(k_pure);
  const auto behind_it = start(k_pure);
  while (disk.given.size() < k_on_their_way) start(k_pure);
  const auto in_the_inbox = start(k_pure);
  EXPECT_EQ(disk.given.size(), k_on_their_way);
  const auto runs = log.records.size();
  disk.failure = broken();
  sync_one();
  for (const auto& answers : {in_flight, behind_it, in_the_inbox}) {
    ASSERT_EQ(answers->size(), 1U);
    EXPECT_EQ(answers->at(0).error().message, "the disk is gone");
  }
  ASSERT_EQ(stops.size(), 1U);
  EXPECT_EQ(engine->hosted(), 0U);
  ASSERT_TRUE(engine->stopped_by().has_value());
  disk.sync_all();
  turn();
  EXPECT_EQ(log.records.size(), runs);
  EXPECT_EQ(stops.size(), 1U);
}

TEST_F(CommitTest, AnEngineThatHasStoppedRefusesEverythingWithTheReason) {
  const auto run = started(k_call);
  disk.failure = broken();
  const auto failed = engine->command(run, OperatorCommand::Kind::suspend, "");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message, "the disk is gone");
  disk.failure.reset();
  StartOptions options;
  options.workflow = definition(k_call);
  const auto refused = engine->start(std::move(options));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "the disk is gone");
  EXPECT_FALSE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  EXPECT_FALSE(engine->resume(run, Value{}).has_value());
  EXPECT_EQ(start(k_call)->at(0).error().code, ErrorCode::io);
  EXPECT_TRUE(log.summary(run).value().has_value()) << "reads go on";
}

TEST_F(CommitTest, AStartWhoseDefinitionCannotBeStoredIsRefused) {
  disk.failure = broken();
  StartOptions options;
  options.workflow = definition(k_pure);
  const auto refused = engine->start(std::move(options));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_TRUE(log.definitions.empty());
}

TEST_F(CommitTest, AnEngineThatGoesLeavesWhatItDecidedInTheLogAndTellsNobody) {
  start(k_call);
  hold();
  const auto one = start(k_call);
  const auto two = start(k_call);
  while (disk.given.size() < k_on_their_way) start(k_call);
  const auto gathered = start(k_call);
  const auto calls = outside.calls.size();
  const auto runs = log.records.size();
  engine.reset();
  turn();
  EXPECT_EQ(log.records.size(), runs + k_on_their_way);
  EXPECT_TRUE(one->empty());
  EXPECT_TRUE(two->empty());
  EXPECT_TRUE(gathered->empty());
  EXPECT_EQ(outside.calls.size(), calls);
}

TEST_F(CommitTest, ARunSuspendedButNotDurablySoStartsNothing) {
  start(k_two_calls);
  outside.calls.clear();
  const auto run = started(k_two_calls);
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::suspend, "").has_value());
  outside.calls.back()->observer.done(json("1"));
  turn();
  ASSERT_EQ(outside.calls.size(), 1U) << "suspended";
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::proceed, "").has_value());
  turn();
  EXPECT_EQ(outside.calls.size(), 2U);
}

TEST_F(CommitTest, AnObserverMayDetachItselfAndOthersWhileItIsTold) {
  const auto run = started(k_call);
  std::unique_ptr<Observation> own;
  std::unique_ptr<Observation> others;
  std::string told;
  RunObserver observer;
  observer.on_record = [&, text = std::string("told once, and alive behind it")](const Record&) {
    own.reset();
    others.reset();
    told += text;
  };
  observer.on_end = [&](const RunState&) { told += "and again"; };
  own = engine->observe(run, std::move(observer));
  RunObserver second;
  second.on_record = [&](const Record&) { told += "and the other"; };
  others = engine->observe(run, std::move(second));
  outside.calls.back()->observer.done(json("1"));
  turn();
  EXPECT_EQ(told, "told once, and alive behind it");
}

TEST_F(CommitTest, AnObserverMayCommandOtherRunsOfTheSameBatch) {
  const auto watched = started(k_call);
  const auto other = started(k_call);
  std::vector<std::uint64_t> told;
  RunObserver of_other;
  of_other.on_record = [&](const Record& record) { told.push_back(number_of(record.first)); };
  const auto observation_of_other = engine->observe(other, std::move(of_other));
  RunObserver observer;
  Result<void> commanded = success();
  observer.on_end = [&](const RunState&) { commanded = engine->command(other, OperatorCommand::Kind::cancel, ""); };
  const auto observation = engine->observe(watched, std::move(observer));
  const auto length = log.summaries.at(other).length;
  // Both results are one batch: the observer of the first is told before the second is acted on.
  outside.calls.at(outside.calls.size() - 2)->observer.done(json("1"));
  outside.calls.back()->observer.done(json("2"));
  turn();
  ASSERT_FALSE(commanded.has_value()) << "its end was decided before the command";
  EXPECT_EQ(commanded.error().code, ErrorCode::conflict);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told.at(0), length + 1) << "records are told in their order, also to a command inside";
  EXPECT_GT(told.at(1), told.at(0));
}

TEST_F(CommitTest, ACommandForARunWhoseStartIsOnItsWayComesAfterIt) {
  start(k_call);
  hold();
  const auto answers = start(k_call);
  const RunId run = disk.given.front().batch.records.front().run;
  disk.held = false;
  disk.sync_all();
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(log.summaries.at(run).status, RunStatus::cancelled);
}

TEST_F(CommitTest, AServiceAnswersAStartWhenItIsDurableAndBlocksNobodyMeanwhile) {
  start(k_call);
  Service service(io, *engine, clock);
  const auto request = Value::object({{"op", Value::string("start")},
                                      {"definition", Value::string(definition_text(k_call, "committed"))},
                                      {"input", json("{}")},
                                      {"follow", Value::boolean(true)}});
  std::vector<Value> told;
  std::size_t told_of_the_gone = 0;
  hold();
  const auto exchange = service.handle(request, [&](const Value& message, bool) { told.push_back(message); });
  auto gone = service.handle(request, [&](const Value&, bool) { ++told_of_the_gone; });
  turn();
  EXPECT_TRUE(told.empty());
  std::size_t runs = 0;
  const auto other = service.handle(json(R"({"op":"runs"})"),
                                    [&](const Value& message, bool) { runs = message.get("runs").as_array().size(); });
  EXPECT_EQ(runs, log.summaries.size());
  gone.reset();
  while (!disk.given.empty()) sync_one();
  ASSERT_GE(told.size(), 2U);
  EXPECT_TRUE(told.at(0).get("run").is_string());
  EXPECT_EQ(told.at(1).get("event").get("type"), Value::string("RunStarted"));
  EXPECT_EQ(told_of_the_gone, 0U);
}

TEST_F(CommitTest, OnAFullDiskNothingNewIsTakenOnAndWhatWasTakenOnGoesOnLater) {
  const auto waiting = started(k_call);
  hold();
  outside.calls.back()->observer.done(json("{}"));
  turn();
  ASSERT_EQ(disk.given.size(), 1U);
  disk.trouble = make_error(ErrorCode::disk_full, "no room");
  const auto refused = start(k_call);
  ASSERT_EQ(refused->size(), 1U);
  EXPECT_EQ(refused->at(0).error().code, ErrorCode::disk_full);
  const auto commanded = engine->command(waiting, OperatorCommand::Kind::cancel, "");
  ASSERT_FALSE(commanded.has_value());
  EXPECT_EQ(commanded.error().code, ErrorCode::disk_full);
  EXPECT_FALSE(fold_run(log, waiting).value().ended()) << "and reads go on";
  disk.trouble.reset();
  sync_one();
  EXPECT_TRUE(fold_run(log, waiting).value().ended());
  EXPECT_FALSE(engine->stopped_by().has_value());
}

TEST_F(CommitTest, StartsBeyondWhatCanWaitForTheDiskAreRefusedAsOverload) {
  start(k_call);
  hold();
  StartOptions options;
  options.workflow = definition(k_call);
  options.input = json("{}");
  std::size_t refused = 0;
  std::size_t begun = 0;
  for (std::size_t i = 0; i < limits::k_starts_waiting + 3; ++i) {
    engine->start(StartOptions(options), [&](const Result<Started>& answer) {
      if (answer) {
        ++begun;
      } else {
        EXPECT_EQ(answer.error().code, ErrorCode::overloaded);
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 3U);
  while (begun < limits::k_starts_waiting) {
    turn();
    disk.sync_all();
  }
  disk.held = false;
  EXPECT_EQ(start(k_call)->at(0).has_value(), true) << "and it is over when they are durable";
}

}  // namespace
}  // namespace cairn::tests
