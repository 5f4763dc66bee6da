#include "engine/machine/approval.h"

#include "engine/machine/status.h"
#include "workflows/core/limits.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

Problem malformed(std::string_view member, std::string_view what) {
  return make_problem(StandardError::expression, "Malformed approval",
                      "`with." + std::string(member) + "` must be " + std::string(what));
}

Fallible<std::string> text_in(const Value& object, std::string_view name, std::string fallback) {
  const Value value = object.get(name);
  if (value.is_null()) return fallback;
  if (!value.is_string()) return malformed(name, "a string, got " + std::string(value.type_name()));
  return value.as_string();
}

Fallible<std::optional<std::int64_t>> duration_in(const Value& object, std::string_view name, std::string_view place) {
  const Value value = object.get(name);
  if (value.is_null()) return std::optional<std::int64_t>();
  const auto parsed = value.is_string() ? parse_duration_ms(value.as_string())
                                        : Result<std::int64_t>(make_error(ErrorCode::invalid_input, ""));
  if (!parsed) return malformed(place, "a duration such as PT1H");
  return std::optional(parsed.value());
}

/// A name or a list of names, each once.
Fallible<Array> names_in(const Value& value, std::string_view place) {
  Array names;
  if (value.is_null()) return names;
  const Array given = value.is_array() ? value.as_array() : Array{value};
  if (given.size() > k_assignees) return malformed(place, "at most " + std::to_string(k_assignees) + " names");
  for (const auto& name : given) {
    if (!name.is_string() || name.as_string().empty() || name.as_string().size() > k_assignee_bytes) {
      return malformed(place, "names, each a text of up to " + std::to_string(k_assignee_bytes) + " bytes");
    }
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

Fallible<Timestamp> deadline_in(const Value& value, Timestamp now) {
  if (value.is_string()) {
    if (const auto duration = parse_duration_ms(value.as_string())) return Timestamp{now.ms + duration.value()};
    if (const auto time = parse_timestamp(value.as_string())) return time.value();
  }
  return malformed("deadline", "a duration such as P2D or a time such as 2030-01-31T17:00:00Z");
}

Fallible<Value> reminder_in(const Value& given) {
  const Value terms = given.is_object() ? given : Value::object({{"every", given}});
  CAIRN_TRY(const auto after, duration_in(terms, "after", given.is_object() ? "reminder.after" : "reminder"));
  CAIRN_TRY(const auto every, duration_in(terms, "every", given.is_object() ? "reminder.every" : "reminder"));
  if (every && *every < k_least_reminder_ms) return malformed("reminder", "a second or more apart");
  std::vector<Member> members;
  if (after || every) members.push_back({"after", Value::string(to_iso8601_duration(after ? *after : *every))});
  if (every) members.push_back({"every", Value::string(to_iso8601_duration(*every))});
  return Value::object(std::move(members));
}

Fallible<Value> escalation_in(const Value& given) {
  if (!given.is_object()) return malformed("escalation", "an object with 'after' and 'assignees'");
  CAIRN_TRY(const auto after, duration_in(given, "after", "escalation.after"));
  CAIRN_TRY(auto assignees, names_in(given.get("assignees"), "escalation.assignees"));
  if (assignees.empty()) return malformed("escalation.assignees", "at least one name");
  return Value::object({{"after", Value::string(to_iso8601_duration(after.value_or(0)))},
                        {"assignees", Value::array(std::move(assignees))}});
}

}  // namespace

Fallible<Value> approval_request(const Value& arguments, const std::string& task_name, Timestamp now) {
  CAIRN_TRY(auto title, text_in(arguments, "title", task_name));
  CAIRN_TRY(auto text, text_in(arguments, "text", ""));
  // An expression that finds nothing must not open the approval to everybody, or for ever.
  for (const auto& [name, wanted] :
       {std::pair("assignees", "a name or a list of names"), std::pair("deadline", "a duration or a time")}) {
    if (const Value* given = arguments.find(name); given != nullptr && given->is_null()) return malformed(name, wanted);
  }
  CAIRN_TRY(auto assignees, names_in(arguments.get("assignees"), "assignees"));
  CAIRN_TRY(auto on_deadline, text_in(arguments, "onDeadline", "fault"));
  if (on_deadline != "fault" && on_deadline != "approve" && on_deadline != "reject") {
    return malformed("onDeadline", "fault, approve or reject");
  }
  std::vector<Member> members{{"title", Value::string(std::move(title))},
                              {"text", Value::string(std::move(text))},
                              {"assignees", Value::array(std::move(assignees))},
                              {"onDeadline", Value::string(std::move(on_deadline))}};
  if (const Value* form = arguments.find("form")) members.push_back({"form", *form});
  if (const Value deadline = arguments.get("deadline"); !deadline.is_null()) {
    CAIRN_TRY(const auto due, deadline_in(deadline, now));
    members.push_back({"deadline", Value::string(to_iso8601(due))});
  }
  if (const Value reminder = arguments.get("reminder"); !reminder.is_null()) {
    CAIRN_TRY(auto terms, reminder_in(reminder));
    members.push_back({"reminder", std::move(terms)});
  }
  if (const Value escalation = arguments.get("escalation"); !escalation.is_null()) {
    CAIRN_TRY(auto terms, escalation_in(escalation));
    members.push_back({"escalation", std::move(terms)});
  }
  return Value::object(std::move(members));
}

std::vector<std::string> asked_by(const Approval& approval) {
  std::vector<std::string> asked;
  const auto add = [&asked](const Value& names) {
    if (!names.is_array()) return;
    for (const auto& name : names.as_array()) {
      if (name.is_string() && std::ranges::find(asked, name.as_string()) == asked.end()) {
        asked.push_back(name.as_string());
      }
    }
  };
  add(approval.request.get("assignees"));
  if (approval.escalated) add(approval.request.get("escalation").get("assignees"));
  return asked;
}

Subscription approval_subscription(const Frame& frame) {
  // With a key, since there is no filter that could say which event is for it.
  return {frame.task, std::string(k_approval_listener), std::string()};
}

bool is_open(const Frame& frame) { return frame.approval && !frame.approval->closed; }

std::optional<Timestamp> deadline_of(const RunState& state, EventSeq approval) {
  for (const auto& [id, timer] : state.timers) {
    if (timer.frame == approval && timer.purpose == TimerStarted::Purpose::approval_deadline) return timer.due;
  }
  return std::nullopt;
}

std::optional<Error> refusal_of(const Machine& machine, const RunState& state, const AnswerApproval& answer,
                                Timestamp now) {
  const auto conflict = [&](std::string why) {
    return make_error(ErrorCode::conflict, std::move(why), "run " + state.id.to_string());
  };
  if (state.ended()) {
    return conflict("there is nothing to answer any more: the run has " +
                    std::string(state.ending == Ending::cancelled ? "been " : "") +
                    std::string(name_of(status_of(state))));
  }
  const Frame* frame = state.find_frame(answer.approval);
  if (frame == nullptr || !frame->approval) return conflict("there is nothing to answer any more: its task has ended");
  if (frame->approval->closed) return conflict("it is answered already");
  const auto deadline = deadline_of(state, answer.approval);
  // A suspended run's timers stand still.
  if (deadline && !state.suspended_at && now >= *deadline) {
    return conflict("it is too late: the deadline was " + to_iso8601(*deadline));
  }
  if (answer.by.size() > k_assignee_bytes) {
    return make_error(ErrorCode::invalid_input,
                      "a name of more than " + std::to_string(k_assignee_bytes) + " bytes, of who answers");
  }
  if (answer.answer.depth() > limits::k_data_depth) {
    return make_error(ErrorCode::invalid_input,
                      "the answer nests more than " + std::to_string(limits::k_data_depth) + " levels deep");
  }
  const Node* node = machine.find(frame->task);
  const auto* body = node == nullptr ? nullptr : std::get_if<ApprovalBody>(&node->body);
  if (!answer.approved || body == nullptr || !body->form) return std::nullopt;
  auto violation = machine.program().schemas[index_of(*body->form)].violation(answer.answer);
  if (!violation) return std::nullopt;
  return make_error(ErrorCode::invalid_input, "the answer does not match the form: " + *violation, {},
                    "Show the form with: cairn approvals TOKEN");
}

}  // namespace cairn
