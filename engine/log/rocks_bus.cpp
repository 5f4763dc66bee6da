// RocksLog: reading the bus.

#include "engine/log/rocks_log.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "workflows/value/codec.h"

#include <utility>

namespace cairn {

Result<BusEnds> RocksLog::bus() const {
  CAIRN_TRY(const auto row, get_bus(*db_, nullptr));
  return row.ends;
}

Result<void> RocksLog::each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const {
  const Range events(*db_, nullptr, keys::bus_event(next_of(after)), keys::after(kind_prefix(keys::k_bus_event)));
  for (events->SeekToFirst(); events->Valid(); events->Next()) {
    const auto position = keys::parse_bus_event(events.key());
    const auto body = rows::unseal(events.key(), events.value());
    const auto row = body ? rows::parse_bus_event(*body) : std::nullopt;
    if (!position || !row) return damaged(place_of(events.key()), std::string(body ? "cannot be read" : k_bad_seal));
    auto event = decode_value(row->event);
    if (!event) return damaged(place_of(events.key()), "its value cannot be read");
    if (!visit({*position, row->at, row->emitter, std::move(event).value()})) return success();
  }
  if (!events->status().ok()) return to_error(events->status(), "bus");
  return success();
}

Result<std::optional<BusPosition>> RocksLog::bus_position(std::string_view source, std::string_view id) const {
  const auto key = keys::bus_id(source, id);
  CAIRN_TRY(const auto body, get_body(*db_, nullptr, key));
  if (!body) return std::optional<BusPosition>();
  const auto position = rows::parse_position(*body);
  if (!position) return damaged(place_of(key), "cannot be read");
  return position;
}

Result<void> RocksLog::each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const {
  const auto prefix = kind_prefix(keys::k_listen_shape);
  const Range shapes(*db_, nullptr, prefix, keys::after(prefix));
  std::optional<Error> first;
  for (shapes->SeekToFirst(); shapes->Valid(); shapes->Next()) {
    const auto body = rows::unseal(shapes.key(), shapes.value());
    const auto shape = body ? rows::parse_listen_shape(*body) : std::nullopt;
    if (!shape) {
      if (!first) first = damaged(place_of(shapes.key()), "cannot be read");
    } else if (!visit(*shape)) {
      break;
    }
  }
  if (!shapes->status().ok()) return to_error(shapes->status(), "filters of listeners");
  if (first) return std::move(*first);
  return success();
}

Result<void> RocksLog::each_listener(const Listener& after,
                                     const std::function<bool(const Listener&, BusPosition from)>& visit) const {
  const Range listening(*db_, nullptr, keys::listener(after), keys::after(keys::listeners_of(after.shape, after.key)));
  std::optional<Error> first;
  for (listening->SeekToFirst(); listening->Valid(); listening->Next()) {
    const auto listener = keys::parse_listener(listening.key());
    const auto body = rows::unseal(listening.key(), listening.value());
    const auto from = body ? rows::parse_position(*body) : std::nullopt;
    if (!listener || !from) {
      if (!first) first = damaged(place_of(listening.key()), "cannot be read");
    } else if (*listener != after && !visit(*listener, *from)) {
      break;
    }
  }
  if (!listening->status().ok()) return to_error(listening->status(), "index of listeners");
  if (first) return std::move(*first);
  return success();
}

}  // namespace cairn
