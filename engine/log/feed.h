#pragma once
// The order in which everything was recorded, over all runs: what feeds and sinks go by.
//
// The log keeps one row a batch that names the batch's records in the order in which they were decided. Nothing of a record is in it:
// whoever wants what happened reads the record. Events of runs are counted over all records, from 1; that count is the position, so it is the same for
// every reader, for ever, whatever retention removes. A batch is durable before its row can be read, so nobody is told of what may
// not have happened.
//
// Retention leaves gaps: positions of runs that were removed name nothing any more, and rows that name only such runs go (the
// newest stays, for the count). A reader sees a gap as positions that are passed over, and says so to whoever asked.
//
// Records of logs of before format 5 are in no such order; positions begin with what was recorded since.

#include "engine/machine/ids.h"
#include "workflows/value/value.h"

#include <compare>
#include <cstdint>
#include <string>

namespace cairn {

/// Place of an event of a run in the order of all, from 1. 0: before all.
enum class FeedPosition : std::uint64_t {};
constexpr std::uint64_t number_of(FeedPosition position) { return static_cast<std::uint64_t>(position); }

/// A record's place in the order.
struct FeedRecord {
  FeedPosition first{};  ///< of its first event
  RunId run;             ///< maybe removed since
  EventSeq event{};      ///< of the run: the record's first event
  std::uint32_t events = 0;
  [[nodiscard]] FeedPosition last() const { return FeedPosition{number_of(first) + events - 1}; }
};

struct FeedEnds {
  FeedPosition first{1};  ///< the oldest that the log names; behind `head` when it names none
  FeedPosition head{};    ///< the newest; 0: none
  friend bool operator==(const FeedEnds&, const FeedEnds&) = default;
};

/// How far a sink has come; engine/runtime/sink_state.h says what it is.
struct SinkRow {
  std::string name;
  Value state;  ///< null: the row goes
};

}  // namespace cairn
