// The rows of schedules: written, read and verified.

#include "engine/log/batch_writer.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"
#include "workflows/value/codec.h"

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

void BatchWriter::put_schedule(const ScheduleRow& row) {
  const auto key = keys::schedule(row.workflow_namespace, row.name);
  if (row.state.is_null()) {
    writes_.Delete(key);
  } else {
    put(key, rows::encode_schedule(row));
  }
}

Result<void> RocksLog::each_schedule(const std::function<bool(const ScheduleRow&)>& visit) const {
  const auto prefix = kind_prefix(keys::k_schedule);
  const Range schedules(*db_, nullptr, prefix, keys::after(prefix));
  std::optional<Error> first;
  for (schedules->SeekToFirst(); schedules->Valid(); schedules->Next()) {
    const auto body = rows::unseal(schedules.key(), schedules.value());
    const auto row = body ? rows::parse_schedule(*body) : std::nullopt;
    if (!row) {
      if (!first) first = damaged(place_of(schedules.key()), std::string(body ? "cannot be read" : k_bad_seal));
    } else if (!visit(*row)) {
      break;
    }
  }
  if (!schedules->status().ok()) return to_error(schedules->status(), "schedules");
  if (first) return std::move(*first);
  return success();
}

void RowVerifier::verify_schedules() {
  each(kind_prefix(keys::k_schedule), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto schedule = rows::parse_schedule(*body);
    if (!schedule || keys::schedule(schedule->workflow_namespace, schedule->name) != key) {
      findings_.add(place_of(key), "cannot be read");
    }
  });
}

}  // namespace cairn
