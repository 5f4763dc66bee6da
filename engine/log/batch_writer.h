#pragma once
// BatchWriter: one AppendBatch → one RocksDB WriteBatch, checked against where runs and partitions stand. Changes nothing of
// the log until take_effect(), which is called when the batch is durable.

#include "engine/log/rocks_log.h"
#include "engine/log/rows.h"

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

class BatchWriter {
 public:
  explicit BatchWriter(RocksLog& log) : log_(log) {}

  /// invalid_usage or conflict when the batch breaks append()'s contract.
  Result<void> add(const AppendBatch& batch);
  [[nodiscard]] rocksdb::WriteBatch& writes() { return writes_; }
  /// The log now stands behind this batch.
  void take_effect();
  [[nodiscard]] LogPosition position() const { return position_; }

 private:
  struct OpenBatch {
    Lsn first{};
    rows::BatchRow row;
  };
  struct TouchedRun {
    RocksLog::RunEnd end;
    const RunSummary* summary = nullptr;  ///< after the run's last record of the batch
    std::uint64_t records = 0;            ///< in the batch
    std::optional<EventSeq> snapshot;     ///< the batch holds one
  };

  Result<void> add_definition(const StoredDefinition& definition);
  Result<void> add_record(const AppendRecord& item);
  Result<void> add_start_key(const AppendRecord& item);
  Result<void> check(const AppendRecord& item, const TouchedRun& run) const;
  void put_schedule(const ScheduleRow& row);  // schedule_rows.cpp
  // feed_rows.cpp
  void add_feed(const AppendBatch& batch);
  Result<void> trim_feed(std::size_t rows);
  void put_sink(const SinkRow& row);  // sink_rows.cpp
  void add_snapshot(const AppendRecord& item, EventSeq at, const Hash256& record);
  void drop_snapshot(const RunId& run);
  void put_records();
  Result<void> add_retry(const AppendRecord& item);
  Result<void> add_indexes();
  Result<void> note_retried();
  void put_fault(const RunSummary& summary);
  void add_batch_rows();
  // batch_bus.cpp
  Result<void> add_bus(const AppendBatch& batch);
  Result<void> unpublish(BusPosition through);
  void add_listeners(const AppendRecord& item);
  // forget.cpp
  Result<void> forget(const Forget& item);
  void delete_rows(const RunSummary& summary);
  void note_removed();
  void delete_prefix(const std::string& prefix);
  /// Where the run's first and last record stand in the partition; nothing when they are not there as they should be.
  Result<std::optional<std::pair<Lsn, Lsn>>> span_of(const RunSummary& summary);
  Result<void> count_ended(const WorkflowIdentity& workflow, std::int64_t change);
  OpenBatch& batch_of(PartitionId partition);
  void put(std::string_view key, std::string_view body);

  RocksLog& log_;
  rocksdb::WriteBatch writes_;
  std::vector<std::pair<std::string, std::string>> records_;  ///< keys and rows
  std::map<RunId, TouchedRun> runs_;
  std::map<std::uint16_t, OpenBatch> partitions_;
  std::map<std::uint16_t, RocksLog::PartitionEnd> new_ends_;
  std::map<std::string, RunId> start_keys_;
  std::map<RunId, RunId> retried_;  ///< of runs of earlier batches, too: by which run
  std::set<RunId> forgotten_;
  std::map<std::uint16_t, Lsn> new_fold_at_;
  std::optional<FeedPosition> new_feed_head_;
  std::optional<FeedPosition> new_feed_trim_at_;
  std::map<std::string, EndedWorkflow> ended_;  ///< by workflow_digest(): how many there are after this batch
  std::optional<rows::BusRow> bus_;             ///< as it is after this batch, when the batch changes it
  std::set<ShapeId> shapes_;                    ///< that this batch writes
  LogPosition position_;
  std::string row_;  // scratch
};

}  // namespace cairn
