// The rows of sinks: written, read and verified.

#include "engine/log/batch_writer.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"
#include "workflows/value/codec.h"

namespace cairn {

std::string rows::encode_sink(const SinkRow& row) {
  std::string body;
  encode_value(row.state, body);
  return body;
}

std::optional<Value> rows::parse_sink(std::string_view body) {
  auto state = decode_value(body);
  if (!state || !state.value().is_object()) return std::nullopt;
  return std::move(state).value();
}

void BatchWriter::put_sink(const SinkRow& row) {
  const auto key = keys::sink(row.name);
  if (row.state.is_null()) {
    writes_.Delete(key);
  } else {
    put(key, rows::encode_sink(row));
  }
}

Result<void> RocksLog::each_sink(const std::function<bool(const SinkRow&)>& visit) const {
  const auto prefix = kind_prefix(keys::k_sink);
  const Range sinks(*db_, nullptr, prefix, keys::after(prefix));
  std::optional<Error> first;
  for (sinks->SeekToFirst(); sinks->Valid(); sinks->Next()) {
    const auto body = rows::unseal(sinks.key(), sinks.value());
    auto state = body ? rows::parse_sink(*body) : std::nullopt;
    if (!state) {
      if (!first) first = damaged(place_of(sinks.key()), std::string(body ? "cannot be read" : k_bad_seal));
    } else if (!visit({std::string(sinks.key().substr(1)), *std::move(state)})) {
      break;
    }
  }
  if (!sinks->status().ok()) return to_error(sinks->status(), "sinks");
  if (first) return std::move(*first);
  return success();
}

void RowVerifier::verify_sinks() {
  each(kind_prefix(keys::k_sink), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    if (!body || !rows::parse_sink(*body)) {
      findings_.add(place_of(key), std::string(body ? "cannot be read" : k_bad_seal));
    }
  });
}

}  // namespace cairn
