#pragma once
// History: all that became durable, folded apart from the engine. Each record is held against the promises as it arrives;
// what the engine says and does later is held against the result.

#include "engine/log/event_log.h"
#include "engine/machine/machine.h"
#include "tests/simulation/bus_history.h"
#include "tests/simulation/trace.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn::simulation {

/// An answer that the outside world gave to an effect.
struct GivenAnswer {
  RunId run;
  EventSeq effect{};
  bool recorded = false;
};

class History {
 public:
  struct Run {
    RunState state;
    std::shared_ptr<const Machine> machine;
    std::set<DueTimer> timers;  ///< that the index of the log has of it
  };

  History(Trace& trace, const SimulatedTime& time) : bus(trace), trace_(trace), time_(time) {}

  void know(const std::shared_ptr<const Program>& program);
  /// Told by who writes to the log, once it is there.
  void became_durable(const AppendBatch& batch);

  [[nodiscard]] const Run* find(const RunId& run) const;
  [[nodiscard]] const std::map<RunId, Run>& runs() const { return runs_; }
  [[nodiscard]] std::optional<RunId> run_of_key(const std::string& identity, const std::string& key) const;
  /// The effect of `run` that waits for a result under this key; no event when there is none.
  [[nodiscard]] EventSeq waiting_effect(const RunId& run, EventSeq key) const;

  BusHistory bus;
  /// The answers the world has given, by the serial number that each carries.
  std::map<std::int64_t, GivenAnswer> answers;
  /// Text that must not be in any record.
  std::string secret;

  [[nodiscard]] const std::set<RunId>& children_announced() const { return children_announced_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void check_stimulus(const Run& run, const Record& record);
  void check_result(const Run& run, const EffectFinished& finished);
  void check_event(const Run& run, const Event& event, const Record& record);
  void check_start(const RunStarted& started, const RunId& run);
  void check_secret(const Record& record);
  void check_timers(Run& run, const AppendRecord& append);

  Trace& trace_;
  const SimulatedTime& time_;
  std::map<Hash256, std::shared_ptr<const Machine>> machines_;
  std::map<RunId, Run> runs_;
  std::map<std::pair<std::string, std::string>, RunId> keys_;
  std::set<RunId> children_announced_;
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
};

/// The serial number in what a simulated service answered; 0: none.
std::int64_t serial_of(const std::variant<Value, Problem>& outcome);

}  // namespace cairn::simulation
