// Ops of approvals: which are open, how one stands, and answering one.

#include "engine/runtime/approval_token.h"
#include "engine/runtime/approvals.h"
#include "engine/runtime/history.h"
#include "engine/runtime/service_impl.h"
#include "workflows/core/limits.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

Value text(std::string_view words) { return Value::string(std::string(words)); }
Value text_or_null(const std::string& words) { return words.empty() ? Value{} : Value::string(words); }
Value time_or_null(const std::optional<Timestamp>& time) { return time ? Value::string(to_iso8601(*time)) : Value{}; }

/// What an approval asks, whether it is open or not.
std::vector<Member> asked_view(const RunId& run, EventSeq approval, const std::string& task, const Value& request) {
  return {{"run", text(run.to_string())}, {"approval", Value::unsigned_integer(number_of(approval))},
          {"task", text(task)},           {"title", request.get("title")},
          {"text", request.get("text")},  {"form", request.get("form")}};
}

Value workflow_view(const WorkflowIdentity& workflow) {
  return Value::object({{"namespace", text(workflow.workflow_namespace)},
                        {"name", text(workflow.name)},
                        {"version", text(workflow.version)}});
}

Value names_view(const std::vector<std::string>& names) {
  Array all;
  for (const auto& name : names) all.push_back(text(name));
  return Value::array(std::move(all));
}

/// The members that only an open approval has a use for.
void add_open(std::vector<Member>& members, const RunState& state, const Frame& frame) {
  members.push_back({"assignees", names_view(asked_by(*frame.approval))});
  members.push_back({"requestedAt", Value::string(to_iso8601(frame.started_at))});
  members.push_back({"deadline", time_or_null(deadline_of(state, frame.id))});
  members.push_back({"onDeadline", frame.approval->request.get("onDeadline")});
  members.push_back({"reminders", Value::unsigned_integer(frame.approval->reminders)});
  members.push_back({"escalated", Value::boolean(frame.approval->escalated)});
  members.push_back({"suspended", Value::boolean(state.suspended_at.has_value())});
}

/// How the approval of a token stands.
struct Found {
  ApprovalTicket ticket;
  ApprovalStanding standing;
  std::string assignee;  ///< whom the token was made for; empty: anybody
};

Result<Found> find(const EventLog& log, const std::string& token) {
  CAIRN_TRY(const auto key, log.approval_key());
  Found found;
  CAIRN_TRY(found.ticket, read_approval_token(key, token));
  CAIRN_TRY(found.standing, approval_standing(log, found.ticket.run, found.ticket.approval));
  const Approval all{found.standing.request, true};
  const auto asked = asked_by(all);
  if (found.ticket.assignee < asked.size()) found.assignee = asked[found.ticket.assignee];
  return found;
}

Result<Value> standing_view(const EventLog& log, const Found& found) {
  const auto& [ticket, standing, assignee] = found;
  std::vector<Member> members = asked_view(ticket.run, ticket.approval, standing.task, standing.request);
  CAIRN_TRY(const auto summary, log.summary(ticket.run));
  if (summary) members.push_back({"workflow", workflow_view(summary->workflow)});
  members.push_back({"state", text(name_of(standing.state))});
  members.push_back({"assignee", text_or_null(assignee)});
  if (standing.state == ApprovalStanding::State::open) {
    CAIRN_TRY(const auto state, fold_run(log, ticket.run));
    if (const Frame* frame = state.find_frame(ticket.approval); frame != nullptr && is_open(*frame)) {
      add_open(members, state, *frame);
    }
    return Value::object({{"approval", Value::object(std::move(members))}});
  }
  members.push_back({"requestedAt", Value::string(to_iso8601(standing.requested_at))});
  members.push_back({"closedAt", time_or_null(standing.closed_at)});
  members.push_back({"by", text_or_null(standing.by)});
  members.push_back({"answer", standing.answer});
  return Value::object({{"approval", Value::object(std::move(members))}});
}

}  // namespace

Result<Value> Service::Impl::approvals(const Value& request) const {
  CAIRN_TRY(const auto name, optional_text(request, "run"));
  CAIRN_TRY(const auto assignee, optional_text(request, "assignee"));
  std::optional<RunId> only;
  if (!name.empty()) {
    CAIRN_TRY(only, resolve_run(log(), name));
  }
  CAIRN_TRY(const auto key, log().approval_key());
  Array all;
  CAIRN_TRY(each_open_approval(log(), [&](const RunState& state, const Frame& frame) {
    if (only && state.id != *only) return true;
    const auto asked = asked_by(*frame.approval);
    if (!assignee.empty() && !asked.empty() && std::ranges::find(asked, assignee) == asked.end()) return true;
    const Value wanted = assignee.empty() ? Value{} : Value::array({Value::string(assignee)});
    std::vector<Member> members = asked_view(state.id, frame.id, frame.task, frame.approval->request);
    members.push_back({"workflow", workflow_view(state.workflow)});
    add_open(members, state, frame);
    members.push_back({"links", links_view(approval_links(key, state, frame), wanted)});
    all.push_back(Value::object(std::move(members)));
    return true;
  }));
  return Value::object({{"approvals", Value::array(std::move(all))}});
}

Result<Value> Service::Impl::approval(const Value& request) const {
  CAIRN_TRY(const auto token, required_text(request, "token"));
  CAIRN_TRY(const auto found, find(log(), token));
  return standing_view(log(), found);
}

Result<Value> Service::Impl::approve(const Value& request) {
  CAIRN_TRY(const auto token, required_text(request, "token"));
  CAIRN_TRY(const auto by, optional_text(request, "by"));
  CAIRN_TRY(const auto login, optional_text(request, "login"));
  const Value* approved = request.find("approved");
  if (approved == nullptr || !approved->is_bool()) {
    return make_error(ErrorCode::invalid_usage, "member 'approved' of the request must be true or false");
  }
  CAIRN_TRY(const auto found, find(log(), token));
  const std::string where = "run " + found.ticket.run.to_string();
  if (found.standing.state != ApprovalStanding::State::open) {
    return make_error(ErrorCode::conflict, closed_sentence(found.standing), where);
  }
  // The link says who answers: it was given to one of them.
  if (!found.assignee.empty() && !by.empty() && by != found.assignee) {
    return make_error(ErrorCode::conflict, "this token is " + found.assignee + "'s, and not " + by + "'s", where,
                      "Leave the name out, or use the token of who answers: cairn approvals");
  }
  AnswerApproval answer{found.ticket.approval, approved->as_bool(), request.get("answer"),
                        !found.assignee.empty() ? found.assignee
                        : by.empty()            ? login
                                                : by};
  CAIRN_TRY(engine.answer(found.ticket.run, answer));
  CAIRN_TRY(const auto now, find(log(), token));
  CAIRN_TRY(const auto view, standing_view(log(), now));
  CAIRN_TRY(const auto summary, log().summary(found.ticket.run));
  return view.with("active", Value::boolean(engine.hosts(found.ticket.run)))
      .with("runStatus", text(summary ? name_of(summary->status) : ""));
}

}  // namespace cairn
