// Runs that retention removes: all of theirs goes, their chains still verify, and who tampers with what is left is found.

#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"
#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/rows.h"
#include "engine/log/store_open.h"
#include "engine/log/verify.h"
#include "engine/machine/fault.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <atomic>
#include <map>
#include <optional>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

auto at(std::string where, std::string_view message) {
  return AllOf(Field(&LogDamage::where, where), Field(&LogDamage::message, HasSubstr(std::string(message))));
}
std::string tombstone_of(const RunId& run) { return "run " + run.to_string() + " tombstone"; }

Forget forget(const RunId& run) { return {run, Timestamp{1'800'000'000'000}, "ended longer ago than P30D"}; }

AppendBatch forgetting(std::vector<RunId> runs) {
  AppendBatch batch;
  for (const auto& run : runs) batch.forget.push_back(forget(run));
  return batch;
}
AppendBatch folding(std::size_t rows = 1'000) {
  AppendBatch batch;
  batch.fold_rows = rows;
  return batch;
}

Problem odd(std::string title = "Odd") {
  return {"https://example.com/errors/odd", 418, std::move(title), "of order 7", "/do/0/first"};
}

/// A last record that faults the run.
AppendRecord fault(SampleRun& run, std::vector<std::unique_ptr<Record>>& kept, const Problem& problem = odd()) {
  auto& record = *kept.emplace_back(std::make_unique<Record>());
  record.first = EventSeq{run.length() + 1};
  record.stimulus = {GoOn{}, Timestamp{1'700'000'000'500}, 1};
  record.events = {RunFaulted{problem}};
  run.summary().status = RunStatus::faulted;
  run.summary().open = false;
  run.summary().ended_at = Timestamp{1'700'000'000'500};
  run.summary().fault_cause = fault_cause(run.summary().workflow, problem);
  return {run.id(), &record, run.summary(), std::nullopt};
}

class RemovalTest : public ::testing::Test {
 protected:
  /// `a` and `b` have ended, `c` has not; `a` and `b` share their first batch. `other` stands in the newest batches.
  void SetUp() override {
    log_ = open_log(directory_.path());
    auto first = a_.start();
    first.snapshot = Value::string("state");
    expect_ok(log_->append({{definition()}, {first, b_.start()}}));
    expect_ok(log_->append({{}, {a_.step(), c_.start()}}));
    expect_ok(log_->append({{}, {a_.finish(), b_.finish()}}));
  }
  void TearDown() override { log_.reset(); }

  void reopen() {
    log_.reset();
    log_ = open_log(directory_.path());
  }
  template <class Change>
  void tamper(Change change) {
    log_.reset();
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory_.log(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    change(*db);
  }
  std::vector<LogDamage> damage() {
    log_.reset();
    return expect_ok(verify_directory(directory_.path())).damage;
  }
  /// Rows of a kind.
  std::size_t rows_of(char kind) {
    log_.reset();
    auto options = RocksLogOptions{};
    const auto db = expect_ok(open_for_reading(*rocksdb::Env::Default(), directory_.log(), options));
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    std::size_t count = 0;
    for (at->Seek(std::string(1, kind)); at->Valid() && at->key()[0] == kind; at->Next()) ++count;
    log_ = open_log(directory_.path());
    return count;
  }
  /// Records that nobody removes, so that what stands before them is not the newest row of partition 0.
  void add_newer() {
    expect_ok(log_->append({{}, {newer_.start()}}));
    expect_ok(log_->append({{}, {newer_.step()}}));
  }
  std::vector<RunId> runs() {
    std::vector<RunId> all;
    expect_ok(log_->each_run([&](const RunSummary& run) {
      all.push_back(run.id);
      return true;
    }));
    return all;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksLog> log_;
  SampleRun a_{run_id(1, 0), "key a"};
  SampleRun b_{run_id(2, 0)};
  SampleRun c_{run_id(3, 1), "key c"};
  SampleRun newer_{run_id(9, 0)};
};

TEST_F(RemovalTest, ARemovedRunIsGoneButForItsTombstone) {
  expect_ok(log_->append(forgetting({a_.id()})));
  reopen();
  EXPECT_THAT(runs(), ElementsAre(c_.id(), b_.id()));
  EXPECT_EQ(log_->read(a_.id(), EventSeq{1}, [](const Record&) { return true; }).error().code, ErrorCode::not_found);
  EXPECT_FALSE(expect_ok(log_->summary(a_.id())));
  EXPECT_FALSE(expect_ok(log_->snapshot(a_.id(), EventSeq{100})));
  EXPECT_FALSE(expect_ok(log_->run_of_key({"default", "demo", "1.0.0"}, "key a")));
  const auto removals = expect_ok(log_->removals(a_.id().to_string().substr(0, 13), 4));
  ASSERT_EQ(removals.size(), 1U);
  EXPECT_EQ(removals[0].run, a_.id());
  EXPECT_EQ(removals[0].length, a_.length());
  EXPECT_EQ(removals[0].status, RunStatus::completed);
  EXPECT_EQ(removals[0].removed_at, Timestamp{1'800'000'000'000});
  EXPECT_EQ(removals[0].why, "ended longer ago than P30D");
  EXPECT_EQ(rows_of('r'), 3U);
  EXPECT_EQ(rows_of('s'), 0U);
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, ItsStartKeyStartsARunAgain) {
  expect_ok(log_->append(forgetting({a_.id()})));
  SampleRun again(run_id(20, 0), "key a");
  expect_ok(log_->append({{}, {again.start()}}));
  EXPECT_EQ(expect_ok(log_->run_of_key({"default", "demo", "1.0.0"}, "key a")), again.id());
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, AnOpenRunAnUnknownOneAndOneOfTheSameBatchStay) {
  SampleRun last(run_id(30, 2));
  AppendBatch batch = forgetting({c_.id(), run_id(77, 3), last.id()});
  batch.records = {last.start()};
  expect_ok(log_->append(batch));
  EXPECT_THAT(runs(), ElementsAre(last.id(), c_.id(), b_.id(), a_.id()));
  expect_ok(log_->append(forgetting({a_.id(), a_.id()})));
  expect_ok(log_->append(forgetting({a_.id()})));
  EXPECT_EQ(rows_of('x'), 1U);
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, ADamagedRunStaysForVerificationToName) {
  tamper([&](rocksdb::DB& db) { ASSERT_TRUE(db.Delete({}, keys::record(a_.id(), EventSeq{1})).ok()); });
  log_ = open_log(directory_.path());
  expect_ok(log_->append(forgetting({a_.id()})));
  EXPECT_THAT(damage(), ElementsAre(at("run " + a_.id().to_string() + " event 1", "missing")));
}

TEST_F(RemovalTest, ARunThatVanishedWithoutATombstoneIsNamed) {
  tamper([&](rocksdb::DB& db) {
    for (const int first : {1, 3, 6}) {
      ASSERT_TRUE(db.Delete({}, keys::record(a_.id(), EventSeq{static_cast<std::uint64_t>(first)})).ok());
    }
    for (const auto& key : {keys::run(a_.id()), keys::snapshot(a_.id(), EventSeq{2}),
                            keys::start_key({"default", "demo", "1.0.0"}, "key a")}) {
      ASSERT_TRUE(db.Delete({}, key).ok());
    }
  });
  const auto found = damage();
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found, ::testing::Contains(at("run " + a_.id().to_string() + " event 1", "missing")));
}

TEST_F(RemovalTest, ATombstoneThatWasChangedTakenAwayOrAddedIsNamed) {
  expect_ok(log_->append(forgetting({a_.id(), b_.id()})));
  add_newer();
  const auto key_a = keys::removal(a_.id());
  std::string row_a;
  tamper([&](rocksdb::DB& db) {
    ASSERT_TRUE(db.Get({}, key_a, &row_a).ok());
    // As a careful forger changes it: with its checksum made right.
    auto forged = *rows::parse_removal(a_.id(), *rows::unseal(key_a, row_a));
    forged.removed_at = Timestamp{1};
    ASSERT_TRUE(db.Put({}, key_a, rows::seal(key_a, rows::encode_removal(forged))).ok());
  });
  EXPECT_THAT(damage(), ElementsAre(at(tombstone_of(a_.id()), "not what was written")));
  tamper([&](rocksdb::DB& db) { ASSERT_TRUE(db.Delete({}, key_a).ok()); });
  EXPECT_THAT(damage(), ::testing::Contains(at(tombstone_of(a_.id()), "is missing")));
  tamper([&](rocksdb::DB& db) {
    ASSERT_TRUE(db.Put({}, key_a, row_a).ok());
    auto added = *rows::parse_removal(a_.id(), *rows::unseal(key_a, row_a));
    added.lsn = Lsn{1};
    const auto key = keys::removal(run_id(55, 0));
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_removal(added))).ok());
  });
  EXPECT_THAT(damage(), ElementsAre(at(tombstone_of(run_id(55, 0)), "does not know of it")));
}

TEST_F(RemovalTest, BatchRowsWhoseRunsAreGoneAreFoldedAndTheTombstonesGoWithThem) {
  expect_ok(log_->append(forgetting({a_.id(), b_.id()})));
  EXPECT_EQ(rows_of('b'), 5U);  // partition 1 has one
  add_newer();
  expect_ok(log_->append(folding()));
  EXPECT_EQ(rows_of('p'), 1U);
  EXPECT_EQ(rows_of('b'), 3U) << "the newer two, and the other partition's";
  EXPECT_EQ(rows_of('x'), 0U);
  EXPECT_THAT(damage(), IsEmpty());
  reopen();
  EXPECT_TRUE(expect_ok(log_->removals(a_.id().to_string(), 1)).empty());
  expect_ok(log_->append({{}, {newer_.step()}}));
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, ARunThatStaysKeepsItsRowsAndTheTombstonesAcrossThem) {
  // `a` is there before and after a record of `newer`, which stays.
  SampleRun a(run_id(40, 0));
  expect_ok(log_->append({{}, {a.start()}}));
  expect_ok(log_->append({{}, {newer_.start()}}));
  expect_ok(log_->append({{}, {a.finish()}}));
  expect_ok(log_->append(forgetting({a.id(), a_.id(), b_.id()})));
  expect_ok(log_->append({{}, {newer_.step()}}));
  expect_ok(log_->append(folding()));
  EXPECT_EQ(rows_of('p'), 2U);
  EXPECT_EQ(rows_of('x'), 3U) << "their removals share a row with one that spans what stays";
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, FoldsThatMeetBecomeOne) {
  std::vector<SampleRun> many;
  many.reserve(12);
  for (std::uint64_t i = 0; i < 12; ++i) many.emplace_back(run_id(100 + i, 2));
  for (auto& run : many) {
    expect_ok(log_->append({{}, {run.start()}}));
    expect_ok(log_->append({{}, {run.finish()}}));
  }
  SampleRun last(run_id(200, 2));
  expect_ok(log_->append({{}, {last.start()}}));
  for (const std::size_t gone :
       {std::size_t{3}, std::size_t{5}, std::size_t{4}, std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    expect_ok(log_->append(forgetting({many[gone].id()})));
    expect_ok(log_->append(folding(3)));
    expect_ok(log_->append(folding(3)));
    expect_ok(log_->append(folding()));
    EXPECT_THAT(damage(), IsEmpty());
    reopen();
  }
  for (int i = 0; i < 4; ++i) expect_ok(log_->append(folding()));
  EXPECT_EQ(rows_of('p'), 2U) << "the runs' own rows, and those that say that they were removed";
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, AFoldThatWasChangedOrPutInPlaceOfRunsThatAreThereIsFound) {
  expect_ok(log_->append(forgetting({a_.id(), b_.id()})));
  add_newer();
  expect_ok(log_->append(folding()));
  const auto key = keys::fold(PartitionId{0}, Lsn{1});
  std::string row;
  tamper([&](rocksdb::DB& db) {
    ASSERT_TRUE(db.Get({}, key, &row).ok());
    auto forged = *rows::parse_fold(*rows::unseal(key, row));
    forged.chain.bytes[0] ^= 1;
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_fold(forged))).ok());
  });
  EXPECT_THAT(damage(), ElementsAre(at("partition 0 lsn 8", "chain is broken")));
}

TEST_F(RemovalTest, RemovalsLeaveNothingThatGrows) {
  // Forty rounds of runs that come and go: what is left does not depend on how many there were.
  std::map<char, std::size_t> after_ten;
  std::uint64_t number = 1'000;
  for (int round = 1; round <= 40; ++round) {
    std::vector<SampleRun> these;
    these.reserve(8);
    std::vector<RunId> ids;
    for (int i = 0; i < 8; ++i) {
      ++number;
      these.emplace_back(run_id(number, static_cast<std::uint16_t>(2 + i % 4)), "key " + std::to_string(number));
      ids.push_back(these.back().id());
      expect_ok(log_->append({{}, {these.back().start()}}));
      expect_ok(log_->append({{}, {these.back().finish()}}));
    }
    expect_ok(log_->append(forgetting(ids)));
    expect_ok(log_->append(folding(64)));
    if (round != 10 && round != 40) continue;
    for (const char kind : {'b', 'c', 'e', 'i', 'j', 'k', 'p', 'r', 'x'}) {
      const auto count = rows_of(kind);
      if (round == 10) after_ten[kind] = count;
      EXPECT_LE(count, after_ten[kind] + 8) << kind;
    }
  }
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(RemovalTest, SpaceIsGivenBackToTheFileSystem) {
  const auto bytes_on_disk = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.log())) {
      // Write-ahead logs set space aside that does not count here.
      if (entry.path().extension() == ".sst") bytes += entry.file_size();
    }
    return bytes;
  };
  constexpr std::uint64_t k_runs = 3'000;
  std::vector<RunId> ids;
  for (std::uint64_t i = 0; i < k_runs; ++i) {
    SampleRun run(run_id(10'000 + i, static_cast<std::uint16_t>(i % 16)));
    ids.push_back(run.id());
    std::string noise;
    for (std::uint64_t n = 0; n < 200; ++n) noise += std::to_string(n * i * 2'654'435'761U);
    expect_ok(log_->append({{}, {run.start(Value::string(noise))}}));
    expect_ok(log_->append({{}, {run.finish()}}));
  }
  reopen();  // what is in memory becomes a table
  std::atomic<bool> give_up = false;
  const auto before = bytes_on_disk();
  for (std::size_t i = 0; i < ids.size(); i += 100) {
    expect_ok(log_->append(forgetting(
        {ids.begin() + static_cast<std::ptrdiff_t>(i), ids.begin() + static_cast<std::ptrdiff_t>(i) + 100})));
  }
  for (int i = 0; i < 8; ++i) expect_ok(log_->append(folding(64)));
  const auto given = expect_ok(log_->give_back(give_up));
  const auto after = bytes_on_disk();
  std::printf("%ju runs: %ju bytes of tables before, %ju after\n", static_cast<std::uintmax_t>(k_runs), before, after);
  EXPECT_LT(after * 10, before);
  EXPECT_LT(given.after, given.before);
  EXPECT_THAT(damage(), IsEmpty());
}

// ---- indexes ---------------------------------------------------------------------------------------------------------

class EndedIndexTest : public RemovalTest {
 protected:
  void SetUp() override {
    RemovalTest::SetUp();
    expect_ok(log_->append({{}, {d_.start(), e_.start()}}));
    expect_ok(log_->append({{}, {fault(d_, kept_)}}));
    expect_ok(log_->append({{}, {fault(e_, kept_, odd("Odd 2"))}}));
  }
  /// The indexes say what a look at every run says.
  void expect_indexes_tell_the_truth() {
    std::vector<FaultLine> faults;
    std::vector<FaultLine> true_faults;
    expect_ok(log_->each_fault({}, [&](const FaultLine& line) { return faults.push_back(line), true; }));
    expect_ok(log_->EventLog::each_fault({}, [&](const FaultLine& line) { return true_faults.push_back(line), true; }));
    EXPECT_EQ(faults, true_faults);
    std::map<std::string, std::uint64_t> counts;
    std::map<std::string, std::uint64_t> true_counts;
    expect_ok(log_->each_ended_workflow([&](const EndedWorkflow& w) { return counts[w.name] = w.runs, true; }));
    expect_ok(log_->EventLog::each_ended_workflow(
        [&](const EndedWorkflow& w) { return true_counts[w.name] = w.runs, true; }));
    EXPECT_EQ(counts, true_counts);
    std::vector<EndedLine> ended;
    std::vector<EndedLine> truly_ended;
    expect_ok(log_->each_ended_run("default", "demo", {},
                                   [&](const EndedLine& line) { return ended.push_back(line), true; }));
    expect_ok(log_->EventLog::each_ended_run("default", "demo", {},
                                             [&](const EndedLine& line) { return truly_ended.push_back(line), true; }));
    EXPECT_EQ(ended, truly_ended);
  }

  std::vector<std::unique_ptr<Record>> kept_;
  SampleRun d_{run_id(4, 3)};
  SampleRun e_{run_id(5, 4)};
};

TEST_F(EndedIndexTest, TheyFollowTheRuns) {
  expect_indexes_tell_the_truth();
  expect_ok(log_->append(forgetting({a_.id(), e_.id()})));
  expect_indexes_tell_the_truth();
  reopen();
  expect_indexes_tell_the_truth();
  expect_ok(log_->append({{}, {newer_.start(), newer_.finish()}}));
  expect_indexes_tell_the_truth();
  std::vector<EndedLine> all;
  expect_ok(
      log_->each_ended_run("default", "demo", {}, [&](const EndedLine& line) { return all.push_back(line), true; }));
  std::vector<EndedLine> rest;
  expect_ok(log_->each_ended_run("default", "demo", all[0],
                                 [&](const EndedLine& line) { return rest.push_back(line), true; }));
  EXPECT_EQ(rest, std::vector(all.begin() + 1, all.end()));
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(EndedIndexTest, ARetryIsNotedAtTheRunThatItRepeats) {
  SampleRun retry(run_id(60, 3));
  retry.summary().retry_of = d_.id();
  auto start = retry.start();
  std::get<RunStarted>(const_cast<Record*>(start.record)->events.front()).retry_of = d_.id();
  expect_ok(log_->append({{}, {start}}));
  EXPECT_EQ(expect_ok(log_->summary(d_.id()))->retried_by, retry.id());
  expect_indexes_tell_the_truth();

  SampleRun second(run_id(61, 3));
  second.summary().retry_of = d_.id();
  const auto refused = log_->append({{}, {second.start()}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(damage(), IsEmpty());

  tamper([&](rocksdb::DB& db) {
    const auto key = keys::run(d_.id());
    std::string row;
    ASSERT_TRUE(db.Get({}, key, &row).ok());
    auto forged = *rows::parse_summary(d_.id(), *rows::unseal(key, row));
    forged.retried_by = RunId{};
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_summary(forged))).ok());
  });
  EXPECT_THAT(damage(), ::testing::Contains(at("run " + d_.id().to_string(), "does not know")));
}

TEST_F(EndedIndexTest, RowsThatAreMissingOrTooManyAreNamed) {
  const auto digest = keys::workflow_digest("default", "demo");
  const auto at_ms = Timestamp{1'700'000'000'500};
  const auto cause = d_.summary().fault_cause;
  tamper([&](rocksdb::DB& db) { ASSERT_TRUE(db.Delete({}, keys::fault(cause, at_ms, d_.id())).ok()); });
  EXPECT_THAT(damage(), ElementsAre(at("run " + d_.id().to_string() + " in the index of faults", "missing")));
  tamper([&](rocksdb::DB& db) {
    const auto key = keys::fault(cause, at_ms, d_.id());
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_run_id({}))).ok());
    const auto wrong = keys::ended_run(digest, at_ms, c_.id());
    ASSERT_TRUE(db.Put({}, wrong, rows::seal(wrong, {})).ok());
  });
  EXPECT_THAT(damage(), ::testing::Contains(
                            at("run " + c_.id().to_string() + " in the index of ended runs", "no such ended run")));
}

TEST_F(EndedIndexTest, ALogOfFormatTwoGetsItsIndexesWhenItIsOpenedForWriting) {
  tamper([&](rocksdb::DB& db) {
    for (const char kind : {'c', 'e', 'f'}) {
      ASSERT_TRUE(db.DeleteRange({}, db.DefaultColumnFamily(), std::string(1, kind),
                                 std::string(1, static_cast<char>(kind + 1)))
                      .ok());
    }
    // Their lines knew no cause either.
    for (const auto& run : {d_.id(), e_.id()}) {
      const auto key = keys::run(run);
      std::string row;
      ASSERT_TRUE(db.Get({}, key, &row).ok());
      auto older = *rows::parse_summary(run, *rows::unseal(key, row));
      older.fault_cause = 0;
      ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_summary(older))).ok());
    }
    std::string two;
    put_big_endian(two, std::uint16_t{2});
    ASSERT_TRUE(db.Put({}, keys::meta("format"), rows::seal(keys::meta("format"), two)).ok());
  });
  EXPECT_THAT(damage(), IsEmpty()) << "an older log is sound as it is";
  log_ = open_log(directory_.path());
  expect_indexes_tell_the_truth();
  EXPECT_EQ(expect_ok(log_->summary(d_.id()))->fault_cause, d_.summary().fault_cause);
  expect_ok(log_->append(forgetting({d_.id()})));
  expect_indexes_tell_the_truth();
  EXPECT_THAT(damage(), IsEmpty());
}

}  // namespace
}  // namespace cairn
