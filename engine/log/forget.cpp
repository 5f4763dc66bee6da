// BatchWriter: runs that retention removes. All that was theirs goes in the batch; a tombstone stays, and the partition's chain
// holds its hash, so that neither a run that vanished without one nor a changed one goes unseen.

#include "engine/log/batch_writer.h"
#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"

#include <rocksdb/db.h>

#include <memory>
#include <tuple>

namespace cairn {
namespace {

/// Rows that are deleted one by one; more are deleted as a range, which costs every later reader a little.
constexpr std::uint64_t k_deleted_singly = 256;

}  // namespace

Result<void> BatchWriter::forget(const Forget& item) {
  if (runs_.contains(item.run) || retried_.contains(item.run) || forgotten_.contains(item.run)) return success();
  // A run that is damaged stays as it is, for verify() to name.
  const auto found = get_summary(*log_.db_, nullptr, item.run);
  if (!found && found.error().code != ErrorCode::corrupt) return found.error();
  if (!found || !found.value() || found.value()->open) return success();
  const RunSummary& summary = *found.value();
  CAIRN_TRY(const auto span, span_of(summary));
  if (!span) return success();

  auto& batch = batch_of(item.run.partition());
  Removal removal;
  removal.run = item.run;
  removal.workflow = summary.workflow;
  removal.status = summary.status;
  removal.started_at = summary.started_at;
  removal.ended_at = summary.ended_at.value_or(summary.updated_at);
  removal.removed_at = item.at;
  removal.why = item.why;
  removal.length = summary.length;
  removal.records = summary.records;
  removal.head = summary.head;
  removal.lsn = Lsn{number_of(batch.first) + batch.row.entries.size()};
  std::tie(removal.first_lsn, removal.last_lsn) = *span;
  const auto key = keys::removal(item.run);
  const auto row = rows::seal(key, rows::encode_removal(removal));
  writes_.Put(key, row);
  batch.row.entries.push_back({item.run, k_no_event, 0, rows::hash_of(key, row)});
  position_.lsn = removal.lsn;
  forgotten_.insert(item.run);
  delete_rows(summary);
  return count_ended(summary.workflow, -1);
}

Result<std::optional<std::pair<Lsn, Lsn>>> BatchWriter::span_of(const RunSummary& summary) {
  using Span = std::optional<std::pair<Lsn, Lsn>>;
  const auto prefix = keys::records_of(summary.id);
  const std::unique_ptr<rocksdb::Iterator> at(log_.db_->NewIterator(read_options(nullptr)));
  const auto lsn_here = [&]() -> std::optional<Lsn> {
    if (!at->Valid() || !view(at->key()).starts_with(prefix)) return std::nullopt;
    const auto body = rows::unseal(view(at->key()), view(at->value()));
    const auto record = body ? rows::parse_record(*body) : std::nullopt;
    return record ? std::optional(record->lsn) : std::nullopt;
  };
  at->SeekForPrev(keys::record(summary.id, EventSeq{summary.length}));
  const auto last = lsn_here();
  const bool is_head = last && rows::hash_of(view(at->key()), view(at->value())) == summary.head;
  at->Seek(keys::record(summary.id, EventSeq{1}));
  const bool is_first = at->Valid() && view(at->key()) == keys::record(summary.id, EventSeq{1});
  const auto first = is_first ? lsn_here() : std::nullopt;
  if (!at->status().ok() && !at->status().IsCorruption()) return to_error(at->status(), run_place(summary.id));
  if (!first || !is_head) return Span();
  return Span(std::pair(*first, *last));
}

void BatchWriter::delete_rows(const RunSummary& summary) {
  if (summary.records == 1) {
    writes_.Delete(keys::record(summary.id, EventSeq{1}));
  } else if (const auto records = keys::records_of(summary.id); summary.records <= k_deleted_singly) {
    delete_prefix(records);
  } else {
    writes_.DeleteRange(records, keys::after(records));
  }
  delete_prefix(keys::snapshots_of(summary.id));
  writes_.Delete(keys::run(summary.id));
  if (!summary.key.empty()) writes_.Delete(keys::start_key(summary.workflow, summary.key));
  const auto ended_at = summary.ended_at.value_or(summary.updated_at);
  if (summary.fault_cause != 0) writes_.Delete(keys::fault(summary.fault_cause, ended_at, summary.id));
  writes_.Delete(keys::ended_run(keys::workflow_digest(summary.workflow.workflow_namespace, summary.workflow.name),
                                 ended_at, summary.id));
}

void BatchWriter::delete_prefix(const std::string& prefix) {
  const auto end = keys::after(prefix);
  const rocksdb::Slice bound(end);
  auto options = read_options(nullptr);
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(log_.db_->NewIterator(options));
  for (at->Seek(prefix); at->Valid(); at->Next()) writes_.Delete(at->key());
}

Result<void> BatchWriter::count_ended(const WorkflowIdentity& workflow, std::int64_t change) {
  const auto digest = keys::workflow_digest(workflow.workflow_namespace, workflow.name);
  auto counted = ended_.find(digest);
  if (counted == ended_.end()) {
    std::uint64_t runs = 0;
    if (const auto known = log_.ended_counts_.find(digest); known != log_.ended_counts_.end()) {
      runs = known->second;
    } else {
      const auto body = get_body(*log_.db_, nullptr, keys::ended_count(digest));
      if (!body && body.error().code != ErrorCode::corrupt) return body.error();
      // A row that cannot be read is written anew, too low: what is derived must not stop what is recorded.
      const auto row = body && body.value() ? rows::parse_ended(*body.value()) : std::nullopt;
      if (row) runs = row->runs;
    }
    counted = ended_.emplace(digest, EndedWorkflow{workflow.workflow_namespace, workflow.name, runs}).first;
  }
  // A count that is too low is damage that verify() names; it must not become a huge one.
  if (change > 0 || counted->second.runs > 0) counted->second.runs += static_cast<std::uint64_t>(change);
  return success();
}

}  // namespace cairn
