#include "engine/runtime/approvals.h"

#include "engine/runtime/approval_token.h"
#include "engine/runtime/history.h"
#include "engine/runtime/listeners.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

using State = ApprovalStanding::State;

/// What the events of its run say about one approval. One overload for each that matters.
struct Standing {
  EventSeq approval;
  EventSeq number;
  Timestamp time;
  ApprovalStanding& out;
  EventSeq& deadline;
  bool& found;

  void close(State state) const {
    if (out.closed_at) return;
    out.state = state;
    out.closed_at = time;
  }
  void operator()(const TaskStarted& e) const {
    if (number == approval) out.task = e.task;
  }
  void operator()(const ApprovalRequested& e) const {
    if (e.frame != approval) return;
    found = true;
    out.request = e.request;
    out.requested_at = time;
  }
  void operator()(const ApprovalAnswered& e) const {
    if (e.frame != approval) return;
    close(e.approved ? State::approved : State::rejected);
    out.by = e.by;
    out.answer = e.answer;
  }
  void operator()(const TimerStarted& e) const {
    if (e.frame == approval && e.purpose == TimerStarted::Purpose::approval_deadline) deadline = number;
  }
  void operator()(const TimerFired& e) const {
    if (deadline != k_no_event && e.timer == deadline) close(State::expired);
  }
  void operator()(const TaskCompleted& e) const { ended(e.frame); }
  void operator()(const TaskFaulted& e) const { ended(e.frame); }
  void operator()(const TaskCancelled& e) const { ended(e.frame); }
  void operator()(const RunCompleted&) const { close(State::withdrawn); }
  void operator()(const RunFaulted&) const { close(State::withdrawn); }
  void operator()(const RunCancelled&) const { close(State::withdrawn); }
  void ended(EventSeq frame) const {
    if (frame == approval) close(State::withdrawn);
  }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

std::vector<ApprovalLink> approval_links(const Hash256& key, const RunState& state, const Frame& approval) {
  std::vector<ApprovalLink> links;
  for (auto& name : asked_by(*approval.approval)) {
    const auto place = static_cast<std::uint16_t>(links.size());
    links.push_back({std::move(name), make_approval_token(key, {state.id, approval.id, place})});
  }
  if (links.empty()) {
    links.push_back({"", make_approval_token(key, {state.id, approval.id, ApprovalTicket::k_anybody})});
  }
  return links;
}

Value links_view(const std::vector<ApprovalLink>& links, const Value& only) {
  Array all;
  for (const auto& [assignee, token] : links) {
    const Value name = assignee.empty() ? Value{} : Value::string(assignee);
    const bool wanted =
        !only.is_array() || assignee.empty() || std::ranges::find(only.as_array(), name) != only.as_array().end();
    if (!wanted) continue;
    all.push_back(Value::object(
        {{"assignee", name}, {"token", Value::string(token)}, {"path", Value::string("/approvals/" + token)}}));
  }
  return Value::array(std::move(all));
}

Result<void> each_open_approval(const EventLog& log, const std::function<bool(const RunState&, const Frame&)>& visit) {
  std::vector<ShapeId> shapes;
  CAIRN_TRY(log.each_listen_shape([&](const ListenShape& shape) {
    if (shape.type == k_approval_listener) shapes.push_back(shape.id());
    return true;
  }));
  std::vector<Listener> rows;
  for (const auto& shape : shapes) {
    CAIRN_TRY(log.each_listener({shape, hash_of_key(""), RunId{}, EventSeq{}}, [&](const Listener& row, BusPosition) {
      rows.push_back(row);
      return true;
    }));
  }
  std::ranges::sort(rows, {}, [](const Listener& row) { return std::pair(row.run, row.frame); });
  std::optional<RunState> state;
  for (const auto& row : rows) {
    if (!state || state->id != row.run) {
      CAIRN_TRY(state, fold_run(log, row.run));
    }
    const Frame* frame = state->find_frame(row.frame);
    if (frame == nullptr || !is_open(*frame)) continue;  // closed since the rows were read
    if (!visit(*state, *frame)) break;
  }
  return success();
}

std::string_view name_of(State state) {
  switch (state) {
    case State::open: return "open";
    case State::approved: return "approved";
    case State::rejected: return "rejected";
    case State::expired: return "expired";
    case State::withdrawn: break;
  }
  return "withdrawn";
}

Result<ApprovalStanding> approval_standing(const EventLog& log, const RunId& run, EventSeq approval) {
  CAIRN_TRY(const auto summary, log.summary(run));
  if (!summary) return no_such_run(log, run);
  ApprovalStanding standing;
  EventSeq deadline = k_no_event;
  bool found = false;
  CAIRN_TRY(log.read(run, approval, [&](const Record& record) {
    EventSeq number = record.first;
    for (const auto& event : record.events) {
      if (number >= approval) {
        std::visit(Standing{approval, number, record.stimulus.now, standing, deadline, found}, event);
      }
      number = next_of(number);
    }
    return !standing.closed_at;
  }));
  if (!found) return make_error(ErrorCode::not_found, "there is no such approval", "run " + run.to_string());
  return standing;
}

std::string closed_sentence(const ApprovalStanding& standing) {
  const std::string at = standing.closed_at ? " at " + to_iso8601(*standing.closed_at) : std::string();
  const std::string who = standing.by.empty() ? "somebody" : standing.by;
  switch (standing.state) {
    case State::open: return "it is open";
    case State::approved: return "it is answered already: " + who + " approved it" + at;
    case State::rejected: return "it is answered already: " + who + " rejected it" + at;
    case State::expired: return "it is too late: the deadline passed" + at;
    case State::withdrawn: break;
  }
  return "there is nothing to answer any more: its task or its run was ended" + at;
}

}  // namespace cairn
