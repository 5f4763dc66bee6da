// The rows of schedules: written, read and verified.

#include "engine/log/batch_writer.h"
#include "engine/log/bytes.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"
#include "workflows/value/codec.h"

#include <algorithm>

namespace cairn {

std::string rows::encode_schedule(const ScheduleRow& row) {
  std::string body;
  encode_value(Value::array({row.state, Value::string(row.workflow_namespace), Value::string(row.name)}), body);
  return body;
}

std::optional<ScheduleRow> rows::parse_schedule(std::string_view body) {
  const auto value = decode_value(body);
  if (!value || !value.value().is_array() || value.value().as_array().size() != 3) return std::nullopt;
  const auto& parts = value.value().as_array();
  if (!parts[0].is_object() || !parts[1].is_string() || !parts[2].is_string()) return std::nullopt;
  return ScheduleRow{parts[1].as_string(), parts[2].as_string(), parts[0]};
}

namespace {

std::string key_of(const ScheduleRow& row) {
  return number_of(row.event) == 0 ? keys::schedule(row.workflow_namespace, row.name)
                                   : keys::gathered(row.workflow_namespace, row.name, row.event);
}

/// The position is in the key alone.
std::optional<ScheduleRow> row_at(std::string_view key, std::string_view stored) {
  const auto body = rows::unseal(key, stored);
  auto row = body ? rows::parse_schedule(*body) : std::nullopt;
  if (row && key.front() == keys::k_gathered) {
    ByteReader position(key.substr(std::max<std::size_t>(key.size(), sizeof(std::uint64_t)) - sizeof(std::uint64_t)));
    row->event = BusPosition{position.big_endian<std::uint64_t>()};
  }
  return row && key_of(*row) == key ? row : std::nullopt;
}

}  // namespace

void BatchWriter::put_schedule(const ScheduleRow& row) {
  const auto key = key_of(row);
  if (row.state.is_null()) {
    writes_.Delete(key);
  } else {
    put(key, rows::encode_schedule(row));
  }
}

Result<void> RocksLog::each_schedule(const std::function<bool(const ScheduleRow&)>& visit) const {
  std::optional<Error> first;
  for (const auto kind : {keys::k_schedule, keys::k_gathered}) {
    const auto prefix = kind_prefix(kind);
    const Range schedules(*db_, nullptr, prefix, keys::after(prefix));
    for (schedules->SeekToFirst(); schedules->Valid(); schedules->Next()) {
      const auto row = row_at(schedules.key(), schedules.value());
      if (!row) {
        const bool sound = rows::unseal(schedules.key(), schedules.value()).has_value();
        if (!first) first = damaged(place_of(schedules.key()), std::string(sound ? "cannot be read" : k_bad_seal));
      } else if (!visit(*row)) {
        break;
      }
    }
    if (!schedules->status().ok()) return to_error(schedules->status(), "schedules");
  }
  if (first) return std::move(*first);
  return success();
}

void RowVerifier::verify_schedules() {
  for (const auto kind : {keys::k_schedule, keys::k_gathered}) {
    each(kind_prefix(kind), [&](std::string_view key, std::string_view row) {
      if (row_at(key, row)) return;
      findings_.add(place_of(key), std::string(rows::unseal(key, row) ? "cannot be read" : k_bad_seal));
    });
  }
}

}  // namespace cairn
