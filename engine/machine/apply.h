#pragma once
// apply: the only place where a run's state changes.

#include "engine/machine/event.h"
#include "engine/machine/state.h"

namespace cairn {

/// Folds event number `next_of(state.last)`, which happened at `at`, into the state. Total: an event that refers to
/// something that is not there changes only `last`. Evaluates nothing, refuses nothing.
void apply(RunState& state, const Event& event, Timestamp at);

}  // namespace cairn
