#include "engine/log/rows.h"

#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"
#include "engine/log/schema.h"
#include "workflows/value/codec.h"

#include <algorithm>

namespace cairn::rows {
namespace {

std::string_view view(const RunId& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

Hash256 take_hash(ByteReader& in) {
  Hash256 hash;
  const auto bytes = in.take(hash.bytes.size());
  std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
  return hash;
}

RunId take_run(ByteReader& in) {
  RunId id;
  const auto bytes = in.take(id.bytes.size());
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

}  // namespace

std::string seal(std::string_view key, std::string_view body) {
  std::string row;
  row.reserve(4 + body.size());
  put_big_endian(row, extend_crc32c(crc32c(key), body));
  row += body;
  return row;
}

std::optional<std::string_view> unseal(std::string_view key, std::string_view row) {
  ByteReader in(row);
  const auto crc = in.big_endian<std::uint32_t>();
  if (!in.ok() || crc != extend_crc32c(crc32c(key), in.rest())) return std::nullopt;
  return in.rest();
}

void put_record_head(const RecordRow& row, std::string& out) {
  put_big_endian(out, k_record_row);
  out += row.previous.view();
  put_big_endian(out, number_of(row.lsn));
}

std::optional<RecordRow> parse_record(std::string_view body) {
  ByteReader in(body);
  const auto format = in.big_endian<std::uint8_t>();
  RecordRow row;
  row.previous = take_hash(in);
  row.lsn = Lsn{in.big_endian<std::uint64_t>()};
  if (!in.ok() || format != k_record_row) return std::nullopt;
  row.payload = in.rest();
  return row;
}

Hash256 hash_of(std::string_view key, std::string_view row) { return sha256(key, row); }

std::string encode_batch(const BatchRow& row) {
  std::string body(row.previous.view());
  for (const auto& entry : row.entries) {
    body += view(entry.run);
    put_big_endian(body, number_of(entry.first));
    put_big_endian(body, entry.events);
    body += entry.record.view();
  }
  return body;
}

std::optional<BatchRow> parse_batch(std::string_view body) {
  ByteReader in(body);
  BatchRow row;
  row.previous = take_hash(in);
  while (in.ok() && !in.at_end()) {
    BatchEntry entry;
    entry.run = take_run(in);
    entry.first = EventSeq{in.big_endian<std::uint64_t>()};
    entry.events = in.big_endian<std::uint32_t>();
    entry.record = take_hash(in);
    row.entries.push_back(entry);
  }
  if (!in.ok() || row.entries.empty()) return std::nullopt;
  return row;
}

std::string encode_head(const PartitionHead& head) {
  std::string body;
  put_big_endian(body, number_of(head.lsn));
  body += head.chain.view();
  return body;
}

std::optional<PartitionHead> parse_head(std::string_view body) {
  ByteReader in(body);
  PartitionHead head;
  head.lsn = Lsn{in.big_endian<std::uint64_t>()};
  head.chain = take_hash(in);
  if (!in.at_end()) return std::nullopt;
  return head;
}

std::string encode_fold(const FoldRow& row) {
  std::string body;
  put_big_endian(body, number_of(row.last));
  body += row.previous.view();
  body += row.chain.view();
  return body;
}

std::optional<FoldRow> parse_fold(std::string_view body) {
  ByteReader in(body);
  FoldRow row;
  row.last = Lsn{in.big_endian<std::uint64_t>()};
  row.previous = take_hash(in);
  row.chain = take_hash(in);
  if (!in.at_end()) return std::nullopt;
  return row;
}

std::string encode_ended(const EndedWorkflow& workflow) {
  std::string body;
  put_big_endian(body, workflow.runs);
  for (const auto* field : {&workflow.workflow_namespace, &workflow.name}) {
    put_big_endian(body, static_cast<std::uint32_t>(field->size()));
    body += *field;
  }
  return body;
}

std::optional<EndedWorkflow> parse_ended(std::string_view body) {
  ByteReader in(body);
  EndedWorkflow out;
  out.runs = in.big_endian<std::uint64_t>();
  for (auto* field : {&out.workflow_namespace, &out.name}) *field = in.take(in.big_endian<std::uint32_t>());
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::string encode_snapshot(const Hash256& record, const Value& state) {
  std::string body(record.view());
  encode_value(state, body);
  return body;
}

std::optional<SnapshotRow> parse_snapshot(std::string_view body) {
  ByteReader in(body);
  SnapshotRow row;
  row.record = take_hash(in);
  row.state = in.rest();
  if (!in.ok()) return std::nullopt;
  return row;
}

std::string encode_run_id(const RunId& id) { return std::string(view(id)); }

std::optional<RunId> parse_run_id(std::string_view body) {
  ByteReader in(body);
  const RunId id = take_run(in);
  if (!in.at_end()) return std::nullopt;
  return id;
}

std::optional<Hash256> parse_hash(std::string_view body) {
  ByteReader in(body);
  const Hash256 hash = take_hash(in);
  if (!in.at_end()) return std::nullopt;
  return hash;
}

}  // namespace cairn::rows
