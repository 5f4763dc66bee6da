#pragma once
// ModelLog: what an EventLog is, in memory and without surprise. Everything in it is durable; what is on its way to it is
// the committer's (pipeline.h). A batch that breaks append()'s contract is refused, as the real log does.

#include "engine/log/event_log.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn::simulation {

class ModelLog final : public EventLog {
 public:
  /// The next append fails; `kept`: and is there all the same. Afterwards every append is refused until reopen().
  void fail_next(bool kept) { failing_ = kept ? Failing::kept : Failing::lost; }
  void reopen() { failing_ = Failing::no; }
  /// Nothing is appended for now (disk_full).
  void set_full(bool full) { full_ = full; }

  Result<LogPosition> append(const AppendBatch& batch) override;
  Result<void> read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const override;
  Result<std::optional<Snapshot>> snapshot(const RunId& run, EventSeq at) const override;
  Result<std::optional<RunSummary>> summary(const RunId& run) const override;
  Result<void> each_run(const std::function<bool(const RunSummary&)>& visit) const override;
  Result<void> each_open_run(const std::function<bool(const RunSummary&)>& visit) const override;
  Result<void> each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const override;
  Result<void> each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const override;
  Result<std::vector<RunId>> runs_with_prefix(std::string_view prefix, std::size_t limit) const override;
  Result<std::optional<RunId>> run_of_key(const WorkflowIdentity& workflow, std::string_view key) const override;
  Result<Hash256> approval_key() const override { return sha256("the key of a test"); }
  Result<BusEnds> bus() const override { return bus_; }
  Result<void> each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const override;
  Result<std::optional<BusPosition>> bus_position(std::string_view source, std::string_view id) const override;
  Result<void> each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const override;
  Result<void> each_listener(const Listener& after,
                             const std::function<bool(const Listener&, BusPosition)>& visit) const override;
  Result<std::optional<StoredDefinition>> definition(const Hash256& hash) const override;
  Result<std::optional<StoredDefinition>> find_definition(const WorkflowIdentity& workflow) const override;
  Result<VerifyReport> verify(const std::function<void(std::uint64_t records_done)>& progress) const override;
  Result<VerifyReport> back_up(const std::string& directory, const CopyProgress& progress) const override;

 private:
  enum class Failing : std::uint8_t { no, lost, kept, refused };
  struct Run {
    std::vector<Record> records;
    RunSummary summary;
    std::map<EventSeq, Value> snapshots;
  };
  [[nodiscard]] Result<void> check(const AppendBatch& batch) const;
  void take(const AppendBatch& batch);
  void take_bus(const AppendBatch& batch);

  Failing failing_ = Failing::no;
  bool full_ = false;
  std::map<RunId, Run> runs_;
  std::set<DueTimer> timers_;
  BusEnds bus_;
  std::map<BusPosition, BusEvent> published_;
  std::map<std::pair<std::string, std::string>, BusPosition> event_ids_;  ///< by source and id
  std::map<ShapeId, ListenShape> shapes_;
  std::map<Listener, BusPosition> listeners_;
  std::map<std::pair<std::string, std::string>, RunId> keys_;  ///< by identity and key
  std::map<Hash256, StoredDefinition> definitions_;
  std::map<WorkflowIdentity, Hash256> newest_;
};

}  // namespace cairn::simulation
