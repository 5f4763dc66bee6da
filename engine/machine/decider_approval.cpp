// call: human.approve: what is asked, reminders, escalation, the deadline, the answer.

#include "engine/machine/approval.h"
#include "engine/machine/decider.h"

#include <utility>

namespace cairn {
namespace {

using Purpose = TimerStarted::Purpose;

Value names_value(const std::vector<std::string>& names) {
  Array all;
  for (const auto& name : names) all.push_back(Value::string(name));
  return Value::array(std::move(all));
}

/// The task's output. `by`: null when nobody answered.
Value outcome(bool approved, Value answer, Value by, Timestamp at) {
  return Value::object({{"approved", Value::boolean(approved)},
                        {"answer", std::move(answer)},
                        {"by", std::move(by)},
                        {"at", Value::string(to_iso8601(at))}});
}

std::optional<std::int64_t> duration_in(const Value& terms, std::string_view name) {
  const Value* text = terms.find(name);
  if (text == nullptr || !text->is_string()) return std::nullopt;
  const auto parsed = parse_duration_ms(text->as_string());
  return parsed ? std::optional(parsed.value()) : std::nullopt;
}

Value name_or_null(const std::string& by) { return by.empty() ? Value{} : Value::string(by); }

}  // namespace

void Decider::begin_body(const ApprovalBody& body, const Node& node, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto arguments = evaluator_.fill(body.request, frame.input, variables_of(frame));
  auto request =
      arguments ? approval_request(arguments.value(), node.name, stimulus_.now) : Fallible<Value>(arguments.error());
  if (!request) {
    fault_at(id, request.error());
    return;
  }
  const Value terms = std::move(request).value();
  emit(ApprovalRequested{id, terms});
  const auto in = [&](std::int64_t ms) { return Timestamp{stimulus_.now.ms + ms}; };
  if (const auto after = duration_in(terms.get("reminder"), "after")) {
    emit(TimerStarted{id, Purpose::approval_reminder, in(*after)});
  }
  if (const auto after = duration_in(terms.get("escalation"), "after")) {
    emit(TimerStarted{id, Purpose::approval_escalation, in(*after)});
  }
  if (const Value* deadline = terms.find("deadline")) {
    const auto due = parse_timestamp(deadline->as_string());
    if (due) emit(TimerStarted{id, Purpose::approval_deadline, due.value()});
  }
  tell_of_approval(id, "requested", {{"to", terms.get("assignees")}});
}

void Decider::tell_of_approval(EventSeq id, std::string_view what, std::vector<Member> more) {
  const Frame& frame = frame_of(id);
  const Approval& approval = *frame.approval;
  std::vector<Member> data{
      {"run", Value::string(state_.id.to_string())}, {"workflow", Value::string(state_.workflow.to_string())},
      {"task", Value::string(frame.task)},           {"title", approval.request.get("title")},
      {"text", approval.request.get("text")},        {"assignees", names_value(asked_by(approval))}};
  if (const auto deadline = deadline_of(state_, id)) {
    data.push_back({"deadline", Value::string(to_iso8601(*deadline))});
  }
  for (auto& member : more) data.push_back(std::move(member));
  emit(EventEmitted{
      id, Value::object({{"specversion", Value::string("1.0")},
                         {"id", Value::string(entropy_.uuid())},
                         {"source", Value::string("/" + state_.workflow.workflow_namespace + "/" +
                                                  state_.workflow.name + "/" + state_.workflow.version)},
                         {"type", Value::string(std::string(k_approval_events) + std::string(what))},
                         {"subject", Value::string(state_.id.to_string() + "/" + std::to_string(number_of(id)))},
                         {"time", Value::string(to_iso8601(stimulus_.now))},
                         {"datacontenttype", Value::string("application/json")},
                         {"data", Value::object(std::move(data))}})});
}

void Decider::approval_timer_fired(const PendingTimer& timer) {
  const EventSeq id = timer.frame;
  const Frame& frame = frame_of(id);
  if (!frame.approval || is_doomed(id)) return;
  const Approval approval = *frame.approval;
  const Value& request = approval.request;
  if (timer.purpose == Purpose::approval_reminder) {
    tell_of_approval(
        id, "reminded",
        {{"to", names_value(asked_by(approval))}, {"reminder", Value::unsigned_integer(approval.reminders)}});
    const auto every = duration_in(request.get("reminder"), "every");
    if (every && approval.reminders < k_reminders) {
      emit(TimerStarted{id, Purpose::approval_reminder, Timestamp{stimulus_.now.ms + *every}});
    }
    return;
  }
  if (timer.purpose == Purpose::approval_escalation) {
    tell_of_approval(id, "escalated", {{"to", request.get("escalation").get("assignees")}});
    return;
  }
  const std::string on_deadline = request.get("onDeadline").as_string();
  tell_of_approval(id, "expired", {{"onDeadline", Value::string(on_deadline)}});
  Work work;
  work.frame = id;
  if (on_deadline == "fault") {
    Problem problem = make_problem(StandardError::timeout, "Approval deadline passed",
                                   "nobody answered until " + to_iso8601(timer.due));
    problem.instance = frame.task;
    work.kind = Work::Kind::fault;
    work.value = problem.to_value();
  } else {
    work.kind = Work::Kind::complete;
    work.value = outcome(on_deadline == "approve", {}, {}, stimulus_.now);
  }
  work_.push_back(std::move(work));
}

void Decider::receive(const AnswerApproval& given) {
  auto refusal = refusal_of(machine_, state_, given, stimulus_.now);
  if (!refusal && is_doomed(given.approval)) {
    refusal = make_error(ErrorCode::conflict, "there is nothing to answer any more: its task is about to end");
  }
  if (refusal) {
    emit(CommandRefused{"approve", refusal->message});
    return;
  }
  emit(ApprovalAnswered{given.approval, given.approved, given.answer, given.by});
  tell_of_approval(given.approval, "answered",
                   {{"approved", Value::boolean(given.approved)}, {"by", name_or_null(given.by)}});
  Work work;
  work.kind = Work::Kind::complete;
  work.frame = given.approval;
  work.value = outcome(given.approved, given.answer, name_or_null(given.by), stimulus_.now);
  work_.push_back(std::move(work));
}

}  // namespace cairn
