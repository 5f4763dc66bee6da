// The order of all that was recorded: counted on across batches and openings, holding what retention leaves, and verified. And how far
// sinks have come.

#include "engine/log/bytes.h"
#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/rows.h"
#include "engine/log/verify.h"
#include "tests/engine/log/log_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rocksdb/db.h>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "1+2 019a…/1": position, events, last digits of the run and its event.
std::vector<std::string> order(const EventLog& log, std::uint64_t after = 0) {
  std::vector<std::string> found;
  expect_ok(log.each_feed_record(FeedPosition{after}, [&](const FeedRecord& record) {
    found.push_back(fmt::format("{}+{} {}/{}", number_of(record.first), record.events,
                                static_cast<int>(record.run.partition()), number_of(record.event)));
    return true;
  }));
  return found;
}

FeedEnds ends(std::uint64_t first, std::uint64_t head) { return {FeedPosition{first}, FeedPosition{head}}; }

AppendBatch with_definition(std::vector<AppendRecord> records) {
  AppendBatch batch;
  batch.definitions.push_back(definition());
  batch.records = std::move(records);
  return batch;
}

AppendBatch forgetting(const RunId& run) {
  AppendBatch batch;
  batch.forget.push_back({run, Timestamp{1'700'000'100'000}, "older than P30D"});
  return batch;
}

AppendBatch folding() {
  AppendBatch batch;
  batch.fold_rows = 64;
  return batch;
}

TEST(FeedRows, CountEventsInTheOrderOfDecidingWhateverThePartition) {
  const TemporaryDirectory directory;
  SampleRun one(run_id(1, 7));
  SampleRun two(run_id(2, 3));
  {
    const auto log = open_log(directory.path());
    EXPECT_EQ(expect_ok(log->feed()), ends(1, 0));
    EXPECT_THAT(order(*log), IsEmpty());
    expect_ok(log->append(with_definition({one.start(), two.start(), one.step()})));
  }
  const auto log = open_log(directory.path());
  expect_ok(log->append(with_definition({two.finish()})));
  EXPECT_THAT(order(*log), ElementsAre("1+2 7/1", "3+2 3/1", "5+3 7/3", "8+1 3/3"));
  EXPECT_EQ(expect_ok(log->feed()), ends(1, 8));
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

TEST(FeedRows, AreReadFromAnyPositionWithTheRecordThatHoldsTheNextOne) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1));
  const auto log = open_log(directory.path());
  expect_ok(log->append(with_definition({run.start(), run.step()})));
  expect_ok(log->append(with_definition({run.finish()})));
  EXPECT_THAT(order(*log, 2), ElementsAre("3+3 0/3", "6+1 0/6"));
  EXPECT_THAT(order(*log, 3), ElementsAre("3+3 0/3", "6+1 0/6"));
  EXPECT_THAT(order(*log, 5), ElementsAre("6+1 0/6"));
  EXPECT_THAT(order(*log, 6), IsEmpty());
  EXPECT_THAT(order(*log, 600), IsEmpty());
}

TEST(FeedRows, GoWithTheRunsThatTheyNameAndTheCountGoesOn) {
  const TemporaryDirectory directory;
  SampleRun gone(run_id(1, 1));
  SampleRun stays(run_id(2, 2));
  {
    const auto log = open_log(directory.path());
    expect_ok(log->append(with_definition({gone.start()})));
    expect_ok(log->append(with_definition({gone.step(), stays.start()})));
    expect_ok(log->append(with_definition({gone.finish()})));
    expect_ok(log->append(with_definition({stays.finish()})));
    expect_ok(log->append(forgetting(gone.id())));
    expect_ok(log->append(folding()));
    EXPECT_THAT(order(*log), ElementsAre("3+3 1/3", "6+2 2/1", "9+1 2/3"))
        << "a row goes when all that it names has gone";
    EXPECT_EQ(expect_ok(log->feed()), ends(3, 9));
    expect_ok(log->append(forgetting(stays.id())));
    expect_ok(log->append(folding()));
    EXPECT_THAT(order(*log), ElementsAre("9+1 2/3")) << "the newest keeps the count";
  }
  const auto log = open_log(directory.path());
  EXPECT_EQ(expect_ok(log->feed()), ends(9, 9));
  SampleRun next(run_id(3, 1));
  expect_ok(log->append(with_definition({next.start()})));
  EXPECT_THAT(order(*log, 9), ElementsAre("10+2 1/1"));
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

TEST(FeedRows, OfALogOfBeforeBeginWithWhatIsRecordedSince) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1, 5));
  expect_ok(open_log(directory.path())->append(with_definition({run.start()})));
  {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory.log(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string version;
    put_big_endian(version, std::uint16_t{4});
    ASSERT_TRUE(db->Put({}, keys::meta("format"), rows::seal(keys::meta("format"), version)).ok());
    ASSERT_TRUE(db->Delete({}, keys::feed(FeedPosition{1})).ok());
  }
  const auto log = open_log(directory.path());
  EXPECT_EQ(expect_ok(log->feed()), ends(1, 0));
  expect_ok(log->append(with_definition({run.step()})));
  EXPECT_THAT(order(*log), ElementsAre("1+3 5/3"));
  EXPECT_TRUE(expect_ok(log->verify({})).damage.empty());
}

TEST(FeedRows, ThatNameWhatIsNotThereAreDamage) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1));
  expect_ok(open_log(directory.path())->append(with_definition({run.start()})));
  {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory.log(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    const auto key = keys::feed(FeedPosition{3});
    const auto body = rows::encode_feed({{FeedPosition{3}, run.id(), EventSeq{3}, 2}});
    ASSERT_TRUE(db->Put({}, key, rows::seal(key, body)).ok());
  }
  const auto damage = expect_ok(verify_directory(directory.path())).damage;
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].where, "feed position 3");
}

TEST(SinkRows, TakeThePlaceOfTheOneBeforeAndGoWhenTheyAreNull) {
  const TemporaryDirectory directory;
  const auto writing = [](const std::string& name, Value state) {
    AppendBatch batch;
    batch.sinks.push_back({name, std::move(state)});
    return batch;
  };
  {
    const auto log = open_log(directory.path());
    expect_ok(log->append(writing("audit", json(R"({"position":"1"})"))));
    expect_ok(log->append(writing("billing", json(R"({"position":"2"})"))));
    expect_ok(log->append(writing("audit", json(R"({"position":"3"})"))));
    expect_ok(log->append(writing("billing", Value::null())));
  }
  const auto log = open_log(directory.path());
  std::vector<std::string> found;
  expect_ok(log->each_sink([&](const SinkRow& row) {
    found.push_back(row.name + " " + to_json(row.state));
    return true;
  }));
  EXPECT_THAT(found, ElementsAre(R"(audit {"position":"3"})"));
  EXPECT_TRUE(expect_ok(log->verify({})).damage.empty());
}

}  // namespace
}  // namespace cairn::testing
