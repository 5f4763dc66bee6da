#pragma once
// SinkState: how far a sink has come, as the log keeps it (SinkRow).
//
// A position is written when the receiver has taken what is before it, at most once a second and when the process ends. So what was sent
// since the last writing is sent again after a crash, with the same sources and ids; nothing is ever passed over by a crash.

#include "engine/log/event_log.h"
#include "engine/runtime/sink_source.h"

#include <map>
#include <optional>
#include <string>

namespace cairn {

/// How far one feed of a sink has come.
struct SinkCursor {
  std::string position;         ///< the receiver has everything up to here
  std::uint64_t delivered = 0;  ///< events
  std::uint64_t skipped = 0;    ///< events that the receiver refused for good
  std::uint64_t missed = 0;     ///< that retention removed before they were delivered
  Value last_skipped;           ///< {position, type, id, why, time}; null: none
};

struct SinkState {
  std::string destination;  ///< for people
  std::map<SinkFeed, SinkCursor> feeds;
  std::optional<Timestamp> gone_at;  ///< it was hosted, and is not any more
};

Value to_value(const SinkState& state);
/// corrupt: what is there is none.
Result<SinkState> sink_state_of(const SinkRow& row);

}  // namespace cairn
