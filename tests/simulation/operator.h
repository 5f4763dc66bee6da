#pragma once
// The people around the engine: they start runs, cancel, suspend, continue and resume them, and set the clock.

#include "tests/simulation/plan.h"
#include "tests/simulation/process.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::simulation {

class Operator {
 public:
  Operator(SimulatedTime& time, History& history, Trace& trace, FaultCounts& faults, Dice dice, const Plan& plan,
           const GeneratedWorkflows& workflows);

  /// Asked at every act: the process that lives.
  std::function<Process&()> process;

  /// Puts the first act on the agenda; each act puts the next one there.
  void begin();
  void leave() { left_ = true; }
  /// Everything was started and has ended.
  [[nodiscard]] bool is_done() const;

  /// Works on everything that is open, as an owner that stays does. Once in the life of a process.
  void recover();
  /// Goes on with every open run but those that are suspended, as an owner does when it starts.
  void resume_all();
  /// When it is quiet and all has ended: every start has its answer, and who looks on has heard of the end.
  void check_told();
  /// Publishes what those wait for who still listen. False: nobody does.
  bool tell_listeners();
  /// Continues every suspended run. Returns how many there were.
  std::size_t continue_all();

  [[nodiscard]] static Value secrets();

 private:
  void act();
  void start();
  void told_of_start(const Result<Started>& answer, const std::string& identity, const std::string& key, bool at_once);
  /// `whole`: from its first record on.
  void watch(const RunId& run, bool whole);
  /// Mostly one that is open.
  std::optional<RunId> some_run();
  void command();
  void resume_one();
  void jump();
  void send();
  void publish(std::vector<Value> events);
  /// What some task that listens expects of an event.
  [[nodiscard]] std::vector<std::string> expected() const;
  bool give(const RunId& run, OperatorCommand::Kind kind);
  [[nodiscard]] bool may_fail(const Error& error) const;

  SimulatedTime& time_;
  History& history_;
  Trace& trace_;
  FaultCounts& faults_;
  Dice dice_;
  Dice event_dice_;
  const Plan& plan_;
  const GeneratedWorkflows& workflows_;
  std::size_t started_ = 0;
  std::size_t told_ = 0;
  bool left_ = false;
  std::map<std::pair<std::string, std::string>, RunId> acknowledged_;  ///< by identity and key
};

}  // namespace cairn::simulation
