#pragma once
// Events: everything that ever happens to a run. Immutable facts that carry their outcomes: folding them evaluates
// nothing.
//
// A task is named by its JSON pointer (`task`), its visit by the number of its TaskStarted event (`frame`).
// Stored as FlatBuffers (schemas/event.fbs, engine/log/record_codec.h); a shape that has shipped is only ever extended.

#include "engine/machine/ids.h"
#include "workflows/core/sha256.h"
#include "workflows/core/time.h"
#include "workflows/program/problem.h"
#include "workflows/program/program.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn {

/// The task of another run that started this one (`run: workflow`).
struct ParentLink {
  RunId run;
  EventSeq frame{};         ///< frame of the parent's task
  std::uint32_t depth = 0;  ///< 1 for a child, 2 for its child …
  bool awaited = true;
  bool after_fault =
      false;  ///< started by metadata.cairn.onFault, or below a run that was: its own onFault does not count
};

// ---- run
// -------------------------------------------------------------------------------------------------------------
struct RunStarted {
  WorkflowIdentity workflow;
  Hash256 definition;
  Value input;      ///< as given
  Value data;       ///< after `input.from`: the first task's raw input and the first $context
  std::string key;  ///< idempotency key of the start, or empty
  std::uint8_t priority = 5;
  std::optional<ParentLink> parent;
  /// The evaluated keys of the document's limits: an object of texts with the members "concurrency", "rate" and
  /// "singleton", of those that it has; null: none. A singleton without a key has "".
  Value limit_keys;
  RunId retry_of;                  ///< nil: none
  std::uint64_t events_after = 0;  ///< head of the bus at the run's birth: its listen tasks get the events after it
  /// $runtime.metadata, an object: the values of the environment that the run was started in; null: it has none.
  Value metadata;
};
struct RunSuspended {};
struct RunContinued {};
struct RunCompleted {
  Value output;
};
struct RunFaulted {
  Problem problem;
};
struct RunCancelled {
  std::string reason;
};
/// An operator's command that the run's state does not allow; nothing changed.
struct CommandRefused {
  std::string command;
  std::string reason;
};
/// The machine stopped in the middle after its share of events; `work` is what it goes on with.
struct Yielded {
  Value work;  ///< engine/machine/work.h
};

// ---- task
// ------------------------------------------------------------------------------------------------------------
struct TaskStarted {
  std::string task;
  std::string kind;   ///< Node::kind
  EventSeq parent{};  ///< frame of the enclosing task; 0: the workflow
  Value raw_input;
  Value input;                          ///< after `input.from`
  std::optional<std::uint32_t> branch;  ///< set under a fork
  /// The extensions that were considered; null: none is for such a task. A list: the reference of each that applies, in
  /// order, and {extension, error} for one whose `when` could not be evaluated.
  Value extensions;
};
/// The task's own work is done; what its extensions do after it begins.
struct AfterStarted {
  EventSeq frame{};
  Value raw_output;
  Value output;                  ///< after `output.as`
  std::optional<Value> context;  ///< the new $context, when the task exports
  std::string then;              ///< where it goes on: "continue", "exit", "end" or the reference of a task
};
struct TaskSkipped {
  std::string task;
  EventSeq parent{};
  Value input;  ///< raw input, which becomes the output
  std::optional<std::uint32_t> branch;
};
struct TaskCompleted {
  EventSeq frame{};
  Value output;                  ///< after `output.as`
  std::optional<Value> context;  ///< the new $context, when the task exports
};
struct TaskFaulted {
  EventSeq frame{};
  Problem problem;
};
struct TaskCancelled {
  EventSeq frame{};
};

// ---- loops, attempts
// -------------------------------------------------------------------------------------------------
struct LoopStarted {
  EventSeq frame{};
  Value items;
};
struct IterationStarted {
  EventSeq frame{};
  std::uint64_t index = 0;
};
/// A try task caught an error. What follows is told by `handling`.
struct ErrorCaught {
  enum class Handling : std::uint8_t {
    retry,   ///< a timer for the next attempt follows (or the attempt itself when there is no delay)
    handle,  ///< catch.do runs
    resume,  ///< nothing more to do: the try task completes
  };
  EventSeq frame{};
  Problem problem;
  std::uint32_t attempt = 1;
  Handling handling = Handling::resume;
};
struct AttemptStarted {
  EventSeq frame{};
  std::uint32_t attempt = 2;
};

// ---- timers
// ----------------------------------------------------------------------------------------------------------
struct TimerStarted {
  enum class Purpose : std::uint8_t {
    wait,
    retry,
    task_timeout,
    attempt_timeout,
    workflow_timeout,
    start_delay,
    approval_reminder,
    approval_escalation,
    approval_deadline
  };
  EventSeq frame{};  ///< 0 for workflow_timeout and start_delay
  Purpose purpose = Purpose::wait;
  Timestamp due;
};
struct TimerFired {
  EventSeq timer{};  ///< number of its TimerStarted
};

// ---- effects
// ---------------------------------------------------------------------------------------------------------
struct EffectScheduled {
  EventSeq frame{};  ///< 0 when the task does not await it
  std::string task;
  std::string connector;
  Value request;              ///< arguments, confidential parts replaced by a mark
  bool confidential = false;  ///< arguments are evaluated again at dispatch, with secrets
  Value scope;                ///< what that evaluation reads: {".": input, "context": …}; null when not confidential
  EventSeq key{};             ///< event that first scheduled this visit; 0: this very event
  bool at_most_once = false;
  Value limit_keys;  ///< the same of the task's limits
};
struct EffectCompleted {
  EventSeq effect{};
  Value result;  ///< raw
};
struct EffectFailed {
  EventSeq effect{};
  Problem problem;
};
struct EventEmitted {
  EventSeq frame{};
  Value event;  ///< a CloudEvent 1.0
};

// ---- children
// --------------------------------------------------------------------------------------------------------
struct ChildStarted {
  EventSeq frame{};  ///< 0 when the task does not await it
  std::string task;
  RunId child;
  WorkflowIdentity workflow;  ///< version as written, maybe "latest"
  Value input;
};
struct ChildCompleted {
  RunId child;
  Value output;
};
struct ChildFailed {
  RunId child;
  Problem problem;
};

// ---- scheduling
// ------------------------------------------------------------------------------------------------------
/// An operator's word: it counts for all tasks of the run, also those that have a priority of their own.
struct PriorityChanged {
  std::uint8_t priority = 5;
};

// ---- listening
// -------------------------------------------------------------------------------------------------------
/// One filter of a listen task, for the index of who may want an event. It promises too much rather than too little: whether
/// an event really matches is decided when it arrives.
struct Subscription {
  std::string filter;              ///< EventFilter::pointer
  std::string type;                ///< of the events; empty: any
  std::optional<std::string> key;  ///< what correlation_key gives for the events; nothing: any
  friend bool operator==(const Subscription&, const Subscription&) = default;
};
/// "com.example.a or com.example.b", "any event": what subscriptions wait for, for people.
std::string awaited_types(const std::vector<Subscription>& subscriptions);
struct ListenStarted {
  EventSeq frame{};
  std::vector<Subscription> subscriptions;
  std::optional<std::uint64_t> after;  ///< place in the bus after which events count; nothing: those yet to come
  EventRead read = EventRead::data;
  bool iterates = false;  ///< events wait in a queue for `foreach`
  bool forgets = false;   ///< it never ends by itself, so what has been done with is not kept for its output
  Value correlations;     ///< name → value that is expected, as far as it is known; null: none
};
/// An event that matched. For `until`: one that counts towards the end, and is no output.
struct EventConsumed {
  EventSeq frame{};
  std::uint64_t position = 0;  ///< in the bus
  std::string filter;          ///< EventFilter::pointer of the one it matched
  Value event;                 ///< the CloudEvent
  bool until = false;
  Value correlations;  ///< name → value, of those that this event has settled; null: none
};
/// The tasks of `foreach` are done for the event that has waited longest. Before it came IterationStarted.
struct ItemCompleted {
  EventSeq frame{};
  Value output;                  ///< after `foreach.output.as`
  std::optional<Value> context;  ///< the new $context, when `foreach` exports
};
/// It takes no more events: its task ends when those that wait are done with.
struct ListenClosed {
  EventSeq frame{};
};

// ---- approvals
// -------------------------------------------------------------------------------------------------------
struct ApprovalRequested {
  EventSeq frame{};
  Value request;  ///< engine/machine/approval.h
};
struct ApprovalAnswered {
  EventSeq frame{};
  bool approved = false;
  Value answer;    ///< what was filled in; null: nothing
  std::string by;  ///< who; empty: nobody said
};

using Event = std::variant<RunStarted, RunSuspended, RunContinued, RunCompleted, RunFaulted, RunCancelled,
                           CommandRefused, Yielded, TaskStarted, TaskSkipped, TaskCompleted, TaskFaulted, TaskCancelled,
                           LoopStarted, IterationStarted, ErrorCaught, AttemptStarted, TimerStarted, TimerFired,
                           EffectScheduled, EffectCompleted, EffectFailed, EventEmitted, ChildStarted, ChildCompleted,
                           ChildFailed, PriorityChanged, ListenStarted, EventConsumed, ItemCompleted, ListenClosed,
                           AfterStarted, ApprovalRequested, ApprovalAnswered>;

/// "TaskStarted": the event's type as shown to people and in `--json`.
std::string_view name_of(const Event& event);
/// Every member as data, for `events --json`, for comparison by `replay --verify` and for tests.
Value to_value(const Event& event);

}  // namespace cairn
