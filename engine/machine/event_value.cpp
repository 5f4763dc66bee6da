// Events and stimuli as data: for people, for comparison, for tests.

#include "engine/machine/event.h"
#include "engine/machine/stimulus.h"

#include <algorithm>
#include <type_traits>

namespace cairn {
namespace {

Value number(EventSeq seq) { return Value::unsigned_integer(number_of(seq)); }
Value text(std::string_view words) { return Value::string(std::string(words)); }
Value time(Timestamp at) { return Value::string(to_iso8601(at)); }

Value identity(const WorkflowIdentity& workflow) {
  return Value::object({{"namespace", text(workflow.workflow_namespace)},
                        {"name", text(workflow.name)},
                        {"version", text(workflow.version)}});
}

Value link(const ParentLink& parent) {
  const Value members = Value::object({{"run", text(parent.run.to_string())},
                                       {"frame", number(parent.frame)},
                                       {"depth", Value::unsigned_integer(parent.depth)},
                                       {"awaited", Value::boolean(parent.awaited)}});
  return parent.after_fault ? members.with("afterFault", Value::boolean(true)) : members;
}

/// The links of a start to other runs, and its metadata, as far as there are any.
template <class Start>
Value with_links(Value members, const Start& start) {
  if (start.parent) members = members.with("parent", link(*start.parent));
  if (!start.metadata.is_null()) members = members.with("metadata", start.metadata);
  return start.retry_of.is_nil() ? members : members.with("retryOf", text(start.retry_of.to_string()));
}

std::string_view name_of(ErrorCaught::Handling handling) {
  switch (handling) {
    case ErrorCaught::Handling::retry: return "retry";
    case ErrorCaught::Handling::handle: return "handle";
    case ErrorCaught::Handling::resume: return "resume";
  }
  return "resume";
}

std::string_view name_of(TimerStarted::Purpose purpose) {
  switch (purpose) {
    case TimerStarted::Purpose::wait: return "wait";
    case TimerStarted::Purpose::retry: return "retry";
    case TimerStarted::Purpose::task_timeout: return "task timeout";
    case TimerStarted::Purpose::attempt_timeout: return "attempt timeout";
    case TimerStarted::Purpose::workflow_timeout: return "workflow timeout";
    case TimerStarted::Purpose::start_delay: return "start delay";
    case TimerStarted::Purpose::approval_reminder: return "approval reminder";
    case TimerStarted::Purpose::approval_escalation: return "approval escalation";
    case TimerStarted::Purpose::approval_deadline: return "approval deadline";
  }
  return "wait";
}

Value with_keys(const Value& members, const Value& keys) {
  return keys.is_null() ? members : members.with("limitKeys", keys);
}

Value with_correlations(const Value& members, const Value& correlations) {
  return correlations.is_null() ? members : members.with("correlations", correlations);
}

Value branch_of(Value members, const std::optional<std::uint32_t>& branch) {
  return branch ? members.with("branch", Value::unsigned_integer(*branch)) : members;
}

struct Describe {
  Value operator()(const RunStarted& e) const {
    Value members = Value::object({{"workflow", identity(e.workflow)},
                                   {"definition", text(e.definition.hex())},
                                   {"input", e.input},
                                   {"data", e.data},
                                   {"key", text(e.key)},
                                   {"priority", Value::unsigned_integer(e.priority)}});
    members = with_keys(with_links(std::move(members), e), e.limit_keys);
    return e.events_after == 0 ? members : members.with("eventsAfter", Value::unsigned_integer(e.events_after));
  }
  Value operator()(const RunSuspended&) const { return Value::object(std::vector<Member>{}); }
  Value operator()(const RunContinued&) const { return Value::object(std::vector<Member>{}); }
  Value operator()(const RunCompleted& e) const { return Value::object({{"output", e.output}}); }
  Value operator()(const RunFaulted& e) const { return Value::object({{"error", e.problem.to_value()}}); }
  Value operator()(const RunCancelled& e) const { return Value::object({{"reason", text(e.reason)}}); }
  Value operator()(const CommandRefused& e) const {
    return Value::object({{"command", text(e.command)}, {"reason", text(e.reason)}});
  }
  Value operator()(const Yielded& e) const { return Value::object({{"work", e.work}}); }
  Value operator()(const TaskStarted& e) const {
    Value members = branch_of(Value::object({{"task", text(e.task)},
                                             {"kind", text(e.kind)},
                                             {"parent", number(e.parent)},
                                             {"rawInput", e.raw_input},
                                             {"input", e.input}}),
                              e.branch);
    return e.extensions.is_null() ? members : members.with("extensions", e.extensions);
  }
  Value operator()(const TaskSkipped& e) const {
    return branch_of(Value::object({{"task", text(e.task)}, {"parent", number(e.parent)}, {"input", e.input}}),
                     e.branch);
  }
  Value operator()(const TaskCompleted& e) const {
    Value members = Value::object({{"frame", number(e.frame)}, {"output", e.output}});
    return e.context ? members.with("context", *e.context) : members;
  }
  Value operator()(const AfterStarted& e) const {
    Value members = Value::object(
        {{"frame", number(e.frame)}, {"rawOutput", e.raw_output}, {"output", e.output}, {"then", text(e.then)}});
    return e.context ? members.with("context", *e.context) : members;
  }
  Value operator()(const TaskFaulted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"error", e.problem.to_value()}});
  }
  Value operator()(const TaskCancelled& e) const { return Value::object({{"frame", number(e.frame)}}); }
  Value operator()(const LoopStarted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"items", e.items}});
  }
  Value operator()(const IterationStarted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"index", Value::unsigned_integer(e.index)}});
  }
  Value operator()(const ErrorCaught& e) const {
    return Value::object({{"frame", number(e.frame)},
                          {"error", e.problem.to_value()},
                          {"attempt", Value::unsigned_integer(e.attempt)},
                          {"handling", text(name_of(e.handling))}});
  }
  Value operator()(const AttemptStarted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"attempt", Value::unsigned_integer(e.attempt)}});
  }
  Value operator()(const TimerStarted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"purpose", text(name_of(e.purpose))}, {"due", time(e.due)}});
  }
  Value operator()(const TimerFired& e) const { return Value::object({{"timer", number(e.timer)}}); }
  Value operator()(const EffectScheduled& e) const {
    const Value members = Value::object({{"frame", number(e.frame)},
                                         {"task", text(e.task)},
                                         {"connector", text(e.connector)},
                                         {"request", e.request},
                                         {"confidential", Value::boolean(e.confidential)},
                                         {"scope", e.scope},
                                         {"key", number(e.key)},
                                         {"atMostOnce", Value::boolean(e.at_most_once)}});
    return with_keys(members, e.limit_keys);
  }
  Value operator()(const EffectCompleted& e) const {
    return Value::object({{"effect", number(e.effect)}, {"result", e.result}});
  }
  Value operator()(const EffectFailed& e) const {
    return Value::object({{"effect", number(e.effect)}, {"error", e.problem.to_value()}});
  }
  Value operator()(const EventEmitted& e) const {
    return Value::object({{"frame", number(e.frame)}, {"event", e.event}});
  }
  Value operator()(const ChildStarted& e) const {
    return Value::object({{"frame", number(e.frame)},
                          {"task", text(e.task)},
                          {"child", text(e.child.to_string())},
                          {"workflow", identity(e.workflow)},
                          {"input", e.input}});
  }
  Value operator()(const ChildCompleted& e) const {
    return Value::object({{"child", text(e.child.to_string())}, {"output", e.output}});
  }
  Value operator()(const ChildFailed& e) const {
    return Value::object({{"child", text(e.child.to_string())}, {"error", e.problem.to_value()}});
  }

  Value operator()(const PriorityChanged& e) const {
    return Value::object({{"priority", Value::unsigned_integer(e.priority)}});
  }

  Value operator()(const ListenStarted& e) const {
    Array subscriptions;
    for (const auto& one : e.subscriptions) {
      Value shown = Value::object({{"filter", text(one.filter)}, {"type", text(one.type)}});
      subscriptions.push_back(one.key ? shown.with("key", text(*one.key)) : shown);
    }
    Value members = Value::object({{"frame", number(e.frame)},
                                   {"subscriptions", Value::array(std::move(subscriptions))},
                                   {"read", text(name_of(e.read))},
                                   {"iterates", Value::boolean(e.iterates)},
                                   {"forgets", Value::boolean(e.forgets)}});
    if (e.after) members = members.with("after", Value::unsigned_integer(*e.after));
    return with_correlations(members, e.correlations);
  }
  Value operator()(const EventConsumed& e) const {
    const Value members = Value::object({{"frame", number(e.frame)},
                                         {"position", Value::unsigned_integer(e.position)},
                                         {"filter", text(e.filter)},
                                         {"event", e.event},
                                         {"until", Value::boolean(e.until)}});
    return with_correlations(members, e.correlations);
  }
  Value operator()(const ItemCompleted& e) const {
    const Value members = Value::object({{"frame", number(e.frame)}, {"output", e.output}});
    return e.context ? members.with("context", *e.context) : members;
  }
  Value operator()(const ListenClosed& e) const { return Value::object({{"frame", number(e.frame)}}); }

  Value operator()(const ApprovalRequested& e) const {
    return Value::object({{"frame", number(e.frame)}, {"request", e.request}});
  }
  Value operator()(const ApprovalAnswered& e) const {
    return Value::object({{"frame", number(e.frame)},
                          {"approved", Value::boolean(e.approved)},
                          {"answer", e.answer},
                          {"by", text(e.by)}});
  }

  Value operator()(const StartRun& s) const {
    Value members = Value::object({{"run", text(s.run.to_string())},
                                   {"input", s.input},
                                   {"key", text(s.key)},
                                   {"priority", Value::unsigned_integer(s.priority)}});
    members = with_links(std::move(members), s);
    return s.bus == 0 ? members : members.with("bus", Value::unsigned_integer(s.bus));
  }
  Value operator()(const EffectFinished& s) const {
    const Value members = Value::object({{"effect", number(s.effect)}});
    return with_outcome(members, s.outcome);
  }
  Value operator()(const EffectLost& s) const { return Value::object({{"effect", number(s.effect)}}); }
  Value operator()(const TimerDue& s) const { return Value::object({{"timer", number(s.timer)}}); }
  Value operator()(const ChildFinished& s) const {
    return with_outcome(Value::object({{"child", text(s.child.to_string())}}), s.outcome);
  }
  Value operator()(const OperatorCommand& s) const {
    const Value members = Value::object({{"command", text(name_of(s.kind))}, {"reason", text(s.reason)}});
    if (s.kind != OperatorCommand::Kind::prioritize) return members;
    return members.with("priority", Value::unsigned_integer(s.priority));
  }
  Value operator()(const GoOn&) const { return Value::object(std::vector<Member>{}); }
  Value operator()(const EventArrived& s) const {
    return Value::object(
        {{"listen", number(s.listen)}, {"position", Value::unsigned_integer(s.position)}, {"event", s.event}});
  }

  Value operator()(const AnswerApproval& s) const {
    return Value::object({{"approval", number(s.approval)},
                          {"approved", Value::boolean(s.approved)},
                          {"answer", s.answer},
                          {"by", text(s.by)}});
  }

  static Value with_outcome(const Value& members, const std::variant<Value, Problem>& outcome) {
    if (const auto* result = std::get_if<Value>(&outcome)) return members.with("result", *result);
    return members.with("error", std::get<Problem>(outcome).to_value());
  }
};

template <class T>
constexpr std::string_view k_name = "";
template <>
constexpr std::string_view k_name<RunStarted> = "RunStarted";
template <>
constexpr std::string_view k_name<RunSuspended> = "RunSuspended";
template <>
constexpr std::string_view k_name<RunContinued> = "RunContinued";
template <>
constexpr std::string_view k_name<RunCompleted> = "RunCompleted";
template <>
constexpr std::string_view k_name<RunFaulted> = "RunFaulted";
template <>
constexpr std::string_view k_name<RunCancelled> = "RunCancelled";
template <>
constexpr std::string_view k_name<CommandRefused> = "CommandRefused";
template <>
constexpr std::string_view k_name<Yielded> = "Yielded";
template <>
constexpr std::string_view k_name<TaskStarted> = "TaskStarted";
template <>
constexpr std::string_view k_name<TaskSkipped> = "TaskSkipped";
template <>
constexpr std::string_view k_name<TaskCompleted> = "TaskCompleted";
template <>
constexpr std::string_view k_name<TaskFaulted> = "TaskFaulted";
template <>
constexpr std::string_view k_name<TaskCancelled> = "TaskCancelled";
template <>
constexpr std::string_view k_name<LoopStarted> = "LoopStarted";
template <>
constexpr std::string_view k_name<IterationStarted> = "IterationStarted";
template <>
constexpr std::string_view k_name<ErrorCaught> = "ErrorCaught";
template <>
constexpr std::string_view k_name<AttemptStarted> = "AttemptStarted";
template <>
constexpr std::string_view k_name<TimerStarted> = "TimerStarted";
template <>
constexpr std::string_view k_name<TimerFired> = "TimerFired";
template <>
constexpr std::string_view k_name<EffectScheduled> = "EffectScheduled";
template <>
constexpr std::string_view k_name<EffectCompleted> = "EffectCompleted";
template <>
constexpr std::string_view k_name<EffectFailed> = "EffectFailed";
template <>
constexpr std::string_view k_name<EventEmitted> = "EventEmitted";
template <>
constexpr std::string_view k_name<ChildStarted> = "ChildStarted";
template <>
constexpr std::string_view k_name<ChildCompleted> = "ChildCompleted";
template <>
constexpr std::string_view k_name<ChildFailed> = "ChildFailed";
template <>
constexpr std::string_view k_name<PriorityChanged> = "PriorityChanged";
template <>
constexpr std::string_view k_name<ListenStarted> = "ListenStarted";
template <>
constexpr std::string_view k_name<EventConsumed> = "EventConsumed";
template <>
constexpr std::string_view k_name<ItemCompleted> = "ItemCompleted";
template <>
constexpr std::string_view k_name<ListenClosed> = "ListenClosed";
template <>
constexpr std::string_view k_name<AfterStarted> = "AfterStarted";
template <>
constexpr std::string_view k_name<ApprovalRequested> = "ApprovalRequested";
template <>
constexpr std::string_view k_name<ApprovalAnswered> = "ApprovalAnswered";
template <>
constexpr std::string_view k_name<AnswerApproval> = "AnswerApproval";
template <>
constexpr std::string_view k_name<StartRun> = "StartRun";
template <>
constexpr std::string_view k_name<EffectFinished> = "EffectFinished";
template <>
constexpr std::string_view k_name<EffectLost> = "EffectLost";
template <>
constexpr std::string_view k_name<TimerDue> = "TimerDue";
template <>
constexpr std::string_view k_name<ChildFinished> = "ChildFinished";
template <>
constexpr std::string_view k_name<OperatorCommand> = "OperatorCommand";
template <>
constexpr std::string_view k_name<GoOn> = "GoOn";
template <>
constexpr std::string_view k_name<EventArrived> = "EventArrived";

template <class Variant>
std::string_view name_of_alternative(const Variant& variant) {
  return std::visit([](const auto& alternative) { return k_name<std::decay_t<decltype(alternative)>>; }, variant);
}

}  // namespace

std::string awaited_types(const std::vector<Subscription>& subscriptions) {
  std::vector<std::string> types;
  for (const auto& one : subscriptions) {
    std::string name = one.type.empty() ? "any event" : one.type;
    if (std::ranges::find(types, name) == types.end()) types.push_back(std::move(name));
  }
  constexpr std::size_t most = 3;
  std::string words;
  for (std::size_t i = 0; i < std::min(most, types.size()); ++i) words += (i == 0 ? "" : " or ") + types[i];
  if (types.size() > most) words += " or " + std::to_string(types.size() - most) + " more";
  return words.empty() ? "nothing" : words;
}

std::string_view name_of(OperatorCommand::Kind kind) {
  switch (kind) {
    case OperatorCommand::Kind::cancel: return "cancel";
    case OperatorCommand::Kind::suspend: return "suspend";
    case OperatorCommand::Kind::proceed: return "continue";
    case OperatorCommand::Kind::prioritize: break;
  }
  return "priority";
}

std::string_view name_of(const Event& event) { return name_of_alternative(event); }
std::string_view name_of(const Stimulus& stimulus) { return name_of_alternative(stimulus.what); }

Value to_value(const Event& event) { return std::visit(Describe{}, event); }

Value to_value(const Stimulus& stimulus) {
  return Value::object({{"kind", text(name_of(stimulus))},
                        {"what", std::visit(Describe{}, stimulus.what)},
                        {"now", time(stimulus.now)},
                        {"entropy", Value::unsigned_integer(stimulus.entropy)},
                        {"brief", Value::boolean(stimulus.brief)}});
}

}  // namespace cairn
