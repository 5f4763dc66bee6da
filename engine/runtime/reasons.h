#pragma once
// Why a run that has not ended stands where it stands: each thing it waits for, since when, what would release it, and
// whether that will come. `cairn why` tells it of one run, `cairn doctor` looks for runs that nothing will wake.

#include "engine/log/event_log.h"
#include "engine/machine/state.h"
#include "engine/runtime/admission.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What a process has under way for a run that it hosts.
struct WorkUnderWay {
  bool deciding = false;         ///< a step is being decided or made durable: what is recorded is about to change
  std::optional<Error> trouble;  ///< why that takes long (Engine::trouble)
  std::set<EventSeq> armed;      ///< timers that will fire
  std::set<EventSeq> queued;     ///< effects that wait for a place
  std::map<EventSeq, Admission::Wait> waits;  ///< for which place, of those where that was asked
  std::set<EventSeq> running;                 ///< effects that are carried out
  std::set<RunId> children;                   ///< that are worked on, or about to begin
};

struct Reason {
  enum class Kind : std::uint8_t {
    owner,     ///< no process works on the run
    person,    ///< an operator has suspended it
    timer,     ///< a wait
    retry,     ///< the delay before another attempt
    effect,    ///< something outside is at work
    slot,      ///< an effect waits for a place
    child,     ///< another run
    event,     ///< a listen task waits for an event
    approval,  ///< people are asked
    steps,     ///< a step is being decided or recorded
    nothing,   ///< none of these: the run is stuck
  };
  Kind kind = Kind::nothing;
  std::string task;  ///< reference; empty: the run as a whole
  Timestamp since;
  std::optional<Timestamp> due;  ///< when it is over at the latest
  std::string what;              ///< what it waits for
  std::string release;           ///< what ends the waiting
  bool wakes = true;             ///< false: nothing will
};

std::string_view name_of(Reason::Kind kind);

/// All of them, of a run as the log has it; none when it has ended and left nothing under way. `work`: of the process
/// that asks, nothing when it does not work on the run. A run with a reason that does not wake has a fault to report.
Result<std::vector<Reason>> reasons_of(const EventLog& log, const RunState& state,
                                       const std::optional<WorkUnderWay>& work);

}  // namespace cairn
