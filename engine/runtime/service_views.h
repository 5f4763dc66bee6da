#pragma once
// What runs, tasks and events look like in the service's messages. Private to engine/runtime.

#include "engine/runtime/history.h"

namespace cairn {

/// Levels of tasks in a message: each is an object in an array, and a message is data like any other.
inline constexpr std::size_t k_shown_depth = 120;

/// SUMMARY.
Value summary_view(const RunSummary& summary, bool active);
/// RUN without tasks, tasksLeftOut and waitingFor.
Value run_view(const RunSummary& summary, const RunState& state, bool active);
/// [TASK]. Tasks that nest deeper than a message should are left out, and counted into `left_out`.
Value tasks_view(const std::vector<TaskView>& tasks, std::uint64_t& left_out);
/// EVENT.
Value event_view(const EventLine& line);
/// OPEN TASKs, the outermost first.
Value position_view(const RunState& state);
/// What the run waits for, a sentence each.
Result<Value> waiting_view(const EventLog& log, const RunState& state);

}  // namespace cairn
