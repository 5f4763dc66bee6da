#pragma once
// ScheduleState: how far a workflow's schedule has come, as the log keeps it (ScheduleRow). One for all versions of a workflow.
//
// A row that says that a slot is decided is written in the batch that starts the slot's run. So a slot is started once: before
// that batch is durable neither the run nor the row is there, afterwards both are.

#include "engine/log/event_log.h"
#include "workflows/schedule/schedule.h"

#include <optional>
#include <string>

namespace cairn {

struct ScheduleState {
  std::string version;                   ///< of the definition whose schedule counts
  Schedule schedule;                     ///< that one
  Timestamp handled;                     ///< every slot of the clock up to here is decided
  std::optional<Timestamp> last_slot;    ///< the last that was decided by a start
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

/// The start key of a slot.
std::string slot_key(Timestamp slot);
std::string chain_key(Timestamp slot);

}  // namespace cairn
