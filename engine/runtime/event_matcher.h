#pragma once
// EventMatcher: brings published events to the tasks that listen. Private to engine/runtime.
//
// Two ways lead to a listener, and each event takes one of them. What is published after a task began to listen is found
// here: positions are taken in order, once they are durable, and the log's index says who may want each. What was published
// before, since the run began, is delivered by the catch-up, in the very batch that records that the task listens; the row
// in the index says up to where that was. A listener that is decided before an event is durable no later than the event, for
// batches are written in order, so none is missed.
//
// Deliveries of an event are decided before the position counts as matched, and batches are in order: a crash leaves the
// listeners of the last positions to be told again, and what they have seen changes nothing.
//
// Of the engine's thread.

#include "engine/machine/machine.h"
#include "engine/runtime/bus.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

class EventMatcher {
 public:
  using MachineOf = std::function<Result<std::shared_ptr<const Machine>>(const Hash256&)>;
  EventMatcher(const EventLog& log, Bus& bus, MachineOf machine_of)
      : log_(log), bus_(bus), machine_of_(std::move(machine_of)), matched_(bus.matched()) {}

  /// Somebody listens in this way: it is decided, and perhaps not in the log yet.
  void add(const ListenShape& shape);

  /// Something to deliver, or (nil run) that all that concerns `position` and those before it has been handed out.
  struct Arrival {
    RunId run;
    EventSeq frame{};
    BusPosition position{};
    Value event;
  };
  /// The next one; nothing: none for now.
  std::optional<Arrival> next();
  [[nodiscard]] bool has_more() const { return !arrivals_.empty() || matched_ < bus_.durable(); }
  /// Every event up to here has been handed out.
  [[nodiscard]] BusPosition matched() const { return matched_; }
  /// What waits is given up.
  void clear() {
    arrivals_.clear();
    asked_.clear();
  }

 private:
  void load();
  void begin_event();
  void visit();
  void say(const Error& error);

  const EventLog& log_;
  Bus& bus_;
  MachineOf machine_of_;
  bool loaded_ = false;
  std::map<std::string, std::map<ShapeId, ListenShape>, std::less<>> shapes_;  ///< by type
  BusPosition matched_;
  std::optional<BusEvent> current_;  ///< the one behind matched_, when it is being looked for
  std::deque<Listener> asked_;       ///< rows behind these, of the same shape and key, are still to be visited for it
  std::deque<Arrival> arrivals_;
  std::string trouble_;  ///< said last
};

}  // namespace cairn
