#pragma once
// EventLog: the seam where the log of runs lives. The embedded one is RocksDB (rocks_log.h).
//
// Truth is the records of each run; everything else here (run index, snapshots, start keys) is derived from them or
// travels in the same atomic batch. Batches are self-contained and written in order by a single writer.
//
// Thread safety: one thread appends; any thread reads. What a read returns is durable.

#include "engine/log/bus_rows.h"
#include "engine/log/feed.h"
#include "engine/machine/ids.h"
#include "engine/machine/status.h"
#include "engine/machine/stimulus.h"
#include "workflows/core/error.h"
#include "workflows/core/sha256.h"
#include "workflows/core/time.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A run's line in the run index. `length`, `records`, `head` tie it to the record chain and are filled in by the log.
struct RunSummary {
  RunId id;
  RunStatus status = RunStatus::pending;
  bool open = true;     ///< not ended, or ended with detached effects still to finish
  bool active = false;  ///< open, and there is something to do for it now (is_active): recovery looks at these
  WorkflowIdentity workflow;
  Hash256 definition;
  Timestamp started_at;
  Timestamp updated_at;
  std::optional<Timestamp> ended_at;
  std::string key;
  std::uint8_t priority = 5;
  RunId parent;              ///< nil when there is none
  std::uint64_t length = 0;  ///< events so far
  std::uint64_t records = 0;
  Hash256 head;                              ///< chain hash of the last record
  std::optional<std::string> singleton_key;  ///< nothing: the run is no singleton
  std::uint64_t fault_cause = 0;  ///< of a faulted run that no other waited for (engine/machine/fault.h); else 0
  RunId retry_of;                 ///< the run that this one repeats; nil: none
  RunId retried_by;               ///< the run that repeats this one; filled in by the log
};

/// A definition as the log keeps it.
struct StoredDefinition {
  Hash256 hash;
  WorkflowIdentity workflow;
  std::string text;
  Timestamp registered_at;
};

/// A timer that runs, in the order in which they are due.
struct DueTimer {
  Timestamp due;
  RunId run;
  EventSeq timer{};
  friend auto operator<=>(const DueTimer&, const DueTimer&) = default;
};

/// One step of one run, to be appended.
struct AppendRecord {
  RunId run;
  const Record* record = nullptr;        ///< borrowed for the call; record->first must be the run's length + 1
  RunSummary summary;                    ///< after this record
  std::optional<Value> snapshot;         ///< state after this record, when one is due: takes the place of an older one
  std::vector<DueTimer> timers_set;      ///< run from this record on
  std::vector<DueTimer> timers_cleared;  ///< of those that ran before, the ones that do not any more
  std::vector<NewListener> listens;      ///< begin with this record
  std::vector<Listener> unlistens;       ///< of those that began before, the ones that have ended
};

/// A run to be removed by retention. One that is open, not there, touched by the same batch, or whose first and last record
/// are not what the index says, is left as it is.
struct Forget {
  RunId run;
  Timestamp at;
  std::string why;
};

/// What is kept of a workflow's schedule, whatever its version, or of an event that it has gathered;
/// engine/runtime/schedule_state.h says what it is.
struct ScheduleRow {
  std::string workflow_namespace;
  std::string name;
  Value state;          ///< null: the row goes
  BusPosition event{};  ///< of the event; 0: of the schedule itself
};

/// Written all or nothing, in this order.
struct AppendBatch {
  std::vector<StoredDefinition> definitions;  ///< new ones only; storing one again is harmless
  std::vector<AppendRecord> records;
  std::vector<BusEvent> published;     ///< positions go on where the bus ends
  std::optional<BusPosition> matched;  ///< BusEnds::matched from now on
  BusPosition unpublish{};  ///< published events up to here go, as far as they were matched before this batch
  std::vector<Forget> forget;
  std::vector<ScheduleRow> schedules;  ///< each in the place of the one before
  std::vector<SinkRow> sinks;          ///< the same
  /// Rows of each partition's chain to look at, from where the last look ended: those all of whose runs are gone are
  /// folded into one (docs/log-format.md).
  std::size_t fold_rows = 0;
};

/// What is left of a run that retention has removed.
struct Removal {
  RunId run;
  WorkflowIdentity workflow;
  RunStatus status = RunStatus::completed;
  Timestamp started_at;
  Timestamp ended_at;
  Timestamp removed_at;
  std::string why;
  std::uint64_t length = 0;
  std::uint64_t records = 0;
  Hash256 head;
  // Places in the partition: of this removal, of the run's first record and of its last.
  Lsn lsn{};
  Lsn first_lsn{};
  Lsn last_lsn{};
};

/// A faulted run, as the index of faults has it.
struct FaultLine {
  std::uint64_t cause = 0;
  Timestamp at;
  RunId run;
  RunId retried_by;  ///< nil: by none
  friend bool operator==(const FaultLine&, const FaultLine&) = default;
};

/// A run that is no longer open, as the index of ended runs has it.
struct EndedLine {
  Timestamp at;
  RunId run;
  friend auto operator<=>(const EndedLine&, const EndedLine&) = default;
};

/// A workflow (of any version) and how many of its runs are no longer open.
struct EndedWorkflow {
  std::string workflow_namespace;
  std::string name;
  std::uint64_t runs = 0;
};

/// Bytes of the log's files before and after what was removed has been given back to the file system.
struct GivenBack {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

struct LogPosition {
  Lsn lsn{};
};

/// A finding of verify().
struct LogDamage {
  std::string where;  ///< "run 019a… event 12", "partition 0 lsn 77", "file 000012.sst bytes 4096–8191"
  std::string message;
};

/// DamageList of one report; a log with more is beyond listing.
inline constexpr std::size_t k_max_damage = 100;

struct VerifyReport {
  std::uint64_t runs = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t definitions = 0;
  std::uint64_t removed = 0;      ///< runs of which only a tombstone is left
  std::uint64_t published = 0;    ///< events that the bus keeps
  std::vector<LogDamage> damage;  ///< at most k_max_damage, ordered as found
};

/// Told now and then while files are copied: bytes so far, of how many. False: give up.
using CopyProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Appends and makes durable (fsync) before it returns. On error nothing of the batch is readable, and the log
  /// refuses further appends (ErrorCode::unavailable) until it is opened again: a failed fsync is never retried as if
  /// it had worked. Exception: disk_full says that nothing was tried; the same batch may be given again.
  virtual Result<LogPosition> append(const AppendBatch& batch) = 0;

  /// Calls `visit` with each record of `run` from the one that holds event `from`, in order, until it returns false.
  /// Checks checksum and chain on the way: ErrorCode::corrupt names run and event.
  virtual Result<void> read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const = 0;

  /// The newest snapshot at or before event `at`, with the event number it stands for.
  struct Snapshot {
    EventSeq at{};
    Value state;
  };
  virtual Result<std::optional<Snapshot>> snapshot(const RunId& run, EventSeq at) const = 0;

  virtual Result<std::optional<RunSummary>> summary(const RunId& run) const = 0;
  /// Newest first. `visit` returns false to stop.
  virtual Result<void> each_run(const std::function<bool(const RunSummary&)>& visit) const = 0;
  /// The same, of those that come after `run` in that order. Cost: the ones visited (event_log.cpp: all).
  virtual Result<void> each_run_before(const RunId& run, const std::function<bool(const RunSummary&)>& visit) const;
  /// Runs with RunSummary::open, oldest first. Cost: the open ones, not all.
  virtual Result<void> each_open_run(const std::function<bool(const RunSummary&)>& visit) const = 0;
  /// Ids of the runs with RunSummary::active, oldest first, those above `after` (nil: all). Cost: the active ones.
  virtual Result<void> each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const = 0;
  /// The timers that run, those above `after`, in order. Cost: the ones visited.
  virtual Result<void> each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const = 0;
  /// Ids that start with the hex digits of `prefix` (dashes ignored), at most `limit`, newest first.
  virtual Result<std::vector<RunId>> runs_with_prefix(std::string_view prefix, std::size_t limit) const = 0;
  /// The run that a start with this key made.
  virtual Result<std::optional<RunId>> run_of_key(const WorkflowIdentity& workflow, std::string_view key) const = 0;

  // A log without indexes for the next three looks at all runs (event_log.cpp).

  /// Faulted runs by cause, the oldest first in each; of `cause` alone when it is given. Cost: the faulted ones.
  virtual Result<void> each_fault(std::optional<std::uint64_t> cause,
                                  const std::function<bool(const FaultLine&)>& visit) const;
  /// Workflows that have runs that are no longer open. Cost: the workflows.
  virtual Result<void> each_ended_workflow(const std::function<bool(const EndedWorkflow&)>& visit) const;
  /// Runs of a workflow that are no longer open, in the order they ended, after `after`. Cost: those that are visited.
  virtual Result<void> each_ended_run(std::string_view workflow_namespace, std::string_view name,
                                      const std::optional<EndedLine>& after,
                                      const std::function<bool(const EndedLine&)>& visit) const;

  /// Runs that were removed and whose ids start with `prefix`, as in runs_with_prefix. A log keeps what it needs to know
  /// of removed runs and no longer: in the end it knows nothing of them.
  virtual Result<std::vector<Removal>> removals(std::string_view prefix, std::size_t limit) const;
  /// Gives the space of what was removed since it was opened back to the file system. Takes long, and may be given up; any thread, one at a
  /// time (else busy); appending goes on.
  virtual Result<GivenBack> give_back(std::atomic<bool>& give_up);

  /// What tokens of approvals are made with: the log's own, never changed. not_found: the log is older than approvals.
  virtual Result<Hash256> approval_key() const = 0;

  // The bus: what was published, and who listens.

  virtual Result<BusEnds> bus() const = 0;
  /// Published events above `after`, in order.
  virtual Result<void> each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const = 0;
  /// Where the event with this source and id stands, as long as the bus keeps it.
  virtual Result<std::optional<BusPosition>> bus_position(std::string_view source, std::string_view id) const = 0;
  /// All that anybody has ever listened by.
  virtual Result<void> each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const = 0;
  /// Listeners of a shape and a key, those above `after`, in order; `from` as in NewListener. Cost: those visited.
  virtual Result<void> each_listener(const Listener& after,
                                     const std::function<bool(const Listener&, BusPosition from)>& visit) const = 0;

  virtual Result<std::optional<StoredDefinition>> definition(const Hash256& hash) const = 0;
  /// The definition registered last under this namespace, name and version; version "latest": the highest semantic
  /// version.
  virtual Result<std::optional<StoredDefinition>> find_definition(const WorkflowIdentity& workflow) const = 0;

  /// By namespace and name, all of schedules before those of events, which come by position. A log without such rows has none
  /// (event_log.cpp). A damaged row does not hide the others.
  virtual Result<void> each_schedule(const std::function<bool(const ScheduleRow&)>& visit) const;
  /// By name. Otherwise as each_schedule.
  virtual Result<void> each_sink(const std::function<bool(const SinkRow&)>& visit) const;

  // The order of all that was recorded (feed.h). A log that keeps none has an empty one (event_log.cpp).

  virtual Result<FeedEnds> feed() const;
  /// Records with an event above `after`, in order, those that were removed since included. Cost: those that are visited.
  virtual Result<void> each_feed_record(FeedPosition after, const std::function<bool(const FeedRecord&)>& visit) const;

  /// Reads everything: record checksums, run chains, partition chain, index against records, definitions against
  /// hashes, store files.
  virtual Result<VerifyReport> verify(const std::function<void(std::uint64_t records_done)>& progress) const = 0;

  /// Makes a verified copy of everything that is durable now, in a directory that has no log yet; see backup.h. Any
  /// thread; appending goes on. busy: another one is being made.
  virtual Result<VerifyReport> back_up(const std::string& directory, const CopyProgress& progress) const = 0;
};

}  // namespace cairn
