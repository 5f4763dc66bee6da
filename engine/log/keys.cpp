#include "engine/log/keys.h"

#include "engine/log/bytes.h"

#include <algorithm>

namespace cairn::keys {
namespace {

std::string_view view(const RunId& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

/// Turned over, so that what is negative comes before what is not.
constexpr std::uint64_t k_sign_bit = std::uint64_t{1} << 63;

std::string of_kind(Kind kind) { return std::string(1, static_cast<char>(kind)); }

void put_field(std::string& out, std::string_view field) {
  put_big_endian(out, static_cast<std::uint32_t>(field.size()));
  out += field;
}

RunId take_run(ByteReader& in) {
  RunId id;
  const auto bytes = in.take(id.bytes.size());
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

/// Times before 1970 come first too.
void put_time(std::string& out, Timestamp at) {
  put_big_endian(out, static_cast<std::uint64_t>(at.ms) ^ (std::uint64_t{1} << 63U));
}

Timestamp take_time(ByteReader& in) {
  return Timestamp{static_cast<std::int64_t>(in.big_endian<std::uint64_t>() ^ (std::uint64_t{1} << 63U))};
}

std::optional<BatchKey> parse_place(std::string_view key, std::string_view kind) {
  ByteReader in(key);
  if (in.take(1) != kind) return std::nullopt;
  BatchKey out;
  out.partition = PartitionId{in.big_endian<std::uint16_t>()};
  out.first = Lsn{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return out;
}

constexpr std::size_t k_digest_bytes = 16;

}  // namespace

std::string records_of(const RunId& run) {
  std::string key = of_kind(k_record);
  put_big_endian(key, static_cast<std::uint16_t>(run.partition()));
  key += view(run);
  return key;
}

std::string record(const RunId& run, EventSeq first) {
  std::string key = records_of(run);
  put_big_endian(key, number_of(first));
  return key;
}

std::string batches_of(PartitionId partition) {
  std::string key = of_kind(k_batch);
  put_big_endian(key, static_cast<std::uint16_t>(partition));
  return key;
}

std::string batch(PartitionId partition, Lsn first) {
  std::string key = batches_of(partition);
  put_big_endian(key, number_of(first));
  return key;
}

std::string partition_head(PartitionId partition) {
  std::string key = of_kind(k_partition_head);
  put_big_endian(key, static_cast<std::uint16_t>(partition));
  return key;
}

std::string run(const RunId& run) { return of_kind(k_run).append(view(run)); }
std::string open_run(const RunId& run) { return of_kind(k_open_run).append(view(run)); }
std::string active_run(const RunId& run) { return of_kind(k_active_run).append(view(run)); }

std::string timer(const DueTimer& timer) {
  std::string key = of_kind(k_timer);
  put_big_endian(key, static_cast<std::uint64_t>(timer.due.ms) ^ k_sign_bit);
  key += view(timer.run);
  put_big_endian(key, number_of(timer.timer));
  return key;
}

std::string snapshots_of(const RunId& run) { return of_kind(k_snapshot).append(view(run)); }

std::string snapshot(const RunId& run, EventSeq at) {
  std::string key = snapshots_of(run);
  put_big_endian(key, number_of(at));
  return key;
}

std::string definition(const Hash256& hash) { return of_kind(k_definition).append(hash.view()); }

std::string definition_names(const WorkflowIdentity& workflow) {
  std::string key = of_kind(k_definition_name);
  put_field(key, workflow.workflow_namespace);
  put_field(key, workflow.name);
  return key;
}

std::string definition_name(const WorkflowIdentity& workflow) {
  std::string key = definition_names(workflow);
  put_field(key, workflow.version);
  return key;
}

std::string start_key(const WorkflowIdentity& workflow, std::string_view key) {
  std::string fields;
  put_field(fields, workflow.workflow_namespace);
  put_field(fields, workflow.name);
  put_field(fields, key);
  return of_kind(k_start_key).append(sha256(fields).view());
}

std::string schedule(std::string_view workflow_namespace, std::string_view name) {
  std::string key = of_kind(k_schedule);
  put_field(key, workflow_namespace);
  put_field(key, name);
  return key;
}

std::string gathered(std::string_view workflow_namespace, std::string_view name, BusPosition event) {
  std::string key = of_kind(k_gathered);
  put_field(key, workflow_namespace);
  put_field(key, name);
  put_big_endian(key, number_of(event));
  return key;
}

std::string feed(FeedPosition first) {
  std::string key = of_kind(k_feed);
  put_big_endian(key, number_of(first));
  return key;
}

std::string sink(std::string_view name) { return of_kind(k_sink).append(name); }

std::string meta(std::string_view name) { return of_kind(k_meta).append(name); }

std::string folds_of(PartitionId partition) {
  std::string key = of_kind(k_fold);
  put_big_endian(key, static_cast<std::uint16_t>(partition));
  return key;
}

std::string fold(PartitionId partition, Lsn first) {
  std::string key = folds_of(partition);
  put_big_endian(key, number_of(first));
  return key;
}

std::string bus_event(BusPosition position) {
  std::string key = of_kind(k_bus_event);
  put_big_endian(key, number_of(position));
  return key;
}

std::string bus_id(std::string_view source, std::string_view id) {
  std::string fields;
  put_field(fields, source);
  put_field(fields, id);
  return of_kind(k_bus_id).append(sha256(fields).view().substr(0, k_digest_bytes));
}

std::string listen_shape(ShapeId shape) {
  std::string key = of_kind(k_listen_shape);
  put_big_endian(key, number_of(shape));
  return key;
}

std::string listeners_of(ShapeId shape, std::uint64_t key_hash) {
  std::string key = of_kind(k_listener);
  put_big_endian(key, number_of(shape));
  put_big_endian(key, key_hash);
  return key;
}

std::string listener(const Listener& listener) {
  std::string key = listeners_of(listener.shape, listener.key);
  key += view(listener.run);
  put_big_endian(key, number_of(listener.frame));
  return key;
}

std::string removal(const RunId& run) { return of_kind(k_removal).append(view(run)); }

std::string faults_of(std::uint64_t cause) {
  std::string key = of_kind(k_fault);
  put_big_endian(key, cause);
  return key;
}

std::string fault(std::uint64_t cause, Timestamp at, const RunId& run) {
  std::string key = faults_of(cause);
  put_time(key, at);
  return key.append(view(run));
}

std::string workflow_digest(std::string_view workflow_namespace, std::string_view name) {
  std::string fields;
  put_field(fields, workflow_namespace);
  put_field(fields, name);
  return std::string(sha256(fields).view().substr(0, k_digest_bytes));
}

std::string ended_runs_of(std::string_view workflow_digest) { return of_kind(k_ended_run).append(workflow_digest); }

std::string ended_run(std::string_view workflow_digest, Timestamp at, const RunId& run) {
  std::string key = ended_runs_of(workflow_digest);
  put_time(key, at);
  return key.append(view(run));
}

std::string ended_count(std::string_view workflow_digest) { return of_kind(k_ended_count).append(workflow_digest); }

std::optional<RecordKey> parse_record(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("r")) return std::nullopt;
  RecordKey out;
  out.partition = PartitionId{in.big_endian<std::uint16_t>()};
  out.run = take_run(in);
  out.first = EventSeq{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<BatchKey> parse_batch(std::string_view key) { return parse_place(key, "b"); }
std::optional<BatchKey> parse_fold(std::string_view key) { return parse_place(key, "p"); }

std::optional<FaultKey> parse_fault(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("f")) return std::nullopt;
  FaultKey out;
  out.cause = in.big_endian<std::uint64_t>();
  out.at = take_time(in);
  out.run = take_run(in);
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<EndedKey> parse_ended(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("e")) return std::nullopt;
  EndedKey out;
  out.workflow = in.take(k_digest_bytes);
  out.at = take_time(in);
  out.run = take_run(in);
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<DueTimer> parse_timer(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("t")) return std::nullopt;
  DueTimer out;
  out.due.ms = static_cast<std::int64_t>(in.big_endian<std::uint64_t>() ^ k_sign_bit);
  out.run = take_run(in);
  out.timer = EventSeq{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<BusPosition> parse_bus_event(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("v")) return std::nullopt;
  const BusPosition position{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return position;
}

std::optional<FeedPosition> parse_feed(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("j")) return std::nullopt;
  const FeedPosition position{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return position;
}

std::optional<ShapeId> parse_listen_shape(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("g")) return std::nullopt;
  const ShapeId shape{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return shape;
}

std::optional<Listener> parse_listener(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("l")) return std::nullopt;
  Listener out;
  out.shape = ShapeId{in.big_endian<std::uint64_t>()};
  out.key = in.big_endian<std::uint64_t>();
  out.run = take_run(in);
  out.frame = EventSeq{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<RunId> parse_run(std::string_view key) {
  ByteReader in(key);
  const auto kind = in.take(1);
  const RunId id = take_run(in);
  const bool fits = kind == std::string_view("s") ? in.ok() : in.at_end();
  if (!fits) return std::nullopt;
  return id;
}

std::optional<EventSeq> parse_snapshot_event(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("s")) return std::nullopt;
  take_run(in);
  const EventSeq at{in.big_endian<std::uint64_t>()};
  if (!in.at_end()) return std::nullopt;
  return at;
}

std::optional<WorkflowIdentity> parse_definition_name(std::string_view key) {
  ByteReader in(key);
  if (in.take(1) != std::string_view("n")) return std::nullopt;
  WorkflowIdentity out;
  for (auto* field : {&out.workflow_namespace, &out.name, &out.version})
    *field = in.take(in.big_endian<std::uint32_t>());
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::string schedule_name(std::string_view key) {
  ByteReader in(key);
  static_cast<void>(in.take(1));
  std::string name = "schedule ";
  name += in.take(in.big_endian<std::uint32_t>());
  name += '/';
  name += in.take(in.big_endian<std::uint32_t>());
  if (!in.at_end()) name += " event " + std::to_string(in.big_endian<std::uint64_t>());
  return name;
}

std::string after(std::string_view prefix) {
  std::string key(prefix);
  while (!key.empty() && static_cast<unsigned char>(key.back()) == 0xFF) key.pop_back();
  if (!key.empty()) key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
  return key;
}

}  // namespace cairn::keys
