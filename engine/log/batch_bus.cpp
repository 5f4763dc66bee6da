// BatchWriter: the bus. Events that are published, those that go, and the index of who listens.

#include "engine/log/batch_writer.h"
#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "workflows/cloudevents/formats.h"
#include "workflows/value/codec.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <memory>

namespace cairn {

Result<void> BatchWriter::add_bus(const AppendBatch& batch) {
  if (batch.published.empty() && !batch.matched && number_of(batch.unpublish) == 0) return success();
  bus_ = log_.bus_;
  for (const auto& event : batch.published) {
    if (event.position != next_of(bus_->ends.head)) {
      return make_error(
          ErrorCode::invalid_usage,
          fmt::format("an event at position {}, after {}", number_of(event.position), number_of(bus_->ends.head)),
          bus_place(event.position));
    }
    const auto key = keys::bus_event(event.position);
    const auto row = rows::seal(key, rows::encode_bus_event(bus_->chain, event));
    writes_.Put(key, row);
    put(keys::bus_id(cloud_event_text(event.event, "source"), cloud_event_text(event.event, "id")),
        rows::encode_position(event.position));
    bus_->ends.head = event.position;
    bus_->chain = rows::hash_of(key, row);
  }
  if (number_of(batch.unpublish) > 0) {
    CAIRN_TRY(unpublish(batch.unpublish));
  }
  if (batch.matched) bus_->ends.matched = std::clamp(*batch.matched, bus_->ends.matched, bus_->ends.head);
  return success();
}

/// A row that cannot be read stays, for verify() to name, and so do those behind it: the chain has no second floor.
Result<void> BatchWriter::unpublish(BusPosition through) {
  through = std::min({through, log_.bus_.ends.head, log_.bus_.ends.matched});
  const std::unique_ptr<rocksdb::Iterator> at(log_.db_->NewIterator(read_options(nullptr)));
  auto& first = bus_->ends.first;
  for (at->Seek(keys::bus_event(first)); at->Valid() && first <= through; at->Next()) {
    const auto key = view(at->key());
    const auto body = rows::unseal(key, view(at->value()));
    const auto row = body && keys::parse_bus_event(key) == first ? rows::parse_bus_event(*body) : std::nullopt;
    const auto event = row ? decode_value(row->event) : Result<Value>(damaged(place_of(key), {}));
    if (!event) break;
    writes_.Delete(at->key());
    const auto id = keys::bus_id(cloud_event_text(event.value(), "source"), cloud_event_text(event.value(), "id"));
    writes_.Delete(id);
    bus_->floor = rows::hash_of(key, view(at->value()));
    first = next_of(first);
  }
  if (!at->status().ok() && !at->status().IsCorruption()) return to_error(at->status(), bus_place(first));
  return success();
}

void BatchWriter::add_listeners(const AppendRecord& item) {
  for (const auto& gone : item.unlistens) writes_.Delete(keys::listener(gone));
  for (const auto& listen : item.listens) {
    const ShapeId shape = listen.listener.shape;
    if (!log_.shapes_.contains(shape) && shapes_.insert(shape).second) {
      put(keys::listen_shape(shape), rows::encode_listen_shape(listen.shape));
    }
    put(keys::listener(listen.listener), rows::encode_position(listen.from));
  }
}

}  // namespace cairn
