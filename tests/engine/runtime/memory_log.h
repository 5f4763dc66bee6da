#pragma once
// An EventLog in memory: what tests of the layers above need, and records that a test may falsify.

#include "engine/log/event_log.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cairn::tests {

class MemoryLog final : public EventLog {
 public:
  std::map<RunId, std::vector<Record>> records;
  std::map<RunId, RunSummary> summaries;
  std::map<RunId, Removal> removed;
  std::map<RunId, std::map<EventSeq, Value>> snapshots;
  std::map<Hash256, StoredDefinition> definitions;
  std::set<DueTimer> timers;
  std::vector<BusEvent> published;  ///< kept ones
  BusEnds bus_ends;
  std::map<ShapeId, ListenShape> shapes;
  std::map<Listener, BusPosition> listeners;
  std::map<std::pair<std::string, std::string>, ScheduleRow> schedules;
  std::map<std::tuple<std::string, std::string, BusPosition>, ScheduleRow> gathered;  ///< their events
  std::vector<FeedRecord> order;                                                      ///< removed ones, too
  std::map<std::string, Value> sinks;
  std::size_t sink_writes = 0;
  VerifyReport report;

  Result<LogPosition> append(const AppendBatch& batch) override {
    for (const auto& definition : batch.definitions) definitions[definition.hash] = definition;
    for (const auto& append : batch.records) {
      records[append.run].push_back(*append.record);
      const std::uint64_t first = order.empty() ? 1 : number_of(order.back().last()) + 1;
      order.push_back({FeedPosition{first}, append.run, append.record->first,
                       static_cast<std::uint32_t>(append.record->events.size())});
      const RunId retried_by = summaries[append.run].retried_by;
      summaries[append.run] = append.summary;
      summaries[append.run].retried_by = retried_by;
      if (const auto retried = summaries.find(append.summary.retry_of); retried != summaries.end()) {
        retried->second.retried_by = append.run;
      }
      if (append.snapshot) snapshots[append.run] = {{EventSeq{append.summary.length}, *append.snapshot}};
      for (const auto& timer : append.timers_cleared) timers.erase(timer);
      timers.insert(append.timers_set.begin(), append.timers_set.end());
      for (const auto& gone : append.unlistens) listeners.erase(gone);
      for (const auto& listen : append.listens) {
        shapes[listen.listener.shape] = listen.shape;
        listeners[listen.listener] = listen.from;
      }
    }
    append_bus(batch);
    for (const auto& row : batch.schedules) {
      const auto name = std::pair(row.workflow_namespace, row.name);
      const auto event = std::tuple(row.workflow_namespace, row.name, row.event);
      if (number_of(row.event) > 0) {
        gathered.erase(event);
        if (!row.state.is_null()) gathered.emplace(event, row);
      } else if (row.state.is_null()) {
        schedules.erase(name);
      } else {
        schedules.insert_or_assign(name, row);
      }
    }
    for (const auto& row : batch.sinks) {
      ++sink_writes;
      if (row.state.is_null()) {
        sinks.erase(row.name);
      } else {
        sinks.insert_or_assign(row.name, row.state);
      }
    }
    for (const auto& item : batch.forget) {
      const auto gone = summaries.find(item.run);
      if (gone == summaries.end() || gone->second.open) continue;
      const RunSummary& run = gone->second;
      removed[item.run] = {item.run, run.workflow, run.status, run.started_at, run.ended_at.value_or(Timestamp{}),
                           item.at,  item.why,     run.length, run.records,    run.head,
                           {},       {},           {}};
      records.erase(item.run);
      snapshots.erase(item.run);
      summaries.erase(gone);
    }
    return LogPosition{};
  }
  Result<std::vector<Removal>> removals(std::string_view prefix, std::size_t limit) const override {
    std::vector<Removal> found;
    for (const auto& [run, removal] : removed) {
      if (run.to_string().starts_with(prefix) && found.size() < limit) found.push_back(removal);
    }
    return found;
  }

  Result<void> read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const override {
    const auto it = records.find(run);
    if (it == records.end()) return make_error(ErrorCode::not_found, "no such run");
    // A copy: what is visited may append.
    for (const auto all = it->second; const auto& record : all) {
      if (number_of(record.first) + record.events.size() <= number_of(from)) continue;
      if (!visit(record)) break;
    }
    return success();
  }

  Result<std::optional<Snapshot>> snapshot(const RunId& run, EventSeq at) const override {
    const auto it = snapshots.find(run);
    if (it == snapshots.end()) return std::optional<Snapshot>();
    auto found = it->second.upper_bound(at);
    if (found == it->second.begin()) return std::optional<Snapshot>();
    --found;
    return std::optional(Snapshot{found->first, found->second});
  }

  Result<std::optional<RunSummary>> summary(const RunId& run) const override {
    const auto it = summaries.find(run);
    return it == summaries.end() ? std::optional<RunSummary>() : std::optional(it->second);
  }
  Result<void> each_run(const std::function<bool(const RunSummary&)>& visit) const override {
    for (auto it = summaries.rbegin(); it != summaries.rend(); ++it) {
      if (!visit(it->second)) break;
    }
    return success();
  }
  Result<void> each_open_run(const std::function<bool(const RunSummary&)>& visit) const override {
    for (const auto& [run, summary] : summaries) {
      if (summary.open && !visit(summary)) break;
    }
    return success();
  }
  Result<void> each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const override {
    for (auto at = summaries.upper_bound(after); at != summaries.end(); ++at) {
      if (at->second.active && !visit(at->first)) break;
    }
    return success();
  }
  Result<void> each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const override {
    for (auto at = timers.upper_bound(after); at != timers.end() && visit(*at); ++at) {
    }
    return success();
  }
  Result<std::vector<RunId>> runs_with_prefix(std::string_view prefix, std::size_t limit) const override {
    const auto plain = [](std::string text) {
      std::erase(text, '-');
      return text;
    };
    std::vector<RunId> found;
    for (auto it = summaries.rbegin(); it != summaries.rend() && found.size() < limit; ++it) {
      if (plain(it->first.to_string()).starts_with(plain(std::string(prefix)))) found.push_back(it->first);
    }
    return found;
  }
  Result<std::optional<RunId>> run_of_key(const WorkflowIdentity& workflow, std::string_view key) const override {
    for (const auto& [run, summary] : summaries) {
      if (summary.workflow.name == workflow.name && summary.key == key) return std::optional(run);
    }
    return std::optional<RunId>();
  }
  Result<Hash256> approval_key() const override { return sha256("the key of a test"); }
  Result<BusEnds> bus() const override { return bus_ends; }
  Result<void> each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const override {
    for (const auto all = published; const auto& event : all) {
      if (event.position > after && !visit(event)) break;
    }
    return success();
  }
  Result<std::optional<BusPosition>> bus_position(std::string_view source, std::string_view id) const override {
    for (const auto& one : published) {
      if (one.event.get("source").as_string() == source && one.event.get("id").as_string() == id)
        return std::optional(one.position);
    }
    return std::optional<BusPosition>();
  }
  Result<void> each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const override {
    for (const auto& [id, shape] : shapes) {
      if (!visit(shape)) break;
    }
    return success();
  }
  Result<void> each_listener(const Listener& after,
                             const std::function<bool(const Listener&, BusPosition from)>& visit) const override {
    for (auto at = listeners.upper_bound(after); at != listeners.end(); ++at) {
      if (at->first.shape != after.shape || at->first.key != after.key || !visit(at->first, at->second)) break;
    }
    return success();
  }
  Result<std::optional<StoredDefinition>> definition(const Hash256& hash) const override {
    const auto it = definitions.find(hash);
    return it == definitions.end() ? std::optional<StoredDefinition>() : std::optional(it->second);
  }
  Result<std::optional<StoredDefinition>> find_definition(const WorkflowIdentity& workflow) const override {
    for (const auto& [hash, stored] : definitions) {
      const bool same =
          stored.workflow.workflow_namespace == workflow.workflow_namespace && stored.workflow.name == workflow.name;
      if (same && (workflow.version == "latest" || stored.workflow.version == workflow.version))
        return std::optional(stored);
    }
    return std::optional<StoredDefinition>();
  }
  Result<void> each_schedule(const std::function<bool(const ScheduleRow&)>& visit) const override {
    for (const auto& [name, row] : schedules) {
      if (!visit(row)) return success();
    }
    for (const auto& [event, row] : gathered) {
      if (!visit(row)) break;
    }
    return success();
  }
  Result<void> each_sink(const std::function<bool(const SinkRow&)>& visit) const override {
    for (const auto& [name, state] : sinks) {
      if (!visit({name, state})) break;
    }
    return success();
  }
  Result<FeedEnds> feed() const override {
    if (order.empty()) return FeedEnds{};
    return FeedEnds{order.front().first, order.back().last()};
  }
  Result<void> each_feed_record(FeedPosition after,
                                const std::function<bool(const FeedRecord&)>& visit) const override {
    for (const auto all = order; const auto& record : all) {
      if (record.last() > after && !visit(record)) break;
    }
    return success();
  }
  Result<VerifyReport> verify(const std::function<void(std::uint64_t)>& progress) const override {
    if (progress) progress(50'000);
    return report;
  }
  Result<VerifyReport> back_up(const std::string& directory, const CopyProgress& progress) const override {
    if (directory.empty()) return make_error(ErrorCode::conflict, "there is a log already", directory);
    if (progress && !progress(std::uint64_t{32} << 20, std::uint64_t{64} << 20))
      return make_error(ErrorCode::unavailable, "");
    return report;
  }

 private:
  void append_bus(const AppendBatch& batch) {
    for (const auto& event : batch.published) {
      published.push_back(event);
      bus_ends.head = event.position;
    }
    while (!published.empty() && bus_ends.first <= std::min(batch.unpublish, bus_ends.matched)) {
      published.erase(published.begin());
      bus_ends.first = next_of(bus_ends.first);
    }
    if (batch.matched) bus_ends.matched = *batch.matched;
  }
};

}  // namespace cairn::tests
