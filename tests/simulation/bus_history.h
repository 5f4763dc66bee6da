#pragma once
// BusHistory: what became durable of the bus, apart from the engine: which events were published, who consumed them, and which
// rows the index of listeners has. Each record is held against it.

#include "engine/log/event_log.h"
#include "engine/machine/machine.h"
#include "tests/simulation/trace.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace cairn::simulation {

class BusHistory {
 public:
  explicit BusHistory(Trace& trace) : trace_(trace) {}

  /// Before the records of the same batch: they may consume what it publishes.
  void became_durable(const AppendBatch& batch);
  /// Of a record of `run`; before it is folded.
  void check_event(const RunId& run, const Event& event);
  /// After it was: the index has what listens, and nothing else.
  void check_listeners(const RunState& state, const AppendRecord& append);
  /// When everything was matched: no task would consume an event that is there and that it was not told of.
  void check_none_lost(const RunState& state, const Machine& machine) const;
  /// The log of a process that has just started has the same.
  void check_log(const EventLog& log) const;
  /// An answer to who published: true when it is what became durable.
  [[nodiscard]] bool is_at(const Value& event, BusPosition position) const;
  [[nodiscard]] std::uint64_t head() const { return published_.size(); }

 private:
  static std::pair<std::string, std::string> id_of(const Value& event);

  Trace& trace_;
  std::map<std::uint64_t, Value> published_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> ids_;
  std::set<std::tuple<RunId, EventSeq, std::uint64_t>> consumed_;
  std::set<Listener> listeners_;
  std::set<std::pair<ShapeId, std::uint64_t>> asked_;  ///< every shape and key that ever was
};

}  // namespace cairn::simulation
