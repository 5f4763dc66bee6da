#include "engine/runtime/lifecycle_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cairn {
namespace {

/// Frames that are no tasks: what an extension puts around one.
constexpr std::string_view k_no_task = "extension";

constexpr std::string_view k_workflow_started = "io.serverlessworkflow.workflow.started.v1";
constexpr std::string_view k_workflow_suspended = "io.serverlessworkflow.workflow.suspended.v1";
constexpr std::string_view k_workflow_resumed = "io.serverlessworkflow.workflow.resumed.v1";
constexpr std::string_view k_correlation_started = "io.serverlessworkflow.workflow.correlation-started.v1";
constexpr std::string_view k_correlation_completed = "io.serverlessworkflow.workflow.correlation-completed.v1";
constexpr std::string_view k_workflow_cancelled = "io.serverlessworkflow.workflow.cancelled.v1";
constexpr std::string_view k_workflow_faulted = "io.serverlessworkflow.workflow.faulted.v1";
constexpr std::string_view k_workflow_completed = "io.serverlessworkflow.workflow.completed.v1";
constexpr std::string_view k_workflow_status = "io.serverlessworkflow.workflow.status-changed.v1";
constexpr std::string_view k_task_created = "io.serverlessworkflow.task.created.v1";
constexpr std::string_view k_task_started = "io.serverlessworkflow.task.started.v1";
constexpr std::string_view k_task_suspended = "io.serverlessworkflow.task.suspended.v1";
constexpr std::string_view k_task_resumed = "io.serverlessworkflow.task.resumed.v1";
constexpr std::string_view k_task_retried = "io.serverlessworkflow.task.retried.v1";
constexpr std::string_view k_task_cancelled = "io.serverlessworkflow.task.cancelled.v1";
constexpr std::string_view k_task_faulted = "io.serverlessworkflow.task.faulted.v1";
constexpr std::string_view k_task_completed = "io.serverlessworkflow.task.completed.v1";
constexpr std::string_view k_task_status = "io.serverlessworkflow.task.status-changed.v1";

Value text(std::string_view words) { return Value::string(std::string(words)); }

Value object_of(const std::map<std::string, Value, std::less<>>& values) {
  std::vector<Member> members;
  for (const auto& [name, value] : values) members.push_back({name, value});
  return Value::object(std::move(members));
}

}  // namespace

std::string to_string(const LifecyclePosition& position) {
  if (position.part == LifecyclePosition::k_all) return fmt::format("{}", number_of(position.event));
  return fmt::format("{}.{}", number_of(position.event), position.part);
}

std::optional<LifecyclePosition> parse_lifecycle_position(std::string_view words) {
  LifecyclePosition position;
  std::uint64_t event = 0;
  const char* const end = words.data() + words.size();
  const auto [dot, wrong] = std::from_chars(words.data(), end, event);
  if (wrong != std::errc()) return std::nullopt;
  position.event = FeedPosition{event};
  if (dot == end) return position;
  if (event == 0) return std::nullopt;  // "0" is before the first
  const auto [rest, bad] = std::from_chars(dot + 1, end, position.part);
  if (*dot != '.' || bad != std::errc() || rest != end || position.part == LifecyclePosition::k_all)
    return std::nullopt;
  return position;
}

const std::vector<std::string_view>& lifecycle_types() {
  static const std::vector<std::string_view> types{
      k_workflow_started,   k_workflow_suspended, k_workflow_resumed,   k_correlation_started, k_correlation_completed,
      k_workflow_cancelled, k_workflow_faulted,   k_workflow_completed, k_workflow_status,     k_task_created,
      k_task_started,       k_task_suspended,     k_task_resumed,       k_task_retried,        k_task_cancelled,
      k_task_faulted,       k_task_completed,     k_task_status};
  return types;
}

bool is_status_change(std::string_view type) { return type == k_workflow_status || type == k_task_status; }

LifecycleTeller::LifecycleTeller(const RunState& state)
    : run_(state.id), workflow_(state.workflow), last_(state.last), ended_(state.ended()) {
  for (const auto& [id, frame] : state.frames) {
    if (frame.kind == k_no_task) continue;
    Task& task = tasks_[id];
    task.reference = frame.task;
    if (frame.listening) task.correlations = frame.listening->correlations;
  }
}

std::string LifecycleTeller::qualified_name() const {
  return workflow_.name + "-" + run_.to_string() + "." + workflow_.workflow_namespace;
}

/// One overload for each event that means something; keeps what later ones refer to.
struct LifecycleTeller::Telling {
  LifecycleTeller& teller;
  EventSeq number;
  FeedPosition position;
  Timestamp at;
  const Tell& tell;
  std::uint32_t part = 0;

  void say(std::string_view type, std::vector<Member> data) {
    ++part;
    const WorkflowIdentity& workflow = teller.workflow_;
    const std::string run = teller.run_.to_string();
    Value event = Value::object(
        {{"specversion", text("1.0")},
         {"id", Value::string(fmt::format("{}/{}.{}", run, number_of(number), part))},
         {"source", Value::string("/" + workflow.workflow_namespace + "/" + workflow.name + "/" + workflow.version)},
         {"type", text(type)},
         {"subject", Value::string(run)},
         {"time", Value::string(to_iso8601(at))},
         {"datacontenttype", text("application/json")},
         {"data", Value::object(std::move(data))}});
    tell({{position, part}, teller.run_, type, std::move(event)});
  }
  /// About the workflow; then its new status, if it has one.
  void workflow(std::string_view type, std::string_view when, std::string_view status, std::vector<Member> more = {}) {
    const auto data = [&](std::string_view time) {
      return std::vector<Member>{{"name", Value::string(teller.qualified_name())},
                                 {std::string(time), Value::string(to_iso8601(at))}};
    };
    auto members = data(when);
    std::ranges::move(more, std::back_inserter(members));
    say(type, std::move(members));
    members = data("updatedAt");
    members.push_back({"status", text(status)});
    say(k_workflow_status, std::move(members));
  }
  /// The same about a task; nothing about a frame that is none.
  void task(EventSeq frame, std::string_view type, std::string_view when, std::string_view status,
            std::vector<Member> more = {}) {
    const auto found = teller.tasks_.find(frame);
    if (found == teller.tasks_.end()) return;
    const auto data = [&](std::string_view time) {
      return std::vector<Member>{{"workflow", Value::string(teller.qualified_name())},
                                 {"task", Value::string(found->second.reference)},
                                 {std::string(time), Value::string(to_iso8601(at))}};
    };
    auto members = data(when);
    std::ranges::move(more, std::back_inserter(members));
    say(type, std::move(members));
    if (status.empty()) return;
    members = data("updatedAt");
    members.push_back({"status", text(status)});
    say(k_task_status, std::move(members));
  }
  void end_task(EventSeq frame, std::string_view type, std::string_view when, std::string_view status,
                std::vector<Member> more = {}) {
    task(frame, type, when, status, std::move(more));
    teller.tasks_.erase(frame);
  }

  void operator()(const RunStarted& e) {
    teller.workflow_ = e.workflow;
    workflow(k_workflow_started, "startedAt", "running",
             {{"definition", Value::object({{"name", Value::string(e.workflow.name)},
                                            {"namespace", Value::string(e.workflow.workflow_namespace)},
                                            {"version", Value::string(e.workflow.version)}})}});
  }
  void operator()(const RunSuspended&) {
    workflow(k_workflow_suspended, "suspendedAt", "suspended");
    for (const auto& [frame, open] : teller.tasks_) task(frame, k_task_suspended, "suspendedAt", "suspended");
  }
  void operator()(const RunContinued&) {
    workflow(k_workflow_resumed, "resumedAt", "running");
    for (const auto& [frame, open] : teller.tasks_) task(frame, k_task_resumed, "resumedAt", "running");
  }
  void operator()(const RunCompleted&) {
    workflow(k_workflow_completed, "completedAt", "completed");
    teller.ended_ = true;
  }
  void operator()(const RunFaulted& e) {
    workflow(k_workflow_faulted, "faultedAt", "faulted", {{"error", e.problem.to_value()}});
    teller.ended_ = true;
  }
  void operator()(const RunCancelled&) {
    workflow(k_workflow_cancelled, "cancelledAt", "cancelled");
    teller.ended_ = true;
  }
  void operator()(const TaskStarted& e) {
    if (e.kind == k_no_task) return;
    teller.tasks_[number].reference = e.task;
    task(number, k_task_created, "createdAt", "pending");
    task(number, k_task_started, "startedAt", "running");
  }
  void operator()(const TaskCompleted& e) { end_task(e.frame, k_task_completed, "completedAt", "completed"); }
  void operator()(const TaskFaulted& e) {
    end_task(e.frame, k_task_faulted, "faultedAt", "faulted", {{"error", e.problem.to_value()}});
  }
  void operator()(const TaskCancelled& e) { end_task(e.frame, k_task_cancelled, "cancelledAt", "cancelled"); }
  void operator()(const AttemptStarted& e) { task(e.frame, k_task_retried, "retriedAt", ""); }
  void operator()(const ListenStarted& e) {
    take_correlations(e.frame, e.correlations);
    workflow(k_correlation_started, "startedAt", "waiting");
  }
  void operator()(const EventConsumed& e) { take_correlations(e.frame, e.correlations); }
  void operator()(const ListenClosed& e) {
    std::vector<Member> more;
    if (const auto found = teller.tasks_.find(e.frame);
        found != teller.tasks_.end() && !found->second.correlations.empty()) {
      more.push_back({"correlationKeys", object_of(found->second.correlations)});
    }
    workflow(k_correlation_completed, "completedAt", "running", std::move(more));
  }
  /// What is no transition: loops, timers, effects, what a step leaves for the next.
  template <class Other>
  void operator()(const Other&) {}

  void take_correlations(EventSeq frame, const Value& correlations) {
    const auto found = teller.tasks_.find(frame);
    if (found == teller.tasks_.end() || !correlations.is_object()) return;
    for (const auto& [name, value] : correlations.as_object()) found->second.correlations.insert_or_assign(name, value);
  }
};

void LifecycleTeller::tell(EventSeq number, FeedPosition position, Timestamp at, const Event& event, const Tell& tell) {
  last_ = number;
  std::visit(Telling{*this, number, position, at, tell}, event);
}

}  // namespace cairn
