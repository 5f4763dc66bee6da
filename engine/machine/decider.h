#pragma once
// Decider: one step of one run. Private to engine/machine; Machine is its door.
//
// It takes a stimulus, turns it into work, and does work until none is left or the step has had its share. Every change
// is an event, emitted and folded at once. One file holds one concern: decider_step (stimuli), decider_flow (enter,
// complete, fault, cancel), decider_tasks (what each kind of task does), decider_try (catch and retry), decider_listen
// (listen, and what arrives for it), decider_approval (what people are asked).

#include "engine/machine/entropy.h"
#include "engine/machine/evaluate.h"
#include "engine/machine/machine.h"
#include "engine/machine/work.h"

#include <deque>
#include <optional>

namespace cairn {

class Decider {
 public:
  Decider(const Machine& machine, RunState& state, const Stimulus& stimulus);

  Decision run();

 private:
  // decider_step.cpp
  void receive(const StartRun& start);
  void receive(const EffectFinished& finished);
  void receive(const EffectLost& lost);
  void receive(const TimerDue& due);
  void receive(const ChildFinished& finished);
  void receive(const OperatorCommand& command);
  void receive(const GoOn&) {}
  void receive(const EventArrived& arrived);   // decider_listen.cpp
  void receive(const AnswerApproval& answer);  // decider_approval.cpp
  /// The first ones, and the workflow's timeout.
  void begin_tasks();
  void do_work();
  void do_one(const Work& work);
  EventSeq emit(Event event);
  void count_bytes(const Value& value);
  [[nodiscard]] bool had_its_share() const;

  // decider_flow.cpp
  void enter_list(ListId list, EventSeq parent, Value data);
  void enter(const Work& work);
  void start_timeout(const Node& node, EventSeq frame, const Variables& variables);
  void complete(EventSeq frame, Value raw_output, std::optional<Transition> override = {});
  struct Produced {
    Value output;
    std::optional<Value> context;  ///< the new $context, when there is an export
  };
  /// `output` and `export` applied to what the task of `frame` gives, or to an item of it (`what`: "task", "item").
  [[nodiscard]] Fallible<Produced> produce(const DataSpec& output, const DataSpec& exported, Value raw_output,
                                           const Frame& frame, std::string_view what);
  void skip(const Node& node, const Work& work);
  void leave(EventSeq frame, Value output, std::optional<Value> context, const Transition& transition);
  void follow(const Node& node, EventSeq parent, Value output, const Transition& transition);
  void scope_done(EventSeq parent, Value output);
  void fork_branch_done(const Frame& fork, const ForkBody& body, Value output);
  void end_run(EventSeq from, Value output);
  void finish_run(Value output);
  void fault(EventSeq frame, Problem problem);
  void fault_run(const Problem& problem);
  /// metadata.cairn.onFault.
  void start_fault_handler(const Problem& problem);
  void cancel_below(EventSeq frame);
  void cancel_frame(EventSeq frame);
  /// Nobody waits any more for the effects and children of this frame: the host stops them.
  void abandon_work_of(EventSeq frame);

  // decider_tasks.cpp
  void begin(const Node& node, EventSeq frame);
  void begin_body(const SetBody& body, const Node& node, EventSeq frame);
  void begin_body(const DoBody& body, const Node& node, EventSeq frame);
  void begin_body(const ForBody& body, const Node& node, EventSeq frame);
  void begin_body(const ForkBody& body, const Node& node, EventSeq frame);
  void begin_body(const SwitchBody& body, const Node& node, EventSeq frame);
  void begin_body(const TryBody& body, const Node& node, EventSeq frame);
  void begin_body(const RaiseBody& body, const Node& node, EventSeq frame);
  void begin_body(const WaitBody& body, const Node& node, EventSeq frame);
  void begin_body(const EmitBody& body, const Node& node, EventSeq frame);
  void begin_body(const EffectBody& body, const Node& node, EventSeq frame);
  void begin_body(const CallFunctionBody& body, const Node& node, EventSeq frame);
  void begin_body(const ChildBody& body, const Node& node, EventSeq frame);
  void begin_body(const ExtensionStageBody& body, const Node& node, EventSeq frame);
  void begin_body(const UnsupportedBody& body, const Node& node, EventSeq frame);
  void begin_body(const ListenBody& body, const Node& node, EventSeq frame);    // decider_listen.cpp
  void begin_body(const ApprovalBody& body, const Node& node, EventSeq frame);  // decider_approval.cpp
  void iterate(EventSeq frame, std::uint64_t index, const Value& data);
  [[nodiscard]] EventSeq key_of(const Frame& frame) const;

  // decider_extensions.cpp
  /// TaskStarted::extensions of a task that is about to start.
  [[nodiscard]] Value extensions_for(const Node& node, const Work& work, const Value& input);
  [[nodiscard]] bool applies(const Extension& extension, const TaskVariables& variables, const Value& input,
                             std::string& error);
  /// Enters what the next of the frame's extensions, from number `from` of TaskStarted::extensions on, puts before or
  /// after it. False: there is none.
  bool enter_stage(EventSeq frame, std::size_t from, bool after, Value data);
  /// A stage of an extension is done. `exits`: it was left with `exit`.
  void stage_done(EventSeq stage, Value output, bool exits);
  void leave_extended(EventSeq frame, Value raw_output, Value output, std::optional<Value> context,
                      const Transition& transition);
  [[nodiscard]] bool is_stage(EventSeq frame) const;

  // decider_try.cpp
  void start_attempt(EventSeq frame, std::uint32_t attempt);
  /// Whether the try task of `frame` deals with `problem`. When not, `problem` is what to go on with (a catch
  /// expression that fails takes the place of the error it looked at).
  bool caught(EventSeq frame, Problem& problem);
  [[nodiscard]] Fallible<bool> catches(const TryBody& body, const Frame& frame, const Problem& problem);
  /// When the next attempt is due; nothing when the policy allows none.
  [[nodiscard]] Fallible<std::optional<Timestamp>> retry_at(const RetrySpec& policy, const TryBody& body,
                                                            const Frame& frame, const Problem& problem);
  void attempt_timed_out(EventSeq frame);

  // decider_listen.cpp
  /// Looks whether the listen task of `frame` has had what it waits for, now that it has one event or item more.
  void close_if_ended(EventSeq frame, const ListenBody& body);
  void close_with(EventSeq frame, Problem problem);
  void too_many_events(EventSeq frame);
  void go_on_listening(EventSeq frame);
  void next_item(EventSeq frame);
  void item_done(EventSeq frame, Value raw_output);
  [[nodiscard]] bool is_doomed(EventSeq frame) const;
  [[nodiscard]] bool was_consumed(std::uint64_t position, EventSeq listen) const;

  // decider_approval.cpp
  void approval_timer_fired(const PendingTimer& timer);
  /// Publishes an event about the approval, for those it names; `more` are further members of its data.
  void tell_of_approval(EventSeq frame, std::string_view what, std::vector<Member> more);

  [[nodiscard]] const Frame& frame_of(EventSeq id) const;
  [[nodiscard]] const Node& node_of(const Frame& frame) const;
  /// Variables of a task under way: $input is its transformed input.
  [[nodiscard]] TaskVariables variables_of(const Frame& frame) const;
  void fault_at(EventSeq frame, Problem problem);

  const Machine& machine_;
  const Program& program_;
  RunState& state_;
  const Stimulus& stimulus_;
  Entropy entropy_;
  Evaluator evaluator_;
  Decision decision_;
  std::deque<Work> work_;
  std::size_t bytes_ = 0;
  Value last_counted_;
};

}  // namespace cairn
