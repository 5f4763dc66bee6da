#pragma once
// The keys of the store: one byte that says the kind of row, then fixed-width big-endian fields, so that rows of a kind stand
// together and in the order in which they are read (docs/log-format.md).

#include "engine/log/event_log.h"
#include "engine/machine/ids.h"
#include "workflows/core/sha256.h"
#include "workflows/core/time.h"
#include "workflows/program/program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::keys {

enum Kind : char {
  k_active_run = 'a',       ///< run id
  k_batch = 'b',            ///< partition, first lsn
  k_ended_count = 'c',      ///< workflow
  k_definition = 'd',       ///< hash
  k_ended_run = 'e',        ///< workflow, time, run id
  k_fault = 'f',            ///< cause, time, run id
  k_listen_shape = 'g',     ///< shape
  k_partition_head = 'h',   ///< partition
  k_run = 'i',              ///< run id
  k_feed = 'j',             ///< position
  k_start_key = 'k',        ///< hash of namespace, name and key
  k_listener = 'l',         ///< shape, key, run id, frame
  k_meta = 'm',             ///< name
  k_definition_name = 'n',  ///< namespace, name, version
  k_open_run = 'o',         ///< run id
  k_fold = 'p',             ///< partition, first lsn
  k_sink = 'q',             ///< name
  k_record = 'r',           ///< partition, run id, first event
  k_snapshot = 's',         ///< run id, event
  k_timer = 't',            ///< due, run id, timer
  k_bus_id = 'u',           ///< hash of source and id
  k_bus_event = 'v',        ///< position
  k_schedule = 'w',         ///< namespace, name
  k_gathered = 'y',         ///< namespace, name, position
  k_removal = 'x',          ///< run id
};

std::string record(const RunId& run, EventSeq first);
/// What the keys of all records of `run` begin with.
std::string records_of(const RunId& run);
std::string batch(PartitionId partition, Lsn first);
std::string partition_head(PartitionId partition);
std::string run(const RunId& run);
std::string open_run(const RunId& run);
std::string active_run(const RunId& run);
/// In the order of time, also before 1970.
std::string timer(const DueTimer& timer);
std::string snapshot(const RunId& run, EventSeq at);
/// What the keys of all snapshots of `run` begin with.
std::string snapshots_of(const RunId& run);
std::string definition(const Hash256& hash);
/// Fields are length-prefixed, so no name can run into the next.
std::string definition_name(const WorkflowIdentity& workflow);
/// What the keys of all versions begin with.
std::string definition_names(const WorkflowIdentity& workflow);
/// The version is no part of it: one key starts one run of a workflow, whatever the version.
std::string start_key(const WorkflowIdentity& workflow, std::string_view key);
std::string schedule(std::string_view workflow_namespace, std::string_view name);
/// Of an event that a workflow's schedule has gathered.
std::string gathered(std::string_view workflow_namespace, std::string_view name, BusPosition event);
/// "schedule NAMESPACE/NAME", of an event "… event POSITION", for messages.
std::string schedule_name(std::string_view key);
std::string feed(FeedPosition first);
std::string sink(std::string_view name);
std::string meta(std::string_view name);
std::string fold(PartitionId partition, Lsn first);
/// What the keys of all folds of a partition begin with; the same of its batches.
std::string folds_of(PartitionId partition);
std::string batches_of(PartitionId partition);
std::string removal(const RunId& run);
std::string fault(std::uint64_t cause, Timestamp at, const RunId& run);
/// What the keys of all faults of a cause begin with.
std::string faults_of(std::uint64_t cause);
/// 16 bytes that stand for a workflow of any version.
std::string workflow_digest(std::string_view workflow_namespace, std::string_view name);
std::string ended_run(std::string_view workflow_digest, Timestamp at, const RunId& run);
/// What the keys of all ended runs of a workflow begin with.
std::string ended_runs_of(std::string_view workflow_digest);
std::string ended_count(std::string_view workflow_digest);

std::string bus_event(BusPosition position);
/// One event of a source has this id.
std::string bus_id(std::string_view source, std::string_view id);
std::string listen_shape(ShapeId shape);
std::string listener(const Listener& listener);
/// What the keys of all listeners of a shape and a key begin with.
std::string listeners_of(ShapeId shape, std::uint64_t key);

struct RecordKey {
  PartitionId partition{};
  RunId run;
  EventSeq first{};
};
std::optional<RecordKey> parse_record(std::string_view key);
struct BatchKey {
  PartitionId partition{};
  Lsn first{};
};
std::optional<BatchKey> parse_batch(std::string_view key);
std::optional<BatchKey> parse_fold(std::string_view key);
struct FaultKey {
  std::uint64_t cause = 0;
  Timestamp at;
  RunId run;
};
std::optional<FaultKey> parse_fault(std::string_view key);
struct EndedKey {
  std::string_view workflow;  ///< workflow_digest(); borrowed
  Timestamp at;
  RunId run;
};
std::optional<EndedKey> parse_ended(std::string_view key);
std::optional<DueTimer> parse_timer(std::string_view key);
std::optional<BusPosition> parse_bus_event(std::string_view key);
std::optional<FeedPosition> parse_feed(std::string_view key);
std::optional<ShapeId> parse_listen_shape(std::string_view key);
std::optional<Listener> parse_listener(std::string_view key);
/// The id in the key of a run, an open or active run, a removal, or (first) a snapshot.
std::optional<RunId> parse_run(std::string_view key);
std::optional<EventSeq> parse_snapshot_event(std::string_view key);
/// The version in a definition_name() key.
std::optional<WorkflowIdentity> parse_definition_name(std::string_view key);

/// The smallest key above all that begin with `prefix`, which is not all 0xff.
std::string after(std::string_view prefix);

}  // namespace cairn::keys
