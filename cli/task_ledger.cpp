#include "cli/task_ledger.h"

#include "cli/query.h"

#include <utility>

namespace cairn {
namespace {

Timestamp time_of(const Value& event) {
  const auto time = parse_timestamp(text_in(event, "time"));
  return time ? time.value() : Timestamp{};
}
/// What an extension does keeps the extension's name: "logging/before".
std::string last_name(const std::string& reference, const std::string& kind) {
  auto slash = reference.rfind('/');
  if (kind == "extension" && slash != std::string::npos && slash > 0) slash = reference.rfind('/', slash - 1);
  return reference.substr(slash + 1);
}

std::string label_below(const OpenTask* parent, const std::string& reference, const std::string& kind) {
  if (parent == nullptr) return last_name(reference, kind);
  std::string label = parent->label;
  if (parent->iteration) label += "[" + std::to_string(*parent->iteration) + "]";
  return label + " › " + last_name(reference, kind);
}

}  // namespace

const OpenTask* TaskLedger::find(std::uint64_t frame) const {
  const auto it = open_.find(frame);
  return it == open_.end() ? nullptr : &it->second;
}

std::optional<EndedTask> TaskLedger::end(std::uint64_t frame, const std::string& status, Timestamp at,
                                         const std::string& gist) {
  const auto it = open_.find(frame);
  if (it == open_.end()) return std::nullopt;
  EndedTask ended{std::move(it->second), status, 0, gist};
  open_.erase(it);
  ended.took_ms = at.ms - ended.task.started_at.ms;
  if (const auto parent = open_.find(ended.task.parent); parent != open_.end()) --parent->second.children;
  return ended;
}

std::optional<EndedTask> TaskLedger::add(const Value& event) {
  const std::string type = text_in(event, "type");
  const std::string gist = text_in(event, "gist");
  const Value data = event.get("data");
  const std::uint64_t frame = count_in(data, "frame");
  const Timestamp at = time_of(event);

  if (type == "TaskStarted" || type == "TaskSkipped") {
    OpenTask task;
    task.frame = count_in(event, "number");
    task.parent = count_in(data, "parent");
    task.reference = text_in(data, "task");
    task.kind = text_in(data, "kind");
    task.label = label_below(find(task.parent), task.reference, task.kind);
    task.started_at = at;
    if (type == "TaskSkipped") return EndedTask{std::move(task), "skipped", 0, gist};
    if (const auto parent = open_.find(task.parent); parent != open_.end()) ++parent->second.children;
    open_.emplace(task.frame, std::move(task));
    return std::nullopt;
  }
  if (type == "TaskCompleted") return end(frame, "completed", at, gist);
  if (type == "TaskFaulted") return end(frame, "faulted", at, gist);
  if (type == "TaskCancelled") return end(frame, "cancelled", at, gist);

  const auto it = open_.find(frame);
  if (it == open_.end()) return std::nullopt;
  OpenTask& task = it->second;
  if (type == "IterationStarted") task.iteration = count_in(data, "index");
  if (type == "AttemptStarted") {
    task.attempts = static_cast<std::uint32_t>(count_in(data, "attempt"));
    task.doing = gist;
  }
  if (type == "TimerStarted") {
    const std::string purpose = text_in(data, "purpose");
    if (purpose == "wait" || purpose == "retry") task.doing = gist;
  }
  if (type == "EffectScheduled" || type == "ChildStarted") task.doing = gist;
  return std::nullopt;
}

}  // namespace cairn
