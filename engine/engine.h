#pragma once
// engine/: what makes a Program run durably.
//
//   machine/  the pure part: RunState, Stimulus, Event, decide and apply. No clock, randomness, I/O or threads
//   log/      the event log over RocksDB: records, chains, snapshots, the run index, verification
//   effects/  the interface between the machine and the outside world (connectors/ implements it)
//   runtime/  the host: recovery, dispatch of effects, timers, children, the owner's socket
//
// Called by connectors/ (effects/ only), server/ and cli/; includes workflows/ and what is generated from schemas/.
