#pragma once
// The values of the store: every row is sealed by a checksum over its key and its body, so that a row that was changed, or
// moved to another key, is not believed (docs/log-format.md).

#include "engine/log/event_log.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::rows {

/// crc32c(key, body), big-endian, then `body`.
std::string seal(std::string_view key, std::string_view body);
/// The body, or nothing when the checksum is not that of `key` and body.
std::optional<std::string_view> unseal(std::string_view key, std::string_view row);

// ---- records ---------------------------------------------------------------------------------------------------------
/// Format byte of a record's row; the payload has a version of its own.
inline constexpr std::uint8_t k_record_row = 1;

/// body := format:1 previous:32 lsn:8 payload
struct RecordRow {
  Hash256 previous;  ///< hash of the run's record before; zero for the first
  Lsn lsn{};
  std::string_view payload;  ///< borrowed
};
/// Appends the body's head; the payload follows.
void put_record_head(const RecordRow& row, std::string& out);
std::optional<RecordRow> parse_record(std::string_view body);
/// What the chains link: SHA-256 over key and row as stored.
Hash256 hash_of(std::string_view key, std::string_view row);

// ---- partitions ------------------------------------------------------------------------------------------------------
struct BatchEntry {
  RunId run;
  EventSeq first{};  ///< 0: the run was removed here
  std::uint32_t events = 0;
  Hash256 record;  ///< hash_of the record's row, or of the tombstone's
  [[nodiscard]] bool is_removal() const { return first == k_no_event; }
};
/// body := previous:32 (run:16 first:8 events:4 record:32)+ ; entry i has lsn (first of the key) + i
struct BatchRow {
  Hash256 previous;  ///< hash_of the partition's batch row before; zero for the first
  std::vector<BatchEntry> entries;
};
std::string encode_batch(const BatchRow& row);
std::optional<BatchRow> parse_batch(std::string_view body);

/// body := lsn:8 chain:32
struct PartitionHead {
  Lsn lsn{};      ///< of the newest record; 0 when there is none
  Hash256 chain;  ///< hash_of the newest batch row
  friend bool operator==(const PartitionHead&, const PartitionHead&) = default;
};
std::string encode_head(const PartitionHead& head);
std::optional<PartitionHead> parse_head(std::string_view body);

/// Batch rows that were folded: from the lsn of the key to `last` nothing is left but that they were there.
/// body := last:8 previous:32 chain:32
struct FoldRow {
  Lsn last{};
  Hash256 previous;  ///< what the first of them was written after
  Hash256 chain;     ///< hash_of the last of them
};
std::string encode_fold(const FoldRow& row);
std::optional<FoldRow> parse_fold(std::string_view body);

/// The id is in the key.
std::string encode_removal(const Removal& removal);
std::optional<Removal> parse_removal(const RunId& run, std::string_view body);

/// body := count:8 namespace:4+n name:4+n
std::string encode_ended(const EndedWorkflow& workflow);
std::optional<EndedWorkflow> parse_ended(std::string_view body);

// ---- the bus ---------------------------------------------------------------------------------------------------------
/// body := previous:32 at:8 emitter:16 value ; the position is in the key
struct BusEventRow {
  Hash256 previous;  ///< hash_of the row of the event before; zero for the first
  Timestamp at;
  RunId emitter;
  std::string_view event;  ///< encode_value; borrowed
};
std::string encode_bus_event(const Hash256& previous, const BusEvent& event);
std::optional<BusEventRow> parse_bus_event(std::string_view body);

/// The meta row "bus". body := first:8 floor:32 matched:8 head:8 chain:32
struct BusRow {
  BusEnds ends;
  Hash256 floor;  ///< hash_of the newest row that was removed; zero: none was
  Hash256 chain;  ///< hash_of the newest row
  friend bool operator==(const BusRow&, const BusRow&) = default;
};
std::string encode_bus(const BusRow& row);
std::optional<BusRow> parse_bus(std::string_view body);

/// A position alone: of a bus_id, and what a listener counts from. body := position:8
std::string encode_position(BusPosition position);
std::optional<BusPosition> parse_position(std::string_view body);

/// body := definition:32 keyed:1 type:4+n filter:4+n
std::string encode_listen_shape(const ListenShape& shape);
std::optional<ListenShape> parse_listen_shape(std::string_view body);

// ---- derived rows ----------------------------------------------------------------------------------------------------
/// The id is in the key.
std::string encode_summary(const RunSummary& summary);
std::optional<RunSummary> parse_summary(const RunId& id, std::string_view body);

std::string encode_definition(const StoredDefinition& definition);
std::optional<StoredDefinition> parse_definition(const Hash256& hash, std::string_view body);

/// body := record:32 value
struct SnapshotRow {
  Hash256 record;          ///< hash_of the record it stands on
  std::string_view state;  ///< encode_value; borrowed
};
std::string encode_snapshot(const Hash256& record, const Value& state);
std::optional<SnapshotRow> parse_snapshot(std::string_view body);

/// body := value, an array of state, namespace and name: it ends in the name.
std::string encode_schedule(const ScheduleRow& row);
std::optional<ScheduleRow> parse_schedule(std::string_view body);

/// The records of a batch in the order of deciding; the position of the first event is in the key.
/// body := (run:16 first:8 events:4)+
std::string encode_feed(const std::vector<FeedRecord>& records);
std::optional<std::vector<FeedRecord>> parse_feed(FeedPosition first, std::string_view body);

/// body := value ; the name is in the key
std::string encode_sink(const SinkRow& row);
std::optional<Value> parse_sink(std::string_view body);

std::string encode_run_id(const RunId& id);
std::optional<RunId> parse_run_id(std::string_view body);
std::optional<Hash256> parse_hash(std::string_view body);

}  // namespace cairn::rows
