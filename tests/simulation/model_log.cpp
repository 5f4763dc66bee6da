#include "tests/simulation/model_log.h"

#include <algorithm>

namespace cairn::simulation {

Result<void> ModelLog::check(const AppendBatch& batch) const {
  BusPosition head = bus_.head;
  for (const auto& event : batch.published) {
    if (event.position != next_of(head))
      return make_error(ErrorCode::invalid_usage, "an event that does not follow the last one");
    head = event.position;
  }
  std::map<RunId, std::uint64_t> lengths;
  for (const auto& append : batch.records) {
    const auto known = runs_.find(append.run);
    const std::uint64_t stored = known == runs_.end() ? 0 : known->second.summary.length;
    std::uint64_t& length = lengths.try_emplace(append.run, stored).first->second;
    if (append.record->events.empty() || number_of(append.record->first) != length + 1) {
      return make_error(ErrorCode::invalid_usage, "a record that does not follow the last one",
                        "run " + append.run.to_string());
    }
    length += append.record->events.size();
    const auto* started = std::get_if<RunStarted>(&append.record->events.front());
    if (started == nullptr || started->key.empty()) continue;
    const auto holder = keys_.find({started->workflow.to_string(), started->key});
    if (holder != keys_.end() && holder->second != append.run) {
      return make_error(ErrorCode::conflict, "its key is another run's", "run " + append.run.to_string());
    }
  }
  return success();
}

void ModelLog::take(const AppendBatch& batch) {
  take_bus(batch);
  for (const auto& definition : batch.definitions) {
    definitions_[definition.hash] = definition;
    newest_[definition.workflow] = definition.hash;
  }
  for (const auto& append : batch.records) {
    Run& run = runs_[append.run];
    run.records.push_back(*append.record);
    run.summary = append.summary;
    run.summary.length = number_of(append.record->first) + append.record->events.size() - 1;
    run.summary.records = run.records.size();
    if (append.snapshot) run.snapshots = {{EventSeq{run.summary.length}, *append.snapshot}};
    for (const auto& timer : append.timers_cleared) timers_.erase(timer);
    timers_.insert(append.timers_set.begin(), append.timers_set.end());
    if (const auto* started = std::get_if<RunStarted>(&append.record->events.front());
        started != nullptr && !started->key.empty()) {
      keys_[{started->workflow.to_string(), started->key}] = append.run;
    }
  }
}

Result<LogPosition> ModelLog::append(const AppendBatch& batch) {
  if (failing_ == Failing::refused) return make_error(ErrorCode::unavailable, "an earlier write failed");
  if (full_) return make_error(ErrorCode::disk_full, "there is no room");
  CAIRN_TRY(check(batch));
  if (failing_ != Failing::lost) take(batch);
  if (failing_ == Failing::no) return LogPosition{};
  failing_ = Failing::refused;
  return make_error(ErrorCode::io, "the disk said no");
}

Result<void> ModelLog::read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const {
  const auto it = runs_.find(run);
  if (it == runs_.end()) return make_error(ErrorCode::not_found, "there is no such run", "run " + run.to_string());
  const auto& records = it->second.records;
  auto first = std::ranges::upper_bound(records, from, {}, &Record::first);
  if (first != records.begin()) --first;
  for (auto i = static_cast<std::size_t>(first - records.begin()); i < records.size(); ++i) {
    if (!visit(records[i])) break;
  }
  return success();
}

Result<std::optional<EventLog::Snapshot>> ModelLog::snapshot(const RunId& run, EventSeq at) const {
  const auto it = runs_.find(run);
  if (it == runs_.end()) return std::optional<Snapshot>();
  auto found = it->second.snapshots.upper_bound(at);
  if (found == it->second.snapshots.begin()) return std::optional<Snapshot>();
  --found;
  return std::optional(Snapshot{found->first, found->second});
}

Result<std::optional<RunSummary>> ModelLog::summary(const RunId& run) const {
  const auto it = runs_.find(run);
  return it == runs_.end() ? std::optional<RunSummary>() : std::optional(it->second.summary);
}

Result<void> ModelLog::each_run(const std::function<bool(const RunSummary&)>& visit) const {
  for (auto it = runs_.rbegin(); it != runs_.rend(); ++it) {
    if (!visit(it->second.summary)) break;
  }
  return success();
}

Result<void> ModelLog::each_open_run(const std::function<bool(const RunSummary&)>& visit) const {
  for (const auto& [id, run] : runs_) {
    if (run.summary.open && !visit(run.summary)) break;
  }
  return success();
}

Result<void> ModelLog::each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const {
  for (auto it = runs_.upper_bound(after); it != runs_.end(); ++it) {
    if (it->second.summary.active && !visit(it->first)) break;
  }
  return success();
}

Result<void> ModelLog::each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const {
  for (auto it = timers_.upper_bound(after); it != timers_.end() && visit(*it); ++it) {
  }
  return success();
}

Result<std::vector<RunId>> ModelLog::runs_with_prefix(std::string_view prefix, std::size_t limit) const {
  std::vector<RunId> found;
  for (auto it = runs_.rbegin(); it != runs_.rend() && found.size() < limit; ++it) {
    if (it->first.to_string().starts_with(prefix)) found.push_back(it->first);
  }
  return found;
}

Result<std::optional<RunId>> ModelLog::run_of_key(const WorkflowIdentity& workflow, std::string_view key) const {
  const auto it = keys_.find({workflow.to_string(), std::string(key)});
  return it == keys_.end() ? std::optional<RunId>() : std::optional(it->second);
}

Result<std::optional<StoredDefinition>> ModelLog::definition(const Hash256& hash) const {
  const auto it = definitions_.find(hash);
  return it == definitions_.end() ? std::optional<StoredDefinition>() : std::optional(it->second);
}

Result<std::optional<StoredDefinition>> ModelLog::find_definition(const WorkflowIdentity& workflow) const {
  // The versions of a simulated world have one digit each: the last in order is the highest.
  std::optional<StoredDefinition> found;
  for (const auto& [identity, hash] : newest_) {
    const bool is_same = identity.workflow_namespace == workflow.workflow_namespace && identity.name == workflow.name;
    if (is_same && (workflow.version == "latest" || identity.version == workflow.version)) {
      found = definitions_.at(hash);
    }
  }
  return found;
}

Result<VerifyReport> ModelLog::verify(const std::function<void(std::uint64_t)>& progress) const {
  VerifyReport report;
  report.runs = runs_.size();
  if (progress) progress(report.runs);
  return report;
}

Result<VerifyReport> ModelLog::back_up(const std::string& directory, const CopyProgress& /*progress*/) const {
  return make_error(ErrorCode::unsupported, "a model has no files to copy", directory);
}

}  // namespace cairn::simulation
