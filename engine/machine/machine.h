#pragma once
// Machine: interprets a Program. Pure and deterministic: same state and stimulus, same decision, on any machine, for
// ever.

#include "engine/machine/event.h"
#include "engine/machine/fallible.h"
#include "engine/machine/state.h"
#include "engine/machine/stimulus.h"
#include "workflows/program/program.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn {

/// A child run to be started in the batch that holds its ChildStarted.
struct ChildRequest {
  RunId child;
  WorkflowIdentity workflow;
  Value input;
  EventSeq frame{};          ///< of the parent's task; 0 when it does not wait
  bool after_fault = false;  ///< ParentLink::after_fault
};

/// What a step leads to. `events` are to be recorded together with the stimulus before anything else here is acted
/// upon.
struct Decision {
  std::vector<Event> events;
  std::vector<EventSeq> effects;            ///< to dispatch: numbers of their EffectScheduled, in RunState::effects
  std::vector<EventSeq> cancelled_effects;  ///< to stop, if they run: their task is gone
  std::vector<ChildRequest> children;
  std::vector<RunId> cancelled_children;  ///< awaited children whose task is gone
  bool yielded = false;                   ///< send GoOn (unless the run is suspended)

  /// A stimulus that no longer means anything (a late answer, a timer of a task that is gone): nothing to record.
  [[nodiscard]] bool nothing() const { return events.empty(); }
};

class Machine {
 public:
  explicit Machine(std::shared_ptr<const Program> program);

  /// Decides and folds the decision into `state` as it goes: afterwards `state` is the fold of the old one and
  /// Decision::events. `state` must be a run of this program, or new (RunState{}) for StartRun.
  Decision advance(RunState& state, const Stimulus& stimulus) const;
  /// The same on a copy.
  [[nodiscard]] Decision decide(const RunState& state, const Stimulus& stimulus) const;

  /// The arguments to dispatch an effect with, evaluated with `secrets` (an object: name → value) when it is
  /// confidential. Never recorded. A problem is to be reported as the effect's outcome.
  /// `authorization`: what $authorization is, when the policy does not say it by itself (a token that had to be fetched).
  [[nodiscard]] Fallible<Value> request(const PendingEffect& effect, const Value& secrets, Timestamp now,
                                        const Value& authorization = {}) const;
  /// Whether the arguments of an effect read $authorization.
  [[nodiscard]] bool reads_authorization(const PendingEffect& effect) const;

  [[nodiscard]] const Program& program() const { return *program_; }
  /// The task with this reference; nullptr when the program has none.
  [[nodiscard]] const Node* find(std::string_view reference) const;
  [[nodiscard]] const Node* node(NodeId id) const { return &program_->node(id); }

 private:
  std::shared_ptr<const Program> program_;
  std::unordered_map<std::string_view, NodeId> by_reference_;
};

}  // namespace cairn
