#pragma once
// RunState: what is true of a run now. The fold of its events, and nothing else.

#include "engine/machine/event.h"
#include "engine/machine/ids.h"
#include "workflows/core/error.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn {

/// Outputs and waiting events of one listen task, together.
inline constexpr std::size_t k_listen_events = 10'000;
inline constexpr std::uint64_t k_listen_bytes = std::uint64_t{16} << 20;
/// RunState::consumed.
inline constexpr std::size_t k_consumed_positions = 4'096;

/// What a listen task has done so far.
struct Listening {
  struct Item {
    std::uint64_t position = 0;
    Value value;  ///< the event, as `read` says
  };
  std::vector<Subscription> subscriptions;
  EventRead read = EventRead::data;
  bool iterates = false;
  bool forgets = false;
  bool closed = false;                                     ///< takes no more events
  bool busy = false;                                       ///< `foreach` is at work on the first item that waits
  std::uint64_t seen = 0;                                  ///< highest position it has consumed
  std::set<std::string, std::less<>> matched;              ///< pointers of the filters that have consumed an event
  std::map<std::string, Value, std::less<>> correlations;  ///< by name: the value that events must have
  std::vector<Value> outputs;
  std::deque<Item> waiting;  ///< for `foreach`, first in first out
  std::uint64_t bytes = 0;   ///< of outputs and waiting, as Value::approximate_bytes counts them
};

/// What people are asked, and how that stands.
struct Approval {
  Value request;           ///< ApprovalRequested::request
  bool escalated = false;  ///< those it escalates to are asked as well
  bool closed = false;     ///< it was answered, or nobody may answer any more
  std::uint64_t reminders = 0;
};

/// One visit of a task that has started and not ended. Named by the number of its TaskStarted event.
struct Frame {
  EventSeq id{};
  EventSeq parent{};  ///< 0: the workflow itself
  std::string task;   ///< reference
  std::string kind;
  Value raw_input;
  Value input;
  Timestamp started_at;
  std::optional<std::uint32_t> branch;

  // for
  Value items;                         ///< null until LoopStarted
  std::optional<std::uint64_t> index;  ///< of the iteration under way

  // extensions
  Value extensions;      ///< TaskStarted::extensions
  bool leaving = false;  ///< its own work is done, what its extensions do after it runs
  Value raw_output;      ///< when leaving
  std::string then;      ///< when leaving: AfterStarted::then

  // fork: outputs of the branches that are done
  std::map<std::uint32_t, Value> branch_outputs;

  // listen; of a `foreach`, `index` is that of the item under way or done last
  std::optional<Listening> listening;

  std::optional<Approval> approval;

  // try
  std::uint32_t attempt = 1;
  bool handling = false;          ///< catch.do is running
  bool backing_off = false;       ///< waits for the retry timer
  std::optional<Problem> caught;  ///< what the handler sees

  /// Inside a try: which visit this is, the same in every attempt ("/do/0/t/try/1/x#0"); empty outside.
  std::string visit;
  std::map<std::string, std::uint32_t, std::less<>>
      visits_begun;  ///< tasks entered below, by reference, in this attempt
  /// On the outermost try: the event that first scheduled the effect of a visit, for stable idempotency keys.
  std::map<std::string, EventSeq, std::less<>> effect_keys;
};

struct PendingTimer {
  EventSeq frame{};
  TimerStarted::Purpose purpose = TimerStarted::Purpose::wait;
  Timestamp due;
};

struct PendingEffect {
  EventSeq frame{};  ///< 0: nobody waits for it
  std::string task;
  std::string connector;
  Value request;
  bool confidential = false;
  Value scope;
  EventSeq key{};
  bool at_most_once = false;
  Timestamp scheduled_at;
  Value limit_keys;  ///< EffectScheduled::limit_keys
};

struct PendingChild {
  EventSeq frame{};
  std::string task;
};

/// How a run ended.
enum class Ending : std::uint8_t { none, completed, faulted, cancelled };

struct RunState {
  RunId id;
  WorkflowIdentity workflow;
  Hash256 definition;
  std::string key;
  std::uint8_t priority = 5;
  bool priority_changed = false;  ///< by an operator: tasks do not have their own any more
  Value limit_keys;               ///< RunStarted::limit_keys
  Value metadata;                 ///< RunStarted::metadata
  std::optional<ParentLink> parent;
  Value input;  ///< raw
  Value data;   ///< transformed
  Value context;
  Timestamp started_at;
  Timestamp updated_at;
  std::optional<Timestamp> ended_at;
  Ending ending = Ending::none;
  Value output;
  std::optional<Problem> problem;
  RunId fault_handler;  ///< the run that metadata.cairn.onFault has started; nil: none
  RunId retry_of;       ///< nil: none
  std::string cancel_reason;
  std::optional<Timestamp> suspended_at;
  EventSeq last{};  ///< number of the last event folded in

  std::map<EventSeq, Frame> frames;
  std::map<EventSeq, PendingTimer> timers;
  std::map<EventSeq, PendingEffect> effects;
  std::map<RunId, PendingChild> children;
  /// RunStarted::events_after.
  std::uint64_t events_after = 0;
  /// Positions in the bus of the events that listen tasks of this run have consumed, each with the number of the first
  /// EventConsumed: a task that begins to listen after that does not get the event. Of the newest
  /// k_consumed_positions; those up to `consumed_floor` count as consumed by then.
  std::map<std::uint64_t, EventSeq> consumed;
  std::uint64_t consumed_floor = 0;
  std::vector<Value> parked;  ///< work left by Yielded, in order; empty when the machine is quiescent

  [[nodiscard]] bool started() const { return last != k_no_event; }
  [[nodiscard]] bool ended() const { return ending != Ending::none; }
  [[nodiscard]] const Frame* find_frame(EventSeq frame) const {
    const auto it = frames.find(frame);
    return it == frames.end() ? nullptr : &it->second;
  }
};

/// The timers that run: none while the run is suspended.
const std::map<EventSeq, PendingTimer>& running_timers(const RunState& state);

/// Of RunStarted::limit_keys; nothing: the run is no singleton.
inline std::optional<std::string> singleton_key_of(const Value& limit_keys) {
  const Value* key = limit_keys.find("singleton");
  return key != nullptr && key->is_string() ? std::optional(key->as_string()) : std::nullopt;
}

/// The state as data: for snapshots, for `replay`, and to compare states. from_value(to_value(s)) is s again.
Value to_value(const RunState& state);
/// Error `corrupt` when `value` is not what to_value writes.
Result<RunState> state_from_value(const Value& value);

}  // namespace cairn
