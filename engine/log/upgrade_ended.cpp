#include "engine/log/upgrade_ended.h"

#include "engine/log/record_codec.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "engine/machine/fault.h"

#include <map>
#include <string>

namespace cairn {
namespace {

constexpr int k_rows_a_batch = 1'000;

void put(rocksdb::WriteBatch& batch, const std::string& key, std::string_view body) {
  batch.Put(key, rows::seal(key, body));
}

/// The problem that a faulted run ended with; nothing when its records cannot be read, which is verify()'s affair.
Result<std::optional<RunFaulted>> fault_of(rocksdb::DB& db, const RunSummary& run) {
  const auto prefix = keys::records_of(run.id);
  const Range records(db, nullptr, prefix, keys::after(prefix));
  for (records->SeekForPrev(keys::record(run.id, EventSeq{run.length})); records->Valid(); records->Prev()) {
    const auto body = rows::unseal(records.key(), records.value());
    const auto row = body ? rows::parse_record(*body) : std::nullopt;
    if (!row) break;
    const auto record = decode_record(row->payload);
    if (!record) break;
    for (const auto& event : record.value().events) {
      if (const auto* fault = std::get_if<RunFaulted>(&event)) return std::optional(*fault);
    }
  }
  if (!records->status().ok()) return to_error(records->status(), run_place(run.id));
  return std::optional<RunFaulted>();
}

/// Whether another run waited for this one.
bool is_awaited(rocksdb::DB& db, const RunSummary& run) {
  if (run.parent.is_nil()) return false;
  const auto row = get_body(db, nullptr, keys::record(run.id, EventSeq{1}));
  const auto parsed = row && row.value() ? rows::parse_record(*row.value()) : std::nullopt;
  if (!parsed) return false;
  const auto record = decode_record(parsed->payload);
  const auto* started = record ? std::get_if<RunStarted>(record.value().events.data()) : nullptr;
  return started != nullptr && started->parent && started->parent->awaited;
}

/// Writes what a run adds to the indexes.
class IndexBuilder {
 public:
  explicit IndexBuilder(rocksdb::DB& db) : db_(db) {}

  Result<void> build() {
    for (const auto kind : {keys::k_ended_run, keys::k_ended_count, keys::k_fault}) {
      batch_.DeleteRange(kind_prefix(kind), keys::after(kind_prefix(kind)));
    }
    const ReadView snapshot(db_);
    const auto prefix = kind_prefix(keys::k_run);
    const Range lines(db_, snapshot.get(), prefix, keys::after(prefix));
    for (lines->SeekToFirst(); lines->Valid(); lines->Next()) {
      const auto id = keys::parse_run(lines.key());
      const auto body = rows::unseal(lines.key(), lines.value());
      auto run = id && body ? rows::parse_summary(*id, *body) : std::nullopt;
      if (!run) continue;  // damage: verify() names it
      CAIRN_TRY(add(*run));
      if (batch_.Count() < k_rows_a_batch) continue;
      CAIRN_TRY(write());
    }
    if (!lines->status().ok()) return to_error(lines->status(), "run index");
    for (const auto& [digest, workflow] : counts_) put(batch_, keys::ended_count(digest), rows::encode_ended(workflow));
    return write();
  }

 private:
  Result<void> add(RunSummary& run) {
    if (!run.open) {
      const auto digest = keys::workflow_digest(run.workflow.workflow_namespace, run.workflow.name);
      put(batch_, keys::ended_run(digest, run.ended_at.value_or(run.updated_at), run.id), {});
      auto& counted = counts_[digest];
      counted.workflow_namespace = run.workflow.workflow_namespace;
      counted.name = run.workflow.name;
      ++counted.runs;
    }
    if (run.status != RunStatus::faulted || !run.ended_at || is_awaited(db_, run)) return success();
    CAIRN_TRY(const auto fault, fault_of(db_, run));
    if (!fault) return success();
    run.fault_cause = fault_cause(run.workflow, fault->problem);
    put(batch_, keys::run(run.id), rows::encode_summary(run));
    put(batch_, keys::fault(run.fault_cause, *run.ended_at, run.id), rows::encode_run_id(RunId{}));
    return success();
  }

  Result<void> write() {
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const auto status = db_.Write(durable, &batch_);
    batch_.Clear();
    if (!status.ok()) return to_error(status, "upgrade of the store");
    return success();
  }

  rocksdb::DB& db_;
  rocksdb::WriteBatch batch_;
  std::map<std::string, EndedWorkflow> counts_;
};

}  // namespace

Result<void> index_ended_runs(rocksdb::DB& db) { return IndexBuilder(db).build(); }

}  // namespace cairn
