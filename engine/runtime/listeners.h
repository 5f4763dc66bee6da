#pragma once
// Which rows the open listen tasks of a run have in the log's index of listeners.

#include "engine/log/bus_rows.h"
#include "engine/machine/state.h"

#include <vector>

namespace cairn {

/// One filter of the task that `frame` began.
NewListener listener_of(const RunState& state, EventSeq frame, const Subscription& subscription);
/// Whether the task still takes events, or answers.
bool is_listening(const RunState& state, EventSeq frame);
/// Of all its tasks that do.
std::vector<Listener> listeners_of(const RunState& state);

}  // namespace cairn
