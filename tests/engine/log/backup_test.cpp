// Backups: a copy is whole and sound or not there, and the log goes on beside it.

#include "engine/log/backup.h"

#include "engine/log/verify.h"
#include "tests/engine/log/faulty_file_system.h"
#include "tests/engine/log/log_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;

/// A log with `runs` runs that have ended and one that has not.
void fill(RocksLog& log, std::uint64_t runs, std::size_t bytes = 100) {
  expect_ok(log.append({{definition()}, {}}));
  for (std::uint64_t i = 1; i <= runs; ++i) {
    SampleRun run(run_id(i, static_cast<std::uint16_t>(i % 16)));
    expect_ok(log.append({{}, {run.start()}}));
    expect_ok(log.append({{},
                          {
                              run.step(bytes),
                          }}));
    expect_ok(log.append({{}, {run.finish()}}));
  }
  SampleRun open(run_id(runs + 1));
  expect_ok(log.append({{}, {open.start()}}));
}

std::set<std::string> names_in(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

TEST(Backup, IsALogLikeTheOneItWasMadeOf) {
  const TemporaryDirectory here;
  const TemporaryDirectory there;
  const auto log = open_log(here.path());
  fill(*log, 20);
  std::uint64_t told = 0;
  const auto report = expect_ok(log->back_up(there.path(), [&](std::uint64_t done, std::uint64_t total) {
    told = done;
    EXPECT_LE(done, total);
    return true;
  }));
  EXPECT_EQ(report.runs, 21u);
  EXPECT_TRUE(report.damage.empty());
  EXPECT_GT(told, 0u);
  EXPECT_EQ(names_in(there.path()), std::set<std::string>{"log"});
  EXPECT_EQ(names_in(here.path()), std::set<std::string>{"log"});

  SampleRun later(run_id(100));
  expect_ok(log->append({{}, {later.start()}}));  // the log goes on
  const auto copy = open_log(there.path());
  EXPECT_TRUE(copy->notes().empty()) << copy->notes().front();
  EXPECT_FALSE(expect_ok(copy->summary(later.id())));
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const auto id = run_id(i, static_cast<std::uint16_t>(i % 16));
    EXPECT_EQ(records_of(*copy, id).size(), 3u);
    EXPECT_EQ(expect_ok(copy->summary(id))->head, expect_ok(log->summary(id))->head);
  }
  SampleRun own(run_id(200));
  expect_ok(copy->append({{}, {own.start()}}));  // and so does the copy
  EXPECT_FALSE(expect_ok(log->summary(own.id())));
}

TEST(Backup, HoldsWhatWasDurableWhileOthersAreAppended) {
  const TemporaryDirectory here;
  const auto log = open_log(here.path());
  expect_ok(log->append({{definition()}, {}}));
  std::atomic<std::uint64_t> durable = 0;
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    for (std::uint64_t i = 1; !enough; ++i) {
      SampleRun run(run_id(i, static_cast<std::uint16_t>(i % 16)));
      expect_ok(log->append({{}, {run.start()}}));
      expect_ok(log->append({{}, {run.step(2'000)}}));
      expect_ok(log->append({{}, {run.finish()}}));
      durable = i;
    }
  });
  for (int i = 0; i < 4; ++i) {
    const TemporaryDirectory there;
    while (durable == 0) std::this_thread::yield();
    const std::uint64_t before = durable;
    const auto report = log->back_up(there.path(), {});
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_GE(report.value().runs, before);
    EXPECT_TRUE(expect_ok(verify_directory(there.path())).damage.empty());
  }
  enough = true;
  writer.join();
}

TEST(Backup, DoesNotTouchALogThatIsThere) {
  const TemporaryDirectory here;
  const TemporaryDirectory there;
  const auto log = open_log(here.path());
  fill(*log, 1);
  {
    const auto other = open_log(there.path());
    fill(*other, 2);
  }
  const auto refused = log->back_up(there.path(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(expect_ok(verify_directory(there.path())).runs, 3u);
  EXPECT_EQ(log->back_up(here.path(), {}).error().code, ErrorCode::conflict);
}

TEST(Backup, IsMadeOneAtATime) {
  const TemporaryDirectory here;
  const TemporaryDirectory other;
  const TemporaryDirectory there;
  const TemporaryDirectory elsewhere;
  const auto log = open_log(here.path());
  fill(*log, 1);
  fill(*open_log(other.path()), 1);
  bool asked = false;
  expect_ok(log->back_up(there.path(), [&](std::uint64_t, std::uint64_t) {
    if (std::exchange(asked, true)) return true;
    EXPECT_EQ(log->back_up(elsewhere.path(), {}).error().code, ErrorCode::busy);
    EXPECT_EQ(copy_log(other.path(), there.path()).error().code, ErrorCode::busy);
    return true;
  }));
  EXPECT_TRUE(asked);
  EXPECT_EQ(names_in(there.path()), std::set<std::string>{"log"});
  expect_ok(log->back_up(elsewhere.path(), {}));
}

TEST(Backup, ThatIsGivenUpLeavesNothing) {
  const TemporaryDirectory here;
  const TemporaryDirectory there;
  const auto log = open_log(here.path());
  fill(*log, 1);
  const auto given_up = log->back_up(there.path(), [](std::uint64_t, std::uint64_t) { return false; });
  EXPECT_EQ(given_up.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(names_in(there.path()).empty());
  EXPECT_EQ(names_in(here.path()), std::set<std::string>{"log"});
}

TEST(Backup, DoesNotGoIntoTheDirectoryItIsMadeOf) {
  const TemporaryDirectory here;
  const auto log = open_log(here.path());
  fill(*log, 1);
  for (const char* name : {"/copy", "/log.checkpoint", "/log/copy"}) {
    EXPECT_EQ(log->back_up(here.path() + name, {}).error().code, ErrorCode::invalid_usage) << name;
  }
  EXPECT_EQ(names_in(here.path()), std::set<std::string>{"log"});
}

TEST(Backup, ThatWasInterruptedHoldsNoFilesBack) {
  const TemporaryDirectory here;
  fill(*open_log(here.path()), 1);
  fs::create_directories(here.path() + "/log.checkpoint");
  write_file(here.path() + "/log.checkpoint/000001.sst", "a link");
  fs::create_directories(here.path() + "/log.checkpoint.tmp");
  EXPECT_EQ(open_log(here.path())->partitions(), 16);
  EXPECT_EQ(names_in(here.path()), std::set<std::string>{"log"});
}

TEST(Backup, OfALogOpenForReadingIsRefused) {
  const TemporaryDirectory here;
  const TemporaryDirectory there;
  fill(*open_log(here.path()), 1);
  RocksLogOptions options;
  options.read_only = true;
  EXPECT_EQ(open_log(here.path(), options)->back_up(there.path(), {}).error().code, ErrorCode::invalid_usage);
}

TEST(CopyLog, CopiesWhatNobodyHasOpen) {
  const TemporaryDirectory here;
  const TemporaryDirectory there;
  fill(*open_log(here.path()), 3);
  fs::create_directories(there.path() + "/log.partial/log");  // an interrupted copy left it
  write_file(there.path() + "/log.partial/log/000001.sst", "half");
  EXPECT_EQ(expect_ok(copy_log(here.path(), there.path())).runs, 4u);
  EXPECT_EQ(names_in(there.path()), std::set<std::string>{"log"});
  EXPECT_EQ(read_file(there.log() + "/HEAD"), read_file(here.log() + "/HEAD"));
  EXPECT_EQ(expect_ok(open_log(there.path())->summary(run_id(4)))->status, RunStatus::running);

  const TemporaryDirectory empty;
  EXPECT_EQ(copy_log(empty.path(), there.path()).error().code, ErrorCode::not_found);
  EXPECT_EQ(copy_log(here.path(), "/proc/nowhere").error().code, ErrorCode::io);
}

TEST(CopyLog, OfDamageIsNoBackup) {
  const TemporaryDirectory here;
  fill(*open_log(here.path()), 200, 4'000);
  for (const auto& file : files_with(here.log(), "0")) {
    if (fs::file_size(file) < 1'000) continue;
    const TemporaryDirectory there;
    const std::string whole = read_file(file);
    std::string damaged = whole;
    damaged[damaged.size() / 2] ^= 0x40;
    write_file(file, damaged);
    const auto refused = copy_log(here.path(), there.path());
    write_file(file, whole);
    if (file.find("OPTIONS") != std::string::npos) continue;  // RocksDB's own copy of its settings
    ASSERT_FALSE(refused) << file;
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
    EXPECT_FALSE(refused.error().where.empty());
    EXPECT_TRUE(names_in(there.path()).empty());
  }
}

TEST(CopyLog, ThatFailsLeavesNothing) {
  const TemporaryDirectory here;
  fill(*open_log(here.path()), 5);
  const auto system = std::make_shared<FaultyFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(system);
  bool whole = false;
  for (std::uint64_t operation = 1; !whole; ++operation) {
    const TemporaryDirectory there;
    system->fail(operation, FaultyFileSystem::Failure::once, there.path(), operation % 2 == 0);
    const auto copied = copy_log(here.path(), there.path(), {}, env.get());
    whole = !system->failed();
    system->heal();
    system->power_cut();
    if (copied) {
      EXPECT_TRUE(whole) << "operation " << operation;
      EXPECT_EQ(expect_ok(verify_directory(there.path())).runs, 6u);
    } else if (fs::exists(there.log())) {
      // Only the very last step may fail behind the copy's appearing: making its name durable.
      EXPECT_EQ(expect_ok(verify_directory(there.path())).runs, 6u) << "operation " << operation;
    }
  }
}

}  // namespace
}  // namespace cairn::testing
