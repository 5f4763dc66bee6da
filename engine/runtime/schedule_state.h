#pragma once
// ScheduleState: how far a workflow's schedule has come, as the log keeps it (ScheduleRow). One for all versions of a workflow.
//
// A row that says that a slot is decided is written in the batch that starts the slot's run. So a slot is started once: before
// that batch is durable neither the run nor the row is there, afterwards both are.

#include "engine/log/event_log.h"
#include "engine/runtime/gathering.h"
#include "workflows/schedule/schedule.h"

#include <optional>
#include <string>

namespace cairn {

struct ScheduleState {
  std::string version;                   ///< of the definition whose schedule counts
  Schedule schedule;                     ///< that one
  std::string on;                        ///< `on`, as people read it; empty: none
  std::string on_hash;                   ///< of `on` as it is written: another hash waits for other events
  BusPosition event{};                   ///< every event up to here is decided
  std::optional<Timestamp> waits_since;  ///< `on`: events from then on count
  std::uint64_t given_up = 0;            ///< `on`: sets of events that were never complete
  Timestamp handled;                     ///< every slot of the clock up to here is decided
  std::optional<Timestamp> last_slot;    ///< the last that was decided by a start; of an event, when it was published
  RunId last_run;                        ///< its run; nil: it was refused
  std::string refused;                   ///< why
  std::optional<Timestamp> chain;        ///< `after`: the slot whose run was started last
  std::optional<Timestamp> chain_ended;  ///< when that run ended, as far as it was noticed
  std::optional<Timestamp> paused_at;    ///< an operator has paused it
  std::optional<Timestamp> gone_at;      ///< its workflow was hosted, and is not any more
};

Value to_value(const ScheduleState& state);
/// corrupt: what is there is none.
Result<ScheduleState> schedule_state_of(const ScheduleRow& row);

/// The row of an event that the schedule has gathered.
Value to_value(const GatheredEvent& event);
/// corrupt: what is there is none.
Result<GatheredEvent> gathered_event_of(const ScheduleRow& row);

/// The start key of a slot, or of the event that has started a run.
std::string slot_key(Timestamp slot);
std::string chain_key(Timestamp slot);
std::string event_key(BusPosition event);

}  // namespace cairn
