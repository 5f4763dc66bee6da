// The committers: what is written together, and what is not written any more.

#include "engine/runtime/committer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace cairn::tests {
namespace {

class CountingLog final : public EventLog {
 public:
  std::atomic<int> appends = 0;
  std::atomic<int> definitions = 0;
  std::atomic<bool> slow = false;
  std::atomic<bool> refuse_next = false;
  std::atomic<bool> full = false;

  Result<LogPosition> append(const AppendBatch& batch) override {
    ++appends;
    while (slow) std::this_thread::yield();
    if (full) return make_error(ErrorCode::disk_full, "no room");
    if (refuse_next.exchange(false)) return make_error(ErrorCode::conflict, "refused");
    definitions += static_cast<int>(batch.definitions.size());
    return LogPosition{};
  }
  Result<void> read(const RunId&, EventSeq, const std::function<bool(const Record&)>&) const override {
    return success();
  }
  Result<std::optional<Snapshot>> snapshot(const RunId&, EventSeq) const override { return std::optional<Snapshot>(); }
  Result<std::optional<RunSummary>> summary(const RunId&) const override { return std::optional<RunSummary>(); }
  Result<void> each_run(const std::function<bool(const RunSummary&)>&) const override { return success(); }
  Result<void> each_open_run(const std::function<bool(const RunSummary&)>&) const override { return success(); }
  Result<void> each_active_run(const RunId&, const std::function<bool(const RunId&)>&) const override {
    return success();
  }
  Result<void> each_timer(const DueTimer&, const std::function<bool(const DueTimer&)>&) const override {
    return success();
  }
  Result<std::vector<RunId>> runs_with_prefix(std::string_view, std::size_t) const override {
    return std::vector<RunId>();
  }
  Result<std::optional<RunId>> run_of_key(const WorkflowIdentity&, std::string_view) const override {
    return std::optional<RunId>();
  }
  Result<Hash256> approval_key() const override { return sha256("the key of a test"); }
  Result<BusEnds> bus() const override { return BusEnds{}; }
  Result<void> each_bus_event(BusPosition, const std::function<bool(const BusEvent&)>&) const override {
    return success();
  }
  Result<std::optional<BusPosition>> bus_position(std::string_view, std::string_view) const override {
    return std::optional<BusPosition>();
  }
  Result<void> each_listen_shape(const std::function<bool(const ListenShape&)>&) const override { return success(); }
  Result<void> each_listener(const Listener&, const std::function<bool(const Listener&, BusPosition)>&) const override {
    return success();
  }
  Result<std::optional<StoredDefinition>> definition(const Hash256&) const override {
    return std::optional<StoredDefinition>();
  }
  Result<std::optional<StoredDefinition>> find_definition(const WorkflowIdentity&) const override {
    return std::optional<StoredDefinition>();
  }
  Result<VerifyReport> verify(const std::function<void(std::uint64_t)>&) const override { return VerifyReport{}; }
  Result<VerifyReport> back_up(const std::string&, const CopyProgress&) const override { return VerifyReport{}; }
};

AppendBatch one_definition() {
  AppendBatch batch;
  batch.definitions.emplace_back();
  return batch;
}

TEST(ThreadedCommitterTest, WhatWaitsWhileABatchIsSyncedIsWrittenTogether) {
  CountingLog log;
  std::atomic<int> done = 0;
  log.slow = true;
  {
    const auto committer = make_threaded_committer(log);
    const auto count = [&done](const Result<void>& result) { done += result ? 1 : 0; };
    committer->commit(one_definition(), count);
    while (log.appends == 0) std::this_thread::yield();
    for (int i = 0; i < 9; ++i) committer->commit(one_definition(), count);
    EXPECT_EQ(done, 0);
    log.slow = false;
  }
  EXPECT_EQ(log.appends, 2);
  EXPECT_EQ(log.definitions, 10);
  EXPECT_EQ(done, 10) << "it does what it was given before it goes";
}

TEST(CommitterTest, NothingIsAppendedBehindABatchThatFailed) {
  for (const auto make : {make_direct_committer, make_threaded_committer}) {
    CountingLog log;
    log.refuse_next = true;
    std::vector<ErrorCode> codes;
    {
      const auto committer = make(log);
      for (int i = 0; i < 2; ++i) {
        std::atomic<bool> told = false;
        committer->commit(one_definition(), [&](const Result<void>& result) {
          EXPECT_FALSE(result.has_value());
          if (!result) codes.push_back(result.error().code);
          told = true;
        });
        while (!told) std::this_thread::yield();
      }
    }
    EXPECT_EQ(codes, (std::vector{ErrorCode::conflict, ErrorCode::unavailable}));
    EXPECT_EQ(log.definitions, 0);
  }
}

TEST(ThreadedCommitterTest, AFullDiskIsTroubleThatPasses) {
  CountingLog log;
  log.full = true;
  std::atomic<int> done = 0;
  const auto committer = make_threaded_committer(log);
  EXPECT_FALSE(committer->trouble().has_value());
  for (int i = 0; i < 2; ++i) {
    committer->commit(one_definition(), [&done](const Result<void>& result) { done += result ? 1 : 100; });
  }
  while (!committer->trouble()) std::this_thread::yield();
  EXPECT_EQ(committer->trouble()->code, ErrorCode::disk_full);
  EXPECT_EQ(done, 0);
  log.full = false;
  while (done < 2) std::this_thread::yield();
  EXPECT_EQ(done, 2);
  while (committer->trouble()) std::this_thread::yield();
  EXPECT_EQ(log.definitions, 2);
}

TEST(ThreadedCommitterTest, WhoGoesWhileTheDiskIsFullSaysThatNothingWasAppended) {
  CountingLog log;
  log.full = true;
  std::vector<ErrorCode> codes;
  {
    const auto committer = make_threaded_committer(log);
    committer->commit(one_definition(), [&codes](const Result<void>& result) {
      if (!result) codes.push_back(result.error().code);
    });
    while (!committer->trouble()) std::this_thread::yield();
  }
  EXPECT_EQ(codes, std::vector{ErrorCode::disk_full});
}

}  // namespace
}  // namespace cairn::tests
