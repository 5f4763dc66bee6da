#pragma once
// What the log keeps of the bus: published events, and an index of who listens for which.
//
// Who listens is found by shape and key. A shape is a filter of a definition: a hundred thousand runs of one workflow that
// wait at one task are one shape. A key is the hash of the values that a listener expects an event to correlate by. An
// event belongs to few shapes; its own key, by each of them, leads to its listeners by one seek. The index promises too
// much rather than too little: whether an event matches is for the machine to say.

#include "engine/machine/ids.h"
#include "workflows/core/sha256.h"
#include "workflows/core/time.h"
#include "workflows/value/value.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// Place of a published event on the bus, from 1. 0: before all.
enum class BusPosition : std::uint64_t {};
constexpr std::uint64_t number_of(BusPosition position) { return static_cast<std::uint64_t>(position); }
constexpr BusPosition next_of(BusPosition position) { return BusPosition{number_of(position) + 1}; }

struct BusEvent {
  BusPosition position{};
  Timestamp at;
  RunId emitter;  ///< the run that emitted it; nil: it came from outside
  Value event;    ///< a CloudEvent 1.0
};

/// How far the bus reaches.
struct BusEnds {
  BusPosition first{1};   ///< the oldest event that is kept; behind `head` when none is
  BusPosition head{};     ///< the newest event that was ever published; 0: none
  BusPosition matched{};  ///< every listener has been told of the events up to here
  friend bool operator==(const BusEnds&, const BusEnds&) = default;
};

enum class ShapeId : std::uint64_t {};
constexpr std::uint64_t number_of(ShapeId id) { return static_cast<std::uint64_t>(id); }

struct ListenShape {
  Hash256 definition;
  std::string filter;  ///< JSON pointer of the filter in the definition
  std::string type;    ///< the event type that it asks for; empty: any
  bool keyed = false;  ///< its listeners have keys

  /// A hash of definition, filter and keyed: the same in every process.
  [[nodiscard]] ShapeId id() const;
  friend bool operator==(const ListenShape&, const ListenShape&) = default;
};

/// A row of the index of listeners.
struct Listener {
  ShapeId shape{};
  std::uint64_t key = 0;  ///< hash_of_key; 0 when the shape is not keyed
  RunId run;
  EventSeq frame{};
  friend auto operator<=>(const Listener&, const Listener&) = default;
};
std::uint64_t hash_of_key(std::string_view key);

struct NewListener {
  Listener listener;
  ListenShape shape;
  BusPosition from{};  ///< events up to here are not for the index to find
};

}  // namespace cairn
