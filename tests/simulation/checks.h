#pragma once
// What must hold of a whole world: whenever it is quiet, after a crash, and at the end.

#include "tests/simulation/process.h"

namespace cairn::simulation {

/// When nothing is ready and nothing is on its way to the disk: every run that is worked on waits for something that will
/// come, no timer is late, no effect waits for a place while there is one.
void check_quiet(Process& process, const History& history, const Outside& outside, const SimulatedTime& time,
                 Trace& trace);

/// What the log of a process that has just started holds is what became durable, no more and no less.
void check_recovered(const EventLog& log, const History& history, Trace& trace);

/// Of some events of every run: folding up to them, with the snapshots there are, gives what all records give. Deciding
/// again gives the same.
void check_folds(const EventLog& log, const History& history, Dice& dice, Trace& trace);

/// At the very end: every run has ended, and every child that was announced has been.
void check_end(const EventLog& log, const History& history, Trace& trace);

}  // namespace cairn::simulation
