#pragma once
// The embedded EventLog: RocksDB in DIR/log (docs/log-format.md). DIR itself belongs to the runtime.
//
// Durability: append() returns after RocksDB has synced its write-ahead log; only then can anything of the batch be read.
// A failed write or sync poisons the log: every later append() is refused with ErrorCode::unavailable, reads go on, and
// opening again tells whether the failed batch became durable after all (it is there in full or not at all).
// A batch that breaks append()'s contract (wrong first event, a record without events, a key that another run has, a
// partition that does not exist) is refused with invalid_usage or conflict before anything is written, and poisons nothing.
//
// Opening changes nothing on disk until the store has been found sound: the write-ahead logs and the MANIFEST are read byte by
// byte, every table file must be there, the ends of the partitions' chains must meet what the HEAD file recorded. The torn
// tail that a crash leaves is dropped, with a note. Anything else is ErrorCode::corrupt naming file and byte offset, and the
// directory stays as it was. Table files are checked as they are read, and whole by verify().
//
// Thread safety: as EventLog. close() and the destructor on the appending thread, when no read is under way.

#include "engine/log/event_log.h"
#include "engine/log/rows.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rocksdb {
class DB;
class Env;
class Snapshot;
}  // namespace rocksdb

namespace cairn {

/// Version of the layout of the store. Older ones stay readable, and become this one when they are opened for writing;
/// newer ones are refused.
inline constexpr std::uint16_t k_log_format = 5;
/// A run id has 12 bits for its partition.
inline constexpr std::uint16_t k_max_partitions = 4'096;

/// What stays free of the disk: below it, nothing is appended (disk_full), so that the store can still tidy up; below a
/// quarter of it nothing is removed either.
inline constexpr std::uint64_t k_reserve_bytes = std::uint64_t{64} << 20;

struct RocksLogOptions {
  rocksdb::Env* env = nullptr;    ///< files and clock; borrowed, nullptr: the operating system's
  bool read_only = false;         ///< for inspection: writes nothing, and there must be a log
  std::uint16_t partitions = 16;  ///< of a log that is created; an existing one keeps its own
  std::size_t write_buffer_bytes = std::size_t{32} << 20;  ///< memory, and write-ahead log to replay after a crash
  std::uint64_t head_interval = 1'024;                     ///< batches between two writes of the HEAD file
};

class RocksLog final : public EventLog {
 public:
  ~RocksLog() override;
  RocksLog(const RocksLog&) = delete;
  RocksLog& operator=(const RocksLog&) = delete;

  /// Writes the HEAD file and closes the store. Nothing else may be called after it. The log is durable also without it.
  Result<void> close();

  [[nodiscard]] std::uint16_t partitions() const { return partitions_; }
  /// What a person should know about how the log was found: "000012.log: the last write was cut off by a crash …".
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  /// LogPosition is that of the batch's last record in its partition; 0 when there was none.
  Result<LogPosition> append(const AppendBatch& batch) override;

  /// not_found when there is no such run. When `visit` sees the last record, length and head are held against the run index.
  Result<void> read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const override;
  /// A snapshot that is damaged, or does not stand on the record it was made after, is passed over for an older one.
  Result<std::optional<Snapshot>> snapshot(const RunId& run, EventSeq at) const override;
  Result<std::optional<RunSummary>> summary(const RunId& run) const override;
  /// A damaged line does not hide the others: they are visited, then the error is returned.
  Result<void> each_run(const std::function<bool(const RunSummary&)>& visit) const override;
  Result<void> each_run_before(const RunId& run, const std::function<bool(const RunSummary&)>& visit) const override;
  Result<void> each_open_run(const std::function<bool(const RunSummary&)>& visit) const override;
  /// A damaged row does not hide the others, here and in each_timer.
  Result<void> each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const override;
  Result<void> each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const override;
  Result<std::vector<RunId>> runs_with_prefix(std::string_view prefix, std::size_t limit) const override;
  Result<std::optional<RunId>> run_of_key(const WorkflowIdentity& workflow, std::string_view key) const override;
  Result<void> each_schedule(const std::function<bool(const ScheduleRow&)>& visit) const override;
  Result<void> each_sink(const std::function<bool(const SinkRow&)>& visit) const override;
  Result<FeedEnds> feed() const override;
  Result<void> each_feed_record(FeedPosition after, const std::function<bool(const FeedRecord&)>& visit) const override;
  Result<void> each_fault(std::optional<std::uint64_t> cause,
                          const std::function<bool(const FaultLine&)>& visit) const override;
  Result<void> each_ended_workflow(const std::function<bool(const EndedWorkflow&)>& visit) const override;
  Result<void> each_ended_run(std::string_view workflow_namespace, std::string_view name,
                              const std::optional<EndedLine>& after,
                              const std::function<bool(const EndedLine&)>& visit) const override;
  Result<Hash256> approval_key() const override;
  Result<BusEnds> bus() const override;
  Result<void> each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const override;
  Result<std::optional<BusPosition>> bus_position(std::string_view source, std::string_view id) const override;
  /// A damaged row does not hide the others, here and in each_listener.
  Result<void> each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const override;
  Result<void> each_listener(const Listener& after,
                             const std::function<bool(const Listener&, BusPosition from)>& visit) const override;
  Result<std::vector<Removal>> removals(std::string_view prefix, std::size_t limit) const override;
  Result<GivenBack> give_back(std::atomic<bool>& give_up) override;
  Result<std::optional<StoredDefinition>> definition(const Hash256& hash) const override;
  Result<std::optional<StoredDefinition>> find_definition(const WorkflowIdentity& workflow) const override;
  Result<VerifyReport> verify(const std::function<void(std::uint64_t records_done)>& progress) const override;
  Result<VerifyReport> back_up(const std::string& directory, const CopyProgress& progress) const override;

 private:
  /// Runs whose lines stand below `end`, the last first.
  Result<void> each_run_up_to(const std::string& end, const std::function<bool(const RunSummary&)>& visit) const;
  friend Result<std::unique_ptr<RocksLog>> open_rocks_log(const std::string&, const RocksLogOptions&);
  friend class BatchWriter;
  friend class BatchFolder;

  /// Where the next record of a run goes.
  struct RunEnd {
    std::uint64_t length = 0;
    std::uint64_t records = 0;
    Hash256 head;
    bool listed_open = false;    ///< has a row in the index of open runs
    bool listed_active = false;  ///< has a row in the index of active runs
    RunId retried_by;
  };
  struct IdHash {
    std::size_t operator()(const RunId& id) const;
  };
  /// Where the next batch of a partition goes.
  struct PartitionEnd {
    Lsn lsn{};
    Hash256 chain;
  };

  RocksLog(std::string path, const RocksLogOptions& options, rocksdb::Env* env);

  [[nodiscard]] Result<void> check_space(std::uint64_t reserve) const;
  Result<void> load_partition_ends();
  Result<void> write_head_file();
  Result<RunEnd> end_of(const RunId& run);

  std::string path_;
  RocksLogOptions options_;
  rocksdb::Env* env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::uint16_t partitions_ = 0;
  std::vector<std::string> notes_;
  mutable std::mutex backing_up_;
  std::mutex giving_back_;
  /// Ids of runs removed since space was last given back: the lowest and the highest of each partition.
  std::map<PartitionId, std::pair<RunId, RunId>> removed_;
  std::mutex removed_mutex_;  ///< guards removed_

  // Of the appending thread:
  std::vector<PartitionEnd> ends_;
  std::unordered_map<RunId, RunEnd, IdHash> run_ends_;  ///< of open runs; a cache
  std::unordered_map<std::string, std::uint64_t>
      ended_counts_;  ///< runs in the index of ended runs, by workflow_digest()
  rows::BusRow bus_;
  std::set<ShapeId> shapes_;  ///< that are known to be stored
  FeedPosition feed_head_{};
  FeedPosition feed_trim_at_{};  ///< where the next look for rows of the feed that name removed runs only begins
  std::vector<Lsn> fold_at_;     ///< where each partition's next look for foldable rows begins
  std::uint64_t batches_ = 0;
  std::optional<Error> failure_;  ///< why appends are refused
};

/// Opens the log of `directory`, or creates it. Errors: corrupt (where: file and byte, or run and event), format_too_new,
/// busy (another process has it open), not_found (read_only and none there), io. Never throws, whatever the bytes on disk.
Result<std::unique_ptr<RocksLog>> open_rocks_log(const std::string& directory, const RocksLogOptions& options = {});

}  // namespace cairn
