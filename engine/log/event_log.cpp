// What an EventLog without indexes of its own answers: by looking at every run.

#include "engine/log/event_log.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace cairn {

Result<void> EventLog::each_run_before(const RunId& run, const std::function<bool(const RunSummary&)>& visit) const {
  return each_run([&](const RunSummary& summary) { return !(summary.id < run) || visit(summary); });
}

Result<void> EventLog::each_fault(std::optional<std::uint64_t> cause,
                                  const std::function<bool(const FaultLine&)>& visit) const {
  std::vector<FaultLine> all;
  CAIRN_TRY(each_run([&](const RunSummary& run) {
    if (run.fault_cause != 0 && (!cause || run.fault_cause == *cause)) {
      all.push_back({run.fault_cause, run.ended_at.value_or(Timestamp{}), run.id, run.retried_by});
    }
    return true;
  }));
  std::ranges::sort(all, {}, [](const FaultLine& line) { return std::tuple(line.cause, line.at, line.run); });
  for (const auto& line : all) {
    if (!visit(line)) break;
  }
  return success();
}

Result<void> EventLog::each_schedule(const std::function<bool(const ScheduleRow&)>& /*visit*/) const {
  return success();
}

Result<void> EventLog::each_sink(const std::function<bool(const SinkRow&)>& /*visit*/) const { return success(); }

Result<FeedEnds> EventLog::feed() const { return FeedEnds{}; }

Result<void> EventLog::each_feed_record(FeedPosition /*after*/,
                                        const std::function<bool(const FeedRecord&)>& /*visit*/) const {
  return success();
}

Result<void> EventLog::each_ended_workflow(const std::function<bool(const EndedWorkflow&)>& visit) const {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  CAIRN_TRY(each_run([&](const RunSummary& run) {
    if (!run.open) ++counts[{run.workflow.workflow_namespace, run.workflow.name}];
    return true;
  }));
  for (const auto& [workflow, runs] : counts) {
    if (!visit({workflow.first, workflow.second, runs})) break;
  }
  return success();
}

Result<void> EventLog::each_ended_run(std::string_view workflow_namespace, std::string_view name,
                                      const std::optional<EndedLine>& after,
                                      const std::function<bool(const EndedLine&)>& visit) const {
  std::vector<EndedLine> all;
  CAIRN_TRY(each_run([&](const RunSummary& run) {
    if (run.open || run.workflow.workflow_namespace != workflow_namespace || run.workflow.name != name) return true;
    const EndedLine line{run.ended_at.value_or(Timestamp{}), run.id};
    if (!after || line > *after) all.push_back(line);
    return true;
  }));
  std::ranges::sort(all);
  for (const auto& line : all) {
    if (!visit(line)) break;
  }
  return success();
}

Result<std::vector<Removal>> EventLog::removals(std::string_view, std::size_t) const { return std::vector<Removal>(); }
Result<GivenBack> EventLog::give_back(std::atomic<bool>&) { return GivenBack{}; }

}  // namespace cairn
