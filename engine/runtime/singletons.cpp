#include "engine/runtime/singletons.h"

namespace cairn {

std::optional<std::string> Singletons::key_of(const Machine& machine, const StartRun& start, Timestamp now) {
  const Decision decision = machine.decide(RunState{}, Stimulus{start, now, 0});
  if (decision.events.empty()) return std::nullopt;
  const auto* started = std::get_if<RunStarted>(&decision.events.front());
  return started == nullptr ? std::nullopt : singleton_key_of(started->limit_keys);
}

Result<void> Singletons::load(const EventLog& log) {
  if (loaded_) return success();
  CAIRN_TRY(log.each_open_run([this](const RunSummary& run) {
    if (run.singleton_key && !run.ended_at) begun(run.workflow, *run.singleton_key, run.id);
    return true;
  }));
  loaded_ = true;
  return success();
}

std::optional<RunId> Singletons::open_run(const WorkflowIdentity& workflow, const std::string& key) const {
  const auto it = open_.find(name_of(workflow, key));
  return it == open_.end() ? std::nullopt : std::optional(it->second);
}

void Singletons::begun(const WorkflowIdentity& workflow, const std::string& key, const RunId& run) {
  open_[name_of(workflow, key)] = run;
}

void Singletons::ended(const RunState& run) {
  const auto key = singleton_key_of(run.limit_keys);
  if (!key) return;
  const auto it = open_.find(name_of(run.workflow, *key));
  if (it != open_.end() && it->second == run.id) open_.erase(it);
}

}  // namespace cairn
