// Logs of an older format.

#include "engine/log/bytes.h"
#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/rows.h"
#include "tests/engine/log/log_fixture.h"

#include <rocksdb/db.h>

namespace cairn::testing {
namespace {

/// Makes the log of `directory` one of format 1, which had no index of active runs and none of timers.
void take_back(const std::string& directory) {
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory + "/log", &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (const char* kind : {"a", "t"}) {
    ASSERT_TRUE(db->DeleteRange({}, db->DefaultColumnFamily(), kind, keys::after(kind)).ok());
  }
  std::string version;
  put_big_endian(version, std::uint16_t{1});
  const auto key = keys::meta("format");
  ASSERT_TRUE(db->Put({}, key, rows::seal(key, version)).ok());
  ASSERT_TRUE(db->Close().ok());
}

TEST(Upgrade, TimersAndActiveRunsOfALogOfFormat1AreFoundInItsRecords) {
  const TemporaryDirectory directory;
  const RunId waiting = run_id(1);
  const RunId calling = run_id(2);
  SampleRun ended(run_id(3));
  const DueTimer timer{Timestamp{1'700'000'060'000}, waiting, EventSeq{3}};
  {
    const auto log = open_log(directory.path());
    const Value none = Value::object(std::vector<Member>{});
    const auto begin = [&](const RunId& run, Event last) {
      SampleRun sample(run);
      AppendRecord start = sample.start();
      Record record = *start.record;
      record.events.push_back(std::move(last));
      start.record = &record;
      expect_ok(log->append({{definition()}, {start}}));
    };
    begin(waiting, TimerStarted{EventSeq{2}, TimerStarted::Purpose::wait, timer.due});
    begin(calling, EffectScheduled{EventSeq{2}, "/do/0/first", "http", none, false, {}, {}, false});
    expect_ok(log->append({{}, {ended.start(), ended.finish()}}));
  }
  take_back(directory.path());
  for (int opening = 0; opening < 2; ++opening) {
    const auto log = open_log(directory.path());
    std::vector<DueTimer> timers;
    expect_ok(log->each_timer({Timestamp{0}, RunId{}, EventSeq{}}, [&](const DueTimer& found) {
      timers.push_back(found);
      return true;
    }));
    EXPECT_EQ(timers, std::vector{timer});
    std::vector<RunId> active;
    expect_ok(log->each_active_run(RunId{}, [&](const RunId& run) {
      active.push_back(run);
      return true;
    }));
    EXPECT_EQ(active, std::vector{calling});
    const auto report = expect_ok(log->verify({}));
    EXPECT_TRUE(report.damage.empty()) << to_string(report);
  }
}

TEST(Upgrade, ALogOfFormat1CanBeReadAsItIs) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1));
  expect_ok(open_log(directory.path())->append({{definition()}, {run.start()}}));
  take_back(directory.path());
  RocksLogOptions options;
  options.read_only = true;
  const auto log = open_log(directory.path(), options);
  EXPECT_EQ(records_of(*log, run.id()).size(), 1U);
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

/// Makes the log of `directory` one of format 4, which had no key for approvals.
void take_back_to_4(const std::string& directory) {
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory + "/log", &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string version;
  put_big_endian(version, std::uint16_t{4});
  const auto key = keys::meta("format");
  ASSERT_TRUE(db->Put({}, key, rows::seal(key, version)).ok());
  ASSERT_TRUE(db->Delete({}, keys::meta("approval_key")).ok());
  ASSERT_TRUE(db->Close().ok());
}

TEST(Upgrade, ALogWithoutAKeyForApprovalsGetsOneAndKeepsIt) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1));
  expect_ok(open_log(directory.path())->append({{definition()}, {run.start()}}));
  take_back_to_4(directory.path());
  RocksLogOptions looking;
  looking.read_only = true;
  EXPECT_EQ(open_log(directory.path(), looking)->approval_key().error().code, ErrorCode::not_found);
  const Hash256 key = expect_ok(open_log(directory.path())->approval_key());
  EXPECT_NE(key, Hash256{});
  EXPECT_EQ(expect_ok(open_log(directory.path())->approval_key()), key);
  EXPECT_EQ(expect_ok(open_log(directory.path(), looking)->approval_key()), key);
  const auto report = expect_ok(open_log(directory.path())->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

}  // namespace
}  // namespace cairn::testing
