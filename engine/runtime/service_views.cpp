#include "engine/runtime/service_views.h"

#include "engine/machine/approval.h"
#include "engine/runtime/brief.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

Value text(std::string_view words) { return Value::string(std::string(words)); }
Value run_or_null(const RunId& run) { return run.is_nil() ? Value{} : Value::string(run.to_string()); }
Value time_or_null(const std::optional<Timestamp>& time) { return time ? Value::string(to_iso8601(*time)) : Value{}; }

std::uint64_t count_of(const std::vector<TaskView>& tasks) {
  std::uint64_t count = tasks.size();
  for (const auto& task : tasks) count += count_of(task.children);
  return count;
}

Value tasks_at(const std::vector<TaskView>& tasks, std::size_t depth, std::uint64_t& left_out) {
  if (depth == k_shown_depth) {
    left_out += count_of(tasks);
    return Value::array({});
  }
  Array items;
  for (const auto& task : tasks) {
    std::vector<Member> members{{"name", text(task.name)},
                                {"reference", text(task.reference)},
                                {"kind", text(task.kind)},
                                {"status", text(task.status)},
                                {"startedAt", Value::string(to_iso8601(task.started_at))},
                                {"endedAt", time_or_null(task.ended_at)},
                                {"attempts", Value::unsigned_integer(task.attempts)}};
    if (task.iteration) members.push_back({"iteration", Value::unsigned_integer(*task.iteration)});
    if (task.problem) members.push_back({"error", task.problem->to_value()});
    members.push_back({"tasks", tasks_at(task.children, depth + 1, left_out)});
    items.push_back(Value::object(std::move(members)));
  }
  return Value::array(std::move(items));
}

std::string timer_sentence(const RunState& state, const PendingTimer& timer) {
  const Frame* frame = state.find_frame(timer.frame);
  const std::string task = frame == nullptr ? std::string() : " " + frame->task;
  const std::string due = " until " + to_iso8601(timer.due);
  if (timer.purpose == TimerStarted::Purpose::wait) return "timer" + task + due;
  const std::uint32_t attempt = frame == nullptr ? 2 : frame->attempt + 1;
  std::string sentence = fmt::format("attempt {} of{}{}", attempt, task, due);
  if (frame != nullptr && frame->caught) sentence += ", after " + brief_problem(*frame->caught);
  return sentence;
}

}  // namespace

Value summary_view(const RunSummary& summary, bool active) {
  return Value::object({{"id", Value::string(summary.id.to_string())},
                        {"status", text(name_of(summary.status))},
                        {"workflow", Value::object({{"namespace", text(summary.workflow.workflow_namespace)},
                                                    {"name", text(summary.workflow.name)},
                                                    {"version", text(summary.workflow.version)}})},
                        {"priority", Value::unsigned_integer(summary.priority)},
                        {"key", text(summary.key)},
                        {"parent", run_or_null(summary.parent)},
                        {"retryOf", run_or_null(summary.retry_of)},
                        {"retriedBy", run_or_null(summary.retried_by)},
                        {"startedAt", Value::string(to_iso8601(summary.started_at))},
                        {"updatedAt", Value::string(to_iso8601(summary.updated_at))},
                        {"endedAt", time_or_null(summary.ended_at)},
                        {"events", Value::unsigned_integer(summary.length)},
                        {"active", Value::boolean(active)}});
}

Value run_view(const RunSummary& summary, const RunState& state, bool active) {
  std::vector<Member> members;
  const Value line = summary_view(summary, active);
  for (const auto& member : line.as_object()) members.push_back(member);
  members.push_back({"input", state.input});
  if (!state.metadata.is_null()) members.push_back({"metadata", state.metadata});
  members.push_back({"output", state.ending == Ending::completed ? state.output : Value{}});
  members.push_back({"error", state.problem ? state.problem->to_value() : Value{}});
  members.push_back({"faultHandler", run_or_null(state.fault_handler)});
  members.push_back({"cancelReason", state.ending == Ending::cancelled ? text(state.cancel_reason) : Value{}});
  return Value::object(std::move(members));
}

Value tasks_view(const std::vector<TaskView>& tasks, std::uint64_t& left_out) { return tasks_at(tasks, 0, left_out); }

Value event_view(const EventLine& line) {
  return Value::object({{"number", Value::unsigned_integer(number_of(line.number))},
                        {"time", Value::string(to_iso8601(line.time))},
                        {"type", text(line.type)},
                        {"task", text(line.task)},
                        {"gist", text(line.gist)},
                        {"data", line.data}});
}

Value position_view(const RunState& state) {
  Array open;
  for (const auto& [id, frame] : state.frames) {
    std::vector<Member> members{{"reference", text(frame.task)},
                                {"kind", text(frame.kind)},
                                {"since", Value::string(to_iso8601(frame.started_at))},
                                {"event", Value::unsigned_integer(number_of(id))},
                                {"input", frame.input}};
    if (frame.index) members.push_back({"iteration", Value::unsigned_integer(*frame.index)});
    if (frame.attempt > 1) members.push_back({"attempt", Value::unsigned_integer(frame.attempt)});
    if (frame.branch) members.push_back({"branch", Value::unsigned_integer(*frame.branch)});
    open.push_back(Value::object(std::move(members)));
  }
  return Value::array(std::move(open));
}

Result<Value> waiting_view(const EventLog& log, const RunState& state) {
  Array sentences;
  const auto say = [&sentences](std::string sentence) { sentences.push_back(Value::string(std::move(sentence))); };
  if (state.suspended_at) say("operator: suspended since " + to_iso8601(*state.suspended_at));
  for (const auto& [id, timer] : state.timers) {
    if (timer.purpose == TimerStarted::Purpose::wait || timer.purpose == TimerStarted::Purpose::retry) {
      say(timer_sentence(state, timer));
    }
  }
  for (const auto& [id, frame] : state.frames) {
    if (!is_open(frame)) continue;
    std::string whom;
    for (const auto& name : asked_by(*frame.approval)) whom += (whom.empty() ? " by " : " or ") + name;
    const auto deadline = deadline_of(state, id);
    say("approval " + frame.task + whom + (deadline ? " until " + to_iso8601(*deadline) : std::string()) +
        "; see cairn approvals " + state.id.to_string());
  }
  for (const auto& [id, effect] : state.effects) {
    say(fmt::format("{} {} since {}{}", effect.connector, effect.task, to_iso8601(effect.scheduled_at),
                    effect.frame == k_no_event ? ", not awaited" : ""));
  }
  for (const auto& [child, pending] : state.children) {
    CAIRN_TRY(const auto summary, log.summary(child));
    const std::string name =
        summary ? summary->workflow.workflow_namespace + "/" + summary->workflow.name + " " : std::string();
    say(fmt::format("workflow {}run {} for {}", name, child.to_string(), pending.task));
  }
  return Value::array(std::move(sentences));
}

Value report_view(const VerifyReport& report) {
  Array damage;
  for (const auto& finding : report.damage) {
    damage.push_back(
        Value::object({{"where", Value::string(finding.where)}, {"message", Value::string(finding.message)}}));
  }
  return Value::object({{"runs", Value::unsigned_integer(report.runs)},
                        {"records", Value::unsigned_integer(report.records)},
                        {"events", Value::unsigned_integer(report.events)},
                        {"definitions", Value::unsigned_integer(report.definitions)},
                        {"removed", Value::unsigned_integer(report.removed)},
                        {"damage", Value::array(std::move(damage))}});
}

}  // namespace cairn
