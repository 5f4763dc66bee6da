#pragma once
// Rows of an open store: reading with their seals checked, and naming their places to people.

#include "engine/log/keys.h"
#include "engine/log/rows.h"
#include "workflows/core/error.h"

#include <rocksdb/db.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// "run 019a… event 12", "partition 0 lsn 77", "definition 5f3a…": what a key is about.
std::string place_of(std::string_view key);
std::string run_place(const RunId& run);
std::string event_place(const RunId& run, EventSeq event);
std::string partition_place(PartitionId partition, Lsn lsn);
std::string bus_place(BusPosition position);
std::string feed_place(FeedPosition position);

/// Error corrupt with the usual remedy.
Error damaged(std::string where, std::string message);
inline constexpr std::string_view k_bad_seal = "its checksum is wrong: the stored bytes are not what was written";

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// A read snapshot for as long as this lives.
class ReadView {
 public:
  explicit ReadView(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~ReadView() { db_.ReleaseSnapshot(snapshot_); }
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;
  [[nodiscard]] const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

/// The row as stored, or nothing.
Result<std::optional<std::string>> get_row(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view key);
/// Its body; corrupt when the seal is broken.
Result<std::optional<std::string>> get_body(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view key);

Result<std::optional<RunSummary>> get_summary(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, const RunId& run);
/// Name of the meta row that says how far the bus reaches.
inline constexpr std::string_view k_bus_row = "bus";
/// That row; of an empty bus when there is none.
Result<rows::BusRow> get_bus(rocksdb::DB& db, const rocksdb::Snapshot* snapshot);

/// The head row; lsn 0 when the partition has none.
Result<rows::PartitionHead> get_partition_head(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                                               PartitionId partition);

/// The batch row of `partition` that holds `lsn`, with what it chains to.
struct FoundBatch {
  Lsn first{};
  rows::BatchRow row;
  Hash256 hash;
  [[nodiscard]] Lsn last() const { return Lsn{number_of(first) + row.entries.size() - 1}; }
};
Result<std::optional<FoundBatch>> find_batch(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, PartitionId partition,
                                             Lsn lsn);

/// The fold of `partition` that begins at or before `lsn`, nearest to it; it need not reach it.
struct FoundFold {
  Lsn first{};
  rows::FoldRow row;
};
Result<std::optional<FoundFold>> find_fold(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, PartitionId partition,
                                           Lsn lsn);

}  // namespace cairn
