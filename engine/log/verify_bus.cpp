// The bus: its chain from floor to head, the index of ids both ways, and the index of who listens.

#include "engine/log/keys.h"
#include "engine/log/store.h"
#include "engine/log/store_open.h"
#include "engine/log/verifier.h"
#include "workflows/cloudevents/formats.h"
#include "workflows/value/codec.h"

#include <fmt/format.h>

namespace cairn {
namespace {

std::string prefix_of(keys::Kind kind) { return std::string(1, static_cast<char>(kind)); }

}  // namespace

Result<void> check_bus_end(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, const std::optional<HeadFile>& head,
                           const std::function<void(std::string where, std::string message)>& damage) {
  if (!head || !head->bus) return success();
  CAIRN_TRY(const auto bus, get_bus(db, snapshot));
  const BusPosition known = head->bus->head;
  if (known > bus.ends.head) {
    damage(bus_place(next_of(bus.ends.head)),
           fmt::format("the bus ends before this event, and HEAD knows it up to {}: its end was cut off",
                       number_of(known)));
    return success();
  }
  Hash256 chain;
  if (known < bus.ends.first) {
    if (next_of(known) < bus.ends.first) return success();  // it has been removed since, and what came behind it
    chain = bus.floor;
  } else {
    const auto key = keys::bus_event(known);
    CAIRN_TRY(const auto row, get_row(db, snapshot, key));
    if (row) chain = rows::hash_of(key, *row);
  }
  if (chain != head->bus->chain) damage(bus_place(known), "it is not the event that HEAD knows");
  return success();
}

void RowVerifier::verify_bus() {
  const auto read = get_bus(db_, snapshot_);
  if (!read) {
    if (!unreadable_) findings_.add(read.error());
    return;
  }
  const rows::BusRow& bus = read.value();
  auto expected = bus.ends.first;
  std::optional<Hash256> chain = bus.floor;  // unknown behind what is missing or cannot be read
  const bool whole = each(prefix_of(keys::k_bus_event), [&](std::string_view key, std::string_view row) {
    const auto position = keys::parse_bus_event(key);
    if (!position || *position < bus.ends.first || *position > bus.ends.head) {
      return findings_.add(place_of(key), "an event where none belongs");
    }
    ++report_.published;
    report_missing_events(expected, *position, chain);
    expected = next_of(*position);
    const auto previous = std::exchange(chain, rows::hash_of(key, row));
    const auto body = rows::unseal(key, row);
    const auto parsed = body ? rows::parse_bus_event(*body) : std::nullopt;
    const auto event = parsed ? decode_value(parsed->event) : Result<Value>(damaged({}, {}));
    if (!event) {
      chain.reset();
      return findings_.add(place_of(key), std::string(body ? "cannot be read" : k_bad_seal));
    }
    if (previous && parsed->previous != *previous) {
      findings_.add(place_of(key), "the bus's chain is broken: the event before is not the one this was written after");
    }
    const auto id = keys::bus_id(cloud_event_text(event.value(), "source"), cloud_event_text(event.value(), "id"));
    const auto place = body_of(id);
    if (!unreadable_ && (!place || rows::parse_position(*place) != *position)) {
      findings_.add(place_of(key), "the index of ids does not lead to it");
    }
  });
  if (!whole || unreadable_) return;
  report_missing_events(expected, next_of(bus.ends.head), chain);
  if (chain && *chain != bus.chain) {
    findings_.add(bus_place(bus.ends.head), "it is not the one that the bus's end names");
  }
  std::uint64_t ids = 0;
  each(prefix_of(keys::k_bus_id), [&](std::string_view key, std::string_view row) {
    ++ids;
    const auto body = rows::unseal(key, row);
    const auto position = body ? rows::parse_position(*body) : std::nullopt;
    if (!position) return findings_.add(place_of(key), std::string(body ? "cannot be read" : k_bad_seal));
    if (*position < bus.ends.first || *position > bus.ends.head) {
      findings_.add(place_of(key), fmt::format("it leads to {}, which is not there", bus_place(*position)));
    }
  });
  if (ids != report_.published && findings_.empty()) {
    findings_.add("bus", fmt::format("{} events, and {} ids", report_.published, ids));
  }
}

void RowVerifier::report_missing_events(BusPosition expected, BusPosition found, std::optional<Hash256>& chain) {
  if (expected == found) return;
  findings_.add(bus_place(expected), next_of(expected) == found
                                         ? std::string("it is missing")
                                         : fmt::format("the events up to {} are missing", number_of(found) - 1));
  chain.reset();
}

void RowVerifier::verify_listeners() {
  std::set<ShapeId> shapes;
  each(prefix_of(keys::k_listen_shape), [&](std::string_view key, std::string_view row) {
    const auto id = keys::parse_listen_shape(key);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto shape = rows::parse_listen_shape(*body);
    if (!id || !shape || shape->id() != *id) return findings_.add(place_of(key), "cannot be read");
    shapes.insert(*id);
    if (!definitions_.contains(shape->definition) && !unreadable_) {
      findings_.add(place_of(key), "its definition " + shape->definition.hex() + " is missing");
    }
  });
  each(prefix_of(keys::k_listener), [&](std::string_view key, std::string_view row) {
    const auto listens = keys::parse_listener(key);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    if (!listens || !rows::parse_position(*body)) return findings_.add(place_of(key), "cannot be read");
    if (unreadable_ || already_told(listens->run)) return;
    const auto line = line_of(listens->run);
    if (!line || !line->open) return findings_.add(place_of(key), "there is no such open run");
    if (!shapes.contains(listens->shape)) findings_.add(place_of(key), "its filter is missing");
  });
}

}  // namespace cairn
