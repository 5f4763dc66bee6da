#pragma once
// The outside world: services behind the connectors, each with its moods, and a ledger of what was asked of them.

#include "engine/runtime/engine.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/history.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace cairn::simulation {

/// How often of a thousand a service is in each mood; otherwise it answers soon.
struct Moods {
  std::size_t slow = 100;
  std::size_t fails = 150;
  std::size_t loses = 50;
  std::size_t late = 30;
  std::size_t hangs = 20;
};

class Outside {
 public:
  Outside(SimulatedTime& time, History& history, Trace& trace, FaultCounts& faults, Dice dice, Moods moods)
      : time_(time), history_(history), trace_(trace), faults_(faults), dice_(dice), moods_(moods) {}

  Connectors connectors();
  /// Called before an effect goes out; may throw Crash.
  std::function<void()> before_dispatch;
  /// All that is under way belongs to a process that is dead.
  void process_died();
  /// From now on services answer soon, and those that hang answer.
  void calm_down();

  /// Effects that have begun and neither answered nor were cancelled.
  [[nodiscard]] std::size_t under_way() const { return living_.size(); }
  /// When it is quiet: nothing goes on whose task is gone.
  void check_wanted() const;
  [[nodiscard]] std::uint64_t dispatched() const { return dispatched_; }
  /// Times a service did its work, by idempotency key.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& ledger() const { return ledger_; }

 private:
  struct Execution {
    RunId run;
    EventSeq effect{};
    std::string key;
    EffectObserver observer;
    bool living = true;  ///< somebody waits for it
  };
  class Door;
  class Handle;

  std::unique_ptr<RunningEffect> begin(const EffectRequest& request, EffectObserver observer);
  void check(const EffectRequest& request, const RunId& run, EventSeq effect);
  void choose_answer(const std::shared_ptr<Execution>& execution);
  void answer(Execution& execution, bool well);

  SimulatedTime& time_;
  History& history_;
  Trace& trace_;
  FaultCounts& faults_;
  Dice dice_;
  Moods moods_;
  bool calm_ = false;
  std::set<Execution*> living_;
  std::vector<std::weak_ptr<Execution>> hanging_;
  std::map<std::string, std::uint64_t> ledger_;
  std::map<std::pair<RunId, EventSeq>, std::uint64_t> dispatches_;  ///< of each effect
  std::set<std::pair<RunId, EventSeq>> of_this_process_;            ///< effects that have gone out
  std::int64_t next_serial_ = 1;
  std::uint64_t dispatched_ = 0;
};

}  // namespace cairn::simulation
