// Writes that fail and power that goes: what was acknowledged stays, and a log that cannot be sure refuses.

#include "engine/log/verify.h"
#include "tests/engine/log/faulty_file_system.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Failure = FaultyFileSystem::Failure;

class FaultTest : public ::testing::Test {
 protected:
  RocksLogOptions options() {
    RocksLogOptions out;
    out.env = env_.get();
    out.partitions = 2;
    out.write_buffer_bytes = 64u << 10;  // so that tables are written on the way
    out.head_interval = 4;
    return out;
  }

  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
};

TEST_F(FaultTest, AFailedWriteIsAnErrorAndPoisonsTheLog) {
  TemporaryDirectory directory;
  SampleRun run(run_id(1));
  {
    const auto log = open_log(directory.path(), options());
    expect_ok(log->append({{definition()}, {run.start()}}));
    files_->fail(1, Failure::once, ".log");
    const auto failed = log->append({{}, {run.step()}});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::io);
    EXPECT_EQ(records_of(*log, run.id()).size(), 1u);  // nothing of it can be read, and reads go on
    files_->heal();
    for (int i = 0; i < 2; ++i) {
      const auto refused = log->append({{}, {run.step()}});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
      EXPECT_THAT(refused.error().message, HasSubstr("the disk said no"));
    }
    EXPECT_EQ(records_of(*log, run.id()).size(), 1u);
  }
  const auto log = open_log(directory.path(), options());
  EXPECT_EQ(records_of(*log, run.id()).size(), 1u);
  ASSERT_THAT(log->notes(), SizeIs(1));  // half of the batch had been written
  EXPECT_THAT(log->notes()[0], HasSubstr("dropped"));
  SampleRun other(run_id(2));
  expect_ok(log->append({{}, {other.start()}}));
}

TEST_F(FaultTest, AFailedSyncIsNeverRetriedAsIfItHadWorked) {
  TemporaryDirectory directory;
  SampleRun run(run_id(1));
  {
    const auto log = open_log(directory.path(), options());
    expect_ok(log->append({{definition()}, {run.start()}}));
    files_->fail(2, Failure::once, ".log");  // the append, then the sync
    EXPECT_EQ(log->append({{}, {run.step()}}).error().code, ErrorCode::io);
    EXPECT_EQ(records_of(*log, run.id()).size(), 1u);
    EXPECT_EQ(log->append({{}, {run.step()}}).error().code, ErrorCode::unavailable);
  }
  files_->power_cut();
  EXPECT_EQ(records_of(*open_log(directory.path(), options()), run.id()).size(), 1u);
}

TEST_F(FaultTest, AFullDiskSaysSo) {
  TemporaryDirectory directory;
  SampleRun run(run_id(1));
  const auto log = open_log(directory.path(), options());
  expect_ok(log->append({{definition()}, {run.start()}}));
  files_->fail(1, Failure::from_then_on, "", /*no_space=*/true);
  const auto failed = log->append({{}, {run.step()}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  EXPECT_THAT(failed.error().message, HasSubstr("disk is full"));
  EXPECT_THAT(failed.error().remedy, HasSubstr("free space"));
  EXPECT_EQ(records_of(*log, run.id()).size(), 1u);
}

/// One life of a log: opened, appended to, closed. Returns how many records were acknowledged.
std::uint64_t live(const std::string& directory, const RocksLogOptions& options, SampleRun& run) {
  std::uint64_t acknowledged = 0;
  const auto log = open_rocks_log(directory, options);
  if (!log) return 0;
  if (!log.value()->append({{definition()}, {run.start()}})) return 0;
  ++acknowledged;
  for (int i = 0; i < 9; ++i) {
    if (!log.value()->append({{}, {run.step(12'000)}})) return acknowledged;
    ++acknowledged;
  }
  static_cast<void>(log.value()->close());
  return acknowledged;
}

/// Whichever operation fails, and whatever a power cut then takes back: acknowledged records are there, the log is sound
/// and goes on.
class PowerCutTest : public FaultTest, public ::testing::WithParamInterface<Failure> {};

TEST_P(PowerCutTest, NothingAcknowledgedIsLostWhicheverOperationFails) {
  std::uint64_t operations = 0;
  for (bool failed = true; failed;) {
    operations += exhaustive() ? 1 : 1 + operations % 4;
    SCOPED_TRACE("operation " + std::to_string(operations));
    TemporaryDirectory directory;
    SampleRun run(run_id(1));
    files_->fail(operations, GetParam());
    const auto acknowledged = live(directory.path(), options(), run);
    failed = files_->failed();
    files_->heal();
    files_->power_cut();

    const auto log = open_log(directory.path(), options());
    const auto summary = expect_ok(log->summary(run.id()));
    const auto kept = summary ? records_of(*log, run.id()).size() : 0;
    // The batch that failed may have become durable: then it is there whole.
    ASSERT_GE(kept, acknowledged);
    ASSERT_LE(kept, acknowledged + 1);
    const auto report = expect_ok(log->verify({}));
    ASSERT_THAT(report.damage, IsEmpty()) << to_string(report);
    SampleRun next(run_id(2));
    expect_ok(log->append({{definition()}, {next.start()}}));
    if (!failed) {
      EXPECT_EQ(acknowledged, 10u);
    }
  }
  EXPECT_GT(operations, 50u);
}

INSTANTIATE_TEST_SUITE_P(Failures, PowerCutTest, ::testing::Values(Failure::once, Failure::from_then_on),
                         [](const auto& info) { return info.param == Failure::once ? "Once" : "FromThenOn"; });

}  // namespace
}  // namespace cairn
