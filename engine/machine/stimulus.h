#pragma once
// Stimulus: the only input of the machine. It brings time and entropy with it; the machine has none of its own.

#include "engine/machine/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cairn {

/// A run begins.
struct StartRun {
  RunId run;
  Value input;
  std::string key;
  std::uint8_t priority = 5;
  std::optional<ParentLink> parent;
  RunId retry_of;         ///< the run that this one repeats from its start; nil: none
  std::uint64_t bus = 0;  ///< place of the newest event that was published before the run; 0: none was
  Value metadata;         ///< RunStarted::metadata
};
/// The connector answered: the raw result.
struct EffectFinished {
  EventSeq effect{};
  std::variant<Value, Problem> outcome;
};
/// An at-most-once effect was in flight when the process died: it may or may not have happened.
struct EffectLost {
  EventSeq effect{};
};
struct TimerDue {
  EventSeq timer{};
};
/// A child ended: its output, or why not.
struct ChildFinished {
  RunId child;
  std::variant<Value, Problem> outcome;
};
struct OperatorCommand {
  enum class Kind : std::uint8_t { cancel, suspend, proceed, prioritize };  ///< proceed: `cairn continue`
  Kind kind = Kind::cancel;
  std::string reason;
  std::uint8_t priority = 0;  ///< of prioritize
};
/// A published event for a listen task that may want it: for each task in the order of positions. It matters at most once:
/// what the task has seen, or an earlier task of the run has consumed, changes nothing, and so does what does not match.
struct EventArrived {
  EventSeq listen{};           ///< frame of the listen task
  std::uint64_t position = 0;  ///< of the event in the bus, from 1
  Value event;                 ///< a CloudEvent 1.0
};
/// Somebody decides an approval. Recorded also when the run's state does not allow it (CommandRefused).
struct AnswerApproval {
  EventSeq approval{};  ///< frame of the task
  bool approved = false;
  Value answer;
  std::string by;
};
/// Go on after a yield.
struct GoOn {};

struct Stimulus {
  std::variant<StartRun, EffectFinished, EffectLost, TimerDue, ChildFinished, OperatorCommand, GoOn, EventArrived,
               AnswerApproval>
      what;
  Timestamp now;
  std::uint64_t entropy = 0;  ///< seed of jitter, event ids and children's ids of this step
  bool brief = false;         ///< record what happened and yield: the work it leads to is for a later step
};

/// As an operator says it: "cancel", "suspend", "continue", "priority".
std::string_view name_of(OperatorCommand::Kind kind);
std::string_view name_of(const Stimulus& stimulus);
Value to_value(const Stimulus& stimulus);

/// What the log keeps of one step: the stimulus, then the events it led to, numbered from `first`.
struct Record {
  EventSeq first{};
  Stimulus stimulus;
  std::vector<Event> events;
};

}  // namespace cairn
