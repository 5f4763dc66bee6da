#include "engine/log/rocks_log.h"

#include "engine/log/verify.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RocksLogTest : public ::testing::Test {
 protected:
  void SetUp() override { log_ = open_log(directory_.path()); }
  void reopen(const RocksLogOptions& options = {}) {
    log_.reset();
    log_ = open_log(directory_.path(), options);
  }
  void append(std::vector<AppendRecord> records, std::vector<StoredDefinition> definitions = {}) {
    expect_ok(log_->append({std::move(definitions), std::move(records)}));
  }
  std::vector<RunId> listed() {
    std::vector<RunId> out;
    expect_ok(log_->each_run([&](const RunSummary& run) {
      out.push_back(run.id);
      return true;
    }));
    return out;
  }
  std::vector<RunId> open() {
    std::vector<RunId> out;
    expect_ok(log_->each_open_run([&](const RunSummary& run) {
      out.push_back(run.id);
      return true;
    }));
    return out;
  }
  void expect_sound() {
    const auto report = expect_ok(log_->verify({}));
    EXPECT_THAT(report.damage, IsEmpty()) << to_string(report);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksLog> log_;
};

TEST_F(RocksLogTest, ANewLogIsEmptyAndSound) {
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_EQ(log_->partitions(), 16);
  EXPECT_THAT(log_->notes(), IsEmpty());
  expect_sound();
}

TEST_F(RocksLogTest, ARunComesBackRecordByRecord) {
  SampleRun run(run_id(1));
  append({run.start()}, {definition()});
  append({run.step(), run.step()});
  append({run.finish()});
  for (int time = 0; time < 2; ++time) {
    const auto records = records_of(*log_, run.id());
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].first, EventSeq{1});
    EXPECT_EQ(records[3].first, EventSeq{9});
    EXPECT_EQ(name_of(records[3].events[0]), "RunCompleted");
    const auto summary = expect_ok(log_->summary(run.id()));
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->length, 9u);
    EXPECT_EQ(summary->records, 4u);
    EXPECT_EQ(summary->status, RunStatus::completed);
    EXPECT_FALSE(summary->open);
    expect_sound();
    reopen();
  }
}

TEST_F(RocksLogTest, EveryMemberOfASummaryIsKept) {
  SampleRun run(run_id(1, 3), "a key");
  run.summary().workflow = {"space", "name", "2.0.0-rc.1"};
  run.summary().status = RunStatus::suspended;
  run.summary().started_at = Timestamp{-5};
  run.summary().ended_at = Timestamp{77};
  run.summary().priority = 9;
  run.summary().parent = run_id(9);
  append({run.start()});
  const auto summary = expect_ok(log_->summary(run.id())).value();
  EXPECT_EQ(summary.id, run.id());
  EXPECT_EQ(summary.workflow, (WorkflowIdentity{"space", "name", "2.0.0-rc.1"}));
  EXPECT_EQ(summary.definition, definition().hash);
  EXPECT_EQ(summary.status, RunStatus::suspended);
  EXPECT_TRUE(summary.open);
  EXPECT_EQ(summary.started_at, Timestamp{-5});
  EXPECT_EQ(summary.ended_at, std::optional(Timestamp{77}));
  EXPECT_EQ(summary.key, "a key");
  EXPECT_EQ(summary.priority, 9);
  EXPECT_EQ(summary.parent, run_id(9));
}

TEST_F(RocksLogTest, ReadingBeginsAtTheRecordThatHoldsTheEvent) {
  SampleRun run(run_id(1));
  append({run.start(), run.step(), run.step()});  // events 1–2, 3–5, 6–8
  for (const auto& [from, first] :
       std::vector<std::pair<int, int>>{{0, 1}, {1, 1}, {2, 1}, {3, 3}, {5, 3}, {6, 6}, {8, 6}}) {
    const auto records = records_of(*log_, run.id(), EventSeq{static_cast<std::uint64_t>(from)});
    ASSERT_FALSE(records.empty()) << from;
    EXPECT_EQ(records[0].first, EventSeq{static_cast<std::uint64_t>(first)}) << from;
  }
  EXPECT_THAT(records_of(*log_, run.id(), EventSeq{9}), IsEmpty());
}

TEST_F(RocksLogTest, ReadingStopsWhenToldTo) {
  SampleRun run(run_id(1));
  append({run.start(), run.step(), run.step()});
  int seen = 0;
  expect_ok(log_->read(run.id(), EventSeq{1}, [&](const Record&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_F(RocksLogTest, ARunThatIsNotThereIsNotFound) {
  EXPECT_EQ(log_->read(run_id(1), EventSeq{1}, [](const Record&) { return true; }).error().code, ErrorCode::not_found);
  EXPECT_FALSE(expect_ok(log_->summary(run_id(1))));
}

TEST_F(RocksLogTest, PositionsCountTheRecordsOfAPartition) {
  SampleRun a(run_id(1, 4));
  SampleRun b(run_id(2, 5));
  EXPECT_EQ(expect_ok(log_->append({{}, {a.start(), a.step()}})).lsn, Lsn{2});
  EXPECT_EQ(expect_ok(log_->append({{}, {b.start()}})).lsn, Lsn{1});
  EXPECT_EQ(expect_ok(log_->append({{}, {a.step()}})).lsn, Lsn{3});
  reopen();
  EXPECT_EQ(expect_ok(log_->append({{}, {a.step()}})).lsn, Lsn{4});
  EXPECT_EQ(expect_ok(log_->append({})).lsn, Lsn{0});
}

TEST_F(RocksLogTest, RunsAreListedNewestFirstOverAllPartitions) {
  const std::vector<RunId> ids{run_id(1, 9), run_id(2, 0), run_id(3, 15), run_id(4, 1)};
  for (const auto at : {2u, 0u, 3u, 1u}) {
    SampleRun run(ids[at]);
    append({run.start()}, {definition()});
  }
  EXPECT_THAT(listed(), ElementsAre(ids[3], ids[2], ids[1], ids[0]));
  expect_sound();
}

TEST_F(RocksLogTest, ListingStopsWhenToldTo) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    SampleRun run(run_id(i));
    append({run.start()});
  }
  int seen = 0;
  expect_ok(log_->each_run([&](const RunSummary&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_F(RocksLogTest, OpenRunsAreListedOldestFirstAndLeaveWhenTheyEnd) {
  SampleRun a(run_id(1, 9));
  SampleRun b(run_id(2, 0));
  SampleRun c(run_id(3, 5));
  append({c.start(), a.start(), b.start()}, {definition()});
  EXPECT_THAT(open(), ElementsAre(a.id(), b.id(), c.id()));
  append({b.finish()});
  EXPECT_THAT(open(), ElementsAre(a.id(), c.id()));
  reopen();
  append({a.step(), a.finish()});
  EXPECT_THAT(open(), ElementsAre(c.id()));
  expect_sound();
}

TEST_F(RocksLogTest, ARunThatStartsAndEndsInOneBatchIsNeverOpen) {
  SampleRun run(run_id(1));
  append({run.start(), run.finish()}, {definition()});
  EXPECT_THAT(open(), IsEmpty());
  expect_sound();
}

TEST_F(RocksLogTest, RunsAreFoundByAnyPrefixOfTheirId) {
  SampleRun a(*RunId::parse("019a0000-0000-7000-8000-000000000000"));
  SampleRun b(*RunId::parse("019aff3c-6a1e-7003-9c5d-0a1b2c3d4e5f"));
  SampleRun c(*RunId::parse("019b0000-0000-7000-8000-000000000000"));
  append({a.start(), b.start(), c.start()});
  const auto find = [&](std::string_view prefix, std::size_t limit = 10) {
    return expect_ok(log_->runs_with_prefix(prefix, limit));
  };
  EXPECT_THAT(find("019a"), ElementsAre(b.id(), a.id()));
  EXPECT_THAT(find("019"), ElementsAre(c.id(), b.id(), a.id()));
  EXPECT_THAT(find(""), ElementsAre(c.id(), b.id(), a.id()));
  EXPECT_THAT(find("019", 2), ElementsAre(c.id(), b.id()));
  EXPECT_THAT(find("019aff3c-6"), ElementsAre(b.id()));
  EXPECT_THAT(find("019AFF3C6A"), ElementsAre(b.id()));
  EXPECT_THAT(find("019aff3c-6a1e-7003-9c5d-0a1b2c3d4e5f"), ElementsAre(b.id()));
  EXPECT_THAT(find("019aff3c-6a1e-7003-9c5d-0a1b2c3d4e5f0"), IsEmpty());
  EXPECT_THAT(find("02"), IsEmpty());
  EXPECT_THAT(find("019z"), IsEmpty());
}

TEST_F(RocksLogTest, AKeyFindsTheRunItStartedWhateverTheVersion) {
  SampleRun run(run_id(1), "order-7");
  append({run.start()}, {definition()});
  append({run.step()});
  EXPECT_EQ(expect_ok(log_->run_of_key({"default", "demo", "1.0.0"}, "order-7")), run.id());
  EXPECT_EQ(expect_ok(log_->run_of_key({"default", "demo", "9.9.9"}, "order-7")), run.id());
  EXPECT_FALSE(expect_ok(log_->run_of_key({"default", "other", "1.0.0"}, "order-7")));
  EXPECT_FALSE(expect_ok(log_->run_of_key({"other", "demo", "1.0.0"}, "order-7")));
  EXPECT_FALSE(expect_ok(log_->run_of_key({"default", "demo", "1.0.0"}, "order-8")));
  expect_sound();
}

TEST_F(RocksLogTest, AKeyNeverStartsASecondRun) {
  SampleRun first(run_id(1), "order-7");
  SampleRun second(run_id(2), "order-7");
  SampleRun third(run_id(3), "order-8");
  SampleRun fourth(run_id(4), "order-8");
  append({first.start()});
  EXPECT_EQ(log_->append({{}, {second.start()}}).error().code, ErrorCode::conflict);
  EXPECT_EQ(log_->append({{}, {third.start(), fourth.start()}}).error().code, ErrorCode::conflict);
  EXPECT_THAT(listed(), ElementsAre(first.id()));
  append({first.step()});  // the log goes on
}

TEST_F(RocksLogTest, ABatchThatBreaksTheContractIsRefusedWhole) {
  SampleRun a(run_id(1));
  SampleRun b(run_id(2));
  append({a.start()});
  const auto refused = [&](std::vector<AppendRecord> records) {
    const auto result = log_->append({{}, std::move(records)});
    EXPECT_EQ(result.error().code, ErrorCode::invalid_usage) << result.error().to_string();
  };
  auto skipping = a.step();
  skipping = a.step();
  refused({b.start(), skipping});  // not the event after the last one
  Record empty{EventSeq{3}, {GoOn{}, {}, 0}, {}};
  refused({{a.id(), &empty, a.summary(), {}}});
  refused({{a.id(), nullptr, a.summary(), {}}});
  SampleRun elsewhere(run_id(3, 16));  // there are 16 partitions
  refused({elsewhere.start()});
  EXPECT_THAT(listed(), ElementsAre(a.id()));
  EXPECT_EQ(records_of(*log_, a.id()).size(), 1u);
}

TEST_F(RocksLogTest, DefinitionsAreKeptByHashAndByName) {
  const auto first = definition("do: [a]");
  const auto second = definition("do: [b]");
  append({}, {first});
  append({}, {second});
  EXPECT_EQ(expect_ok(log_->definition(first.hash))->text, "do: [a]");
  EXPECT_EQ(expect_ok(log_->definition(second.hash))->workflow, (WorkflowIdentity{"default", "demo", "1.0.0"}));
  EXPECT_EQ(expect_ok(log_->find_definition({"default", "demo", "1.0.0"}))->text, "do: [b]");
  append({}, {first});  // registered again: now it is the last
  EXPECT_EQ(expect_ok(log_->find_definition({"default", "demo", "1.0.0"}))->text, "do: [a]");
  EXPECT_FALSE(expect_ok(log_->definition(sha256("nothing"))));
  EXPECT_FALSE(expect_ok(log_->find_definition({"default", "demo", "1.0.1"})));
  expect_sound();
}

TEST_F(RocksLogTest, ADefinitionUnderAnotherHashIsRefused) {
  auto wrong = definition();
  wrong.hash = sha256("something else");
  EXPECT_EQ(log_->append({{wrong}, {}}).error().code, ErrorCode::invalid_usage);
}

TEST_F(RocksLogTest, TheLatestDefinitionIsTheHighestVersion) {
  for (const auto* version : {"1.9.0", "1.10.0", "1.10.0-rc.1", "0.9.0"}) {
    append({}, {definition(std::string("text of ") + version, {"default", "demo", version})});
  }
  append({}, {definition("another name", {"default", "demo2", "9.0.0"}),
              definition("another space", {"defaul", "tdemo", "9.0.0"})});
  EXPECT_EQ(expect_ok(log_->find_definition({"default", "demo", "latest"}))->text, "text of 1.10.0");
  EXPECT_FALSE(expect_ok(log_->find_definition({"default", "dem", "latest"})));
}

TEST_F(RocksLogTest, OnlyTheNewestSnapshotIsKept) {
  SampleRun run(run_id(1));
  auto start = run.start();
  start.snapshot = Value::string("at 2");
  append({start});
  append({run.step()});
  const auto at = [&](std::uint64_t event) { return expect_ok(log_->snapshot(run.id(), EventSeq{event})); };
  EXPECT_FALSE(at(1));
  EXPECT_EQ(at(2)->state, Value::string("at 2"));
  EXPECT_EQ(at(2)->at, EventSeq{2});
  EXPECT_EQ(at(7)->at, EventSeq{2});
  auto step = run.step();
  step.snapshot = Value::string("at 8");
  auto next = run.step();
  next.snapshot = Value::string("at 11");
  append({step, next}, {definition()});
  EXPECT_FALSE(at(10)) << "what comes before the newest is folded from the records";
  EXPECT_EQ(at(11)->state, Value::string("at 11"));
  EXPECT_EQ(at(1'000'000)->at, EventSeq{11});
  EXPECT_FALSE(expect_ok(log_->snapshot(run_id(2), EventSeq{5})));
  expect_sound();
}

TEST_F(RocksLogTest, TimersComeInTheOrderOfTheirTimeWhateverTheRun) {
  SampleRun first(run_id(1));
  SampleRun second(run_id(2, 7));
  const auto timer = [](std::int64_t due, const SampleRun& run, std::uint64_t number) {
    return DueTimer{Timestamp{due}, run.id(), EventSeq{number}};
  };
  auto start = first.start();
  start.timers_set = {timer(3'000, first, 2), timer(-5, first, 1)};
  auto other = second.start();
  other.timers_set = {timer(2'000, second, 2), timer(3'000, second, 1)};
  append({start, other}, {definition()});
  const auto listed = [&](const DueTimer& after, std::size_t most) {
    std::vector<DueTimer> found;
    expect_ok(log_->each_timer(after, [&](const DueTimer& each) {
      found.push_back(each);
      return found.size() < most;
    }));
    return found;
  };
  const DueTimer before_all{Timestamp{-1'000'000}, RunId{}, EventSeq{}};
  EXPECT_EQ(listed(before_all, 9), (std::vector{timer(-5, first, 1), timer(2'000, second, 2), timer(3'000, first, 2),
                                                timer(3'000, second, 1)}));
  EXPECT_EQ(listed(timer(2'000, second, 2), 1), std::vector{timer(3'000, first, 2)});
  auto step = first.step();
  step.timers_cleared = {timer(3'000, first, 2), timer(-5, first, 1)};
  step.timers_set = {timer(9'000, first, 5)};
  append({step});
  reopen();
  EXPECT_EQ(listed(before_all, 9),
            (std::vector{timer(2'000, second, 2), timer(3'000, second, 1), timer(9'000, first, 5)}));
  expect_sound();
}

TEST_F(RocksLogTest, ActiveRunsAreListedWhileThereIsSomethingToDo) {
  SampleRun busy(run_id(1));
  SampleRun waiting(run_id(2));
  SampleRun late(run_id(3));
  for (auto* run : {&busy, &late}) run->summary().active = true;
  append({busy.start(), waiting.start(), late.start()}, {definition()});
  const auto active = [&](const RunId& after) {
    std::vector<RunId> found;
    expect_ok(log_->each_active_run(after, [&](const RunId& run) {
      found.push_back(run);
      return true;
    }));
    return found;
  };
  EXPECT_EQ(active(RunId{}), (std::vector{busy.id(), late.id()}));
  EXPECT_EQ(active(busy.id()), std::vector{late.id()});
  busy.summary().active = false;
  waiting.summary().active = true;
  append({busy.step(), waiting.step()});
  reopen();
  EXPECT_EQ(active(RunId{}), (std::vector{waiting.id(), late.id()}));
  expect_sound();
}

TEST_F(RocksLogTest, AStateTooDeepForAValueMakesNoSnapshot) {
  Value deep = Value::array({});
  for (int i = 0; i < 600; ++i) deep = Value::array({deep});
  SampleRun run(run_id(1));
  auto start = run.start();
  start.snapshot = deep;
  append({start});
  EXPECT_FALSE(expect_ok(log_->snapshot(run.id(), EventSeq{2})));
}

TEST_F(RocksLogTest, ALogKeepsItsNumberOfPartitions) {
  TemporaryDirectory other;
  RocksLogOptions options;
  options.partitions = 3;
  EXPECT_EQ(open_log(other.path(), options)->partitions(), 3);
  options.partitions = 8;
  EXPECT_EQ(open_log(other.path(), options)->partitions(), 3);
  TemporaryDirectory none;
  options.partitions = 0;
  EXPECT_EQ(open_rocks_log(none.path(), options).error().code, ErrorCode::invalid_usage);
  options.partitions = k_max_partitions + 1;
  EXPECT_EQ(open_rocks_log(none.path(), options).error().code, ErrorCode::invalid_usage);
}

TEST_F(RocksLogTest, ASecondOwnerIsBusy) {
  const auto second = open_rocks_log(directory_.path(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy) << second.error().to_string();
}

TEST_F(RocksLogTest, ReadOnlyReadsAndWritesNothing) {
  SampleRun run(run_id(1));
  append({run.start()}, {definition()});
  log_.reset();
  const auto files = [&] {
    std::map<std::string, std::string> out;
    for (const auto& name : files_with(directory_.log(), "")) out[name] = read_file(name);
    return out;
  };
  const auto before = files();
  RocksLogOptions options;
  options.read_only = true;
  reopen(options);
  EXPECT_EQ(records_of(*log_, run.id()).size(), 1u);
  EXPECT_EQ(log_->append({{}, {run.step()}}).error().code, ErrorCode::unavailable);
  expect_sound();
  log_.reset();
  EXPECT_EQ(files(), before);
}

TEST_F(RocksLogTest, ReadOnlyNeedsALog) {
  TemporaryDirectory none;
  RocksLogOptions options;
  options.read_only = true;
  EXPECT_EQ(open_rocks_log(none.path(), options).error().code, ErrorCode::not_found);
  EXPECT_EQ(verify_directory(none.path()).error().code, ErrorCode::not_found);
}

TEST_F(RocksLogTest, AnUnfinishedCreationIsBegunAgain) {
  TemporaryDirectory other;
  std::filesystem::create_directory(other.path() + "/log.new");
  write_file(other.path() + "/log.new/CURRENT", "MANIFEST-000001\n");
  write_file(other.path() + "/log.new/000004.log", "half");
  const auto log = open_log(other.path());
  ASSERT_NE(log, nullptr);
  EXPECT_FALSE(std::filesystem::exists(other.path() + "/log.new"));
}

TEST_F(RocksLogTest, ManyRunsSurviveFlushesAndReopening) {
  RocksLogOptions options;
  options.write_buffer_bytes = 64u << 10;
  options.head_interval = 7;
  reopen(options);
  append({}, {definition()});
  std::vector<std::unique_ptr<SampleRun>> runs;
  for (std::uint64_t i = 0; i < 40; ++i)
    runs.push_back(std::make_unique<SampleRun>(run_id(i, i % 16), "key " + std::to_string(i)));
  for (auto& run : runs) append({run->start()});
  for (int round = 0; round < 5; ++round) {
    std::vector<AppendRecord> batch;
    for (auto& run : runs) batch.push_back(run->step(2'000));
    append(std::move(batch));
    if (round == 2) reopen(options);
  }
  for (auto& run : runs) append({run->finish()});
  EXPECT_FALSE(files_with(directory_.log(), ".sst").empty());
  for (int time = 0; time < 2; ++time) {
    const auto report = expect_ok(log_->verify({}));
    EXPECT_THAT(report.damage, IsEmpty()) << to_string(report);
    EXPECT_EQ(report.runs, 40u);
    EXPECT_EQ(report.records, 40u * 7);
    EXPECT_EQ(report.events, 40u * 18);
    EXPECT_EQ(report.definitions, 1u);
    for (auto& run : runs) EXPECT_EQ(records_of(*log_, run->id()).size(), 7u);
    reopen(options);
  }
  log_.reset();
  const auto report = expect_ok(verify_directory(directory_.path()));
  EXPECT_THAT(report.damage, IsEmpty()) << to_string(report);
  EXPECT_EQ(report.records, 40u * 7);
}

TEST_F(RocksLogTest, VerificationTellsHowFarItIs) {
  append({}, {definition()});
  SampleRun run(run_id(1));
  append({run.start()});
  for (int i = 0; i < 1'100; ++i) append({run.step()});
  std::vector<std::uint64_t> seen;
  expect_ok(log_->verify([&](std::uint64_t done) { seen.push_back(done); }));
  EXPECT_THAT(seen, ElementsAre(1'024u, 1'101u));
}

}  // namespace
}  // namespace cairn
