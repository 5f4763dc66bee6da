#include "engine/log/batch_writer.h"

#include "engine/log/batch_folder.h"
#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"
#include "engine/log/record_codec.h"
#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>

namespace cairn {
namespace {

/// Ends of open runs kept in memory; beyond that they are read again from the run index.
constexpr std::size_t k_cached_runs = 65'536;

Error misuse(const RunId& run, std::string message) {
  return make_error(ErrorCode::invalid_usage, std::move(message), run_place(run));
}

}  // namespace

Result<void> BatchWriter::add(const AppendBatch& batch) {
  for (const auto& definition : batch.definitions) {
    CAIRN_TRY(add_definition(definition));
  }
  for (const auto& item : batch.records) {
    CAIRN_TRY(add_record(item));
  }
  CAIRN_TRY(add_bus(batch));
  for (const auto& item : batch.forget) {
    CAIRN_TRY(forget(item));
  }
  for (const auto& row : batch.schedules) put_schedule(row);
  for (const auto& row : batch.sinks) put_sink(row);
  put_records();
  CAIRN_TRY(add_indexes());
  if (batch.fold_rows > 0) {
    writes_.SetSavePoint();
    const auto fold_at = new_fold_at_;
    if (auto folded = BatchFolder(log_, writes_, new_fold_at_).look(batch.fold_rows); !folded) {
      // What cannot be read is not folded; that is no reason not to write the rest. verify() names it.
      if (folded.error().code != ErrorCode::corrupt) return folded;
      writes_.RollbackToSavePoint();
      new_fold_at_ = fold_at;
    }
    CAIRN_TRY(trim_feed(batch.fold_rows));
  }
  add_feed(batch);
  add_batch_rows();
  return success();
}

void BatchWriter::put(std::string_view key, std::string_view body) {
  writes_.Put(rocksdb::Slice(key.data(), key.size()), rows::seal(key, body));
}

Result<void> BatchWriter::add_definition(const StoredDefinition& definition) {
  if (sha256(definition.text) != definition.hash) {
    return make_error(ErrorCode::invalid_usage, "its hash is not the SHA-256 of its text",
                      "definition " + definition.workflow.to_string());
  }
  const auto key = keys::definition(definition.hash);
  CAIRN_TRY(const auto known, get_row(*log_.db_, nullptr, key));
  if (!known) put(key, rows::encode_definition(definition));
  put(keys::definition_name(definition.workflow), definition.hash.view());
  return success();
}

Result<void> BatchWriter::check(const AppendRecord& item, const TouchedRun& run) const {
  if (static_cast<std::uint16_t>(item.run.partition()) >= log_.partitions_) {
    return misuse(item.run, fmt::format("its partition is {}, of {}", static_cast<std::uint16_t>(item.run.partition()),
                                        log_.partitions_));
  }
  if (item.record == nullptr || item.record->events.empty()) return misuse(item.run, "a record without events");
  if (item.record->events.size() > k_record_events) return misuse(item.run, "a record of too many events");
  if (number_of(item.record->first) != run.end.length + 1) {
    return misuse(item.run, fmt::format("a record that begins with event {}, after {}", number_of(item.record->first),
                                        run.end.length));
  }
  return success();
}

Result<void> BatchWriter::add_record(const AppendRecord& item) {
  auto touched = runs_.find(item.run);
  if (touched == runs_.end()) {
    CAIRN_TRY(const auto end, log_.end_of(item.run));
    touched = runs_.emplace(item.run, TouchedRun{end}).first;
  }
  auto& run = touched->second;
  CAIRN_TRY(check(item, run));
  CAIRN_TRY(add_start_key(item));
  CAIRN_TRY(add_retry(item));

  auto& batch = batch_of(item.run.partition());
  const Lsn lsn{number_of(batch.first) + batch.row.entries.size()};

  const auto key = keys::record(item.run, item.record->first);
  row_.assign(4, '\0');
  rows::put_record_head({run.end.head, lsn, {}}, row_);
  encode_record(*item.record, row_);
  std::string crc;
  put_big_endian(crc, extend_crc32c(crc32c(key), std::string_view(row_).substr(4)));
  row_.replace(0, crc.size(), crc);
  records_.emplace_back(key, row_);

  const auto hash = rows::hash_of(key, row_);
  const auto events = static_cast<std::uint32_t>(item.record->events.size());
  batch.row.entries.push_back({item.run, item.record->first, events, hash});
  run.end.length += events;
  run.end.records += 1;
  run.records += 1;
  run.end.head = hash;
  run.summary = &item.summary;
  position_.lsn = lsn;
  if (item.snapshot) add_snapshot(item, EventSeq{run.end.length}, hash);
  for (const auto& timer : item.timers_cleared) writes_.Delete(keys::timer(timer));
  for (const auto& timer : item.timers_set) put(keys::timer(timer), {});
  add_listeners(item);
  return success();
}

BatchWriter::OpenBatch& BatchWriter::batch_of(PartitionId partition) {
  const auto number = static_cast<std::uint16_t>(partition);
  const auto& end = log_.ends_[number];
  return partitions_.try_emplace(number, OpenBatch{Lsn{number_of(end.lsn) + 1}, {end.chain, {}}}).first->second;
}

/// In the order of their keys: the store inserts neighbours for much less than strangers.
void BatchWriter::put_records() {
  std::ranges::sort(records_);
  for (const auto& [key, row] : records_) writes_.Put(key, row);
}

Result<void> BatchWriter::add_start_key(const AppendRecord& item) {
  if (number_of(item.record->first) != 1 || item.summary.key.empty()) return success();
  const auto key = keys::start_key(item.summary.workflow, item.summary.key);
  CAIRN_TRY(const auto known, get_body(*log_.db_, nullptr, key));
  const auto in_batch = start_keys_.find(key);
  const auto other = in_batch != start_keys_.end() ? std::optional(in_batch->second)
                     : known                       ? rows::parse_run_id(*known)
                                                   : std::nullopt;
  if (other && *other != item.run) {
    return make_error(ErrorCode::conflict, fmt::format("its start key has already started run {}", other->to_string()),
                      run_place(item.run), "give that run's result instead");
  }
  put(key, rows::encode_run_id(item.run));
  start_keys_.emplace(key, item.run);
  return success();
}

Result<void> BatchWriter::add_retry(const AppendRecord& item) {
  if (number_of(item.record->first) != 1 || item.summary.retry_of.is_nil()) return success();
  const RunId& retried = item.summary.retry_of;
  CAIRN_TRY(const auto end, log_.end_of(retried));
  const auto in_batch = retried_.find(retried);
  const RunId other = in_batch != retried_.end() ? in_batch->second : end.retried_by;
  if (!other.is_nil() && other != item.run) {
    return make_error(ErrorCode::conflict,
                      fmt::format("run {} has been retried as {}", retried.to_string(), other.to_string()),
                      run_place(item.run), "give that run's result instead");
  }
  retried_.emplace(retried, item.run);
  return success();
}

void BatchWriter::add_snapshot(const AppendRecord& item, EventSeq at, const Hash256& record) {
  // A state may nest deeper than a value may; then there is no snapshot, which costs a longer fold and nothing else.
  if (item.snapshot->depth() > limits::k_value_depth) return;
  drop_snapshot(item.run);
  runs_.at(item.run).snapshot = at;
  put(keys::snapshot(item.run, at), rows::encode_snapshot(record, *item.snapshot));
}

/// The newest one is enough: what comes before it is folded from the records.
void BatchWriter::drop_snapshot(const RunId& run) {
  if (const auto in_batch = runs_.at(run).snapshot) writes_.Delete(keys::snapshot(run, *in_batch));
  const std::unique_ptr<rocksdb::Iterator> older(log_.db_->NewIterator(read_options(nullptr)));
  const auto first = keys::snapshot(run, EventSeq{0});
  const auto prefix = std::string_view(first).substr(0, first.size() - sizeof(EventSeq));
  for (older->Seek(first); older->Valid() && view(older->key()).starts_with(prefix); older->Next()) {
    writes_.Delete(older->key());
  }
}

Result<void> BatchWriter::add_indexes() {
  CAIRN_TRY(note_retried());
  for (auto& [id, run] : runs_) {
    RunSummary summary = *run.summary;
    summary.id = id;
    summary.length = run.end.length;
    summary.records = run.end.records;
    summary.head = run.end.head;
    summary.retried_by = run.end.retried_by;
    put(keys::run(id), rows::encode_summary(summary));
    if (summary.fault_cause != 0 && summary.ended_at) put_fault(summary);
    const bool was_open = run.end.listed_open;
    if (summary.open && !was_open) put(keys::open_run(id), {});
    if (!summary.open && was_open) writes_.Delete(keys::open_run(id));
    // A run that ends in its first batch was never listed as open.
    if (!summary.open && (was_open || run.end.records == run.records)) {
      put(keys::ended_run(keys::workflow_digest(summary.workflow.workflow_namespace, summary.workflow.name),
                          summary.ended_at.value_or(summary.updated_at), id),
          {});
      CAIRN_TRY(count_ended(summary.workflow, 1));
    }
    run.end.listed_open = summary.open;
    if (summary.active && !run.end.listed_active) put(keys::active_run(id), {});
    if (!summary.active && run.end.listed_active) writes_.Delete(keys::active_run(id));
    run.end.listed_active = summary.active;
  }
  for (const auto& [digest, workflow] : ended_) {
    const auto key = keys::ended_count(digest);
    if (workflow.runs == 0) {
      writes_.Delete(key);
    } else {
      put(key, rows::encode_ended(workflow));
    }
  }
  return success();
}

void BatchWriter::put_fault(const RunSummary& summary) {
  put(keys::fault(summary.fault_cause, *summary.ended_at, summary.id), rows::encode_run_id(summary.retried_by));
}

/// Writes into the lines of runs that others repeat which those are.
Result<void> BatchWriter::note_retried() {
  for (const auto& [retried, by] : retried_) {
    if (const auto touched = runs_.find(retried); touched != runs_.end()) {
      touched->second.end.retried_by = by;
      continue;
    }
    CAIRN_TRY(auto summary, get_summary(*log_.db_, nullptr, retried));
    if (!summary) continue;  // it has been removed
    summary->retried_by = by;
    put(keys::run(retried), rows::encode_summary(*summary));
    if (summary->fault_cause != 0 && summary->ended_at) put_fault(*summary);
  }
  return success();
}

/// Last of all, so that every batch ends in a hash: wal readers tell by it a written end from zeros.
void BatchWriter::add_batch_rows() {
  if (bus_) put(keys::meta(k_bus_row), rows::encode_bus(*bus_));
  for (const auto& [number, batch] : partitions_) {
    const PartitionId partition{number};
    const auto key = keys::batch(partition, batch.first);
    const auto row = rows::seal(key, rows::encode_batch(batch.row));
    writes_.Put(key, row);
    const rows::PartitionHead head{Lsn{number_of(batch.first) + batch.row.entries.size() - 1}, rows::hash_of(key, row)};
    put(keys::partition_head(partition), rows::encode_head(head));
    new_ends_[number] = {head.lsn, head.chain};
  }
}

void BatchWriter::note_removed() {
  if (forgotten_.empty()) return;
  const std::lock_guard lock(log_.removed_mutex_);
  for (const auto& run : forgotten_) {
    log_.run_ends_.erase(run);
    auto& [lowest, highest] = log_.removed_.try_emplace(run.partition(), run, run).first->second;
    lowest = std::min(lowest, run);
    highest = std::max(highest, run);
  }
}

void BatchWriter::take_effect() {
  if (bus_) log_.bus_ = *bus_;
  if (new_feed_head_) log_.feed_head_ = *new_feed_head_;
  if (new_feed_trim_at_) log_.feed_trim_at_ = *new_feed_trim_at_;
  log_.shapes_.insert(shapes_.begin(), shapes_.end());
  for (const auto& [number, end] : new_ends_) log_.ends_[number] = end;
  for (const auto& [number, lsn] : new_fold_at_) log_.fold_at_[number] = lsn;
  for (const auto& [digest, workflow] : ended_) log_.ended_counts_[digest] = workflow.runs;
  note_removed();
  if (log_.run_ends_.size() > k_cached_runs) log_.run_ends_.clear();
  for (const auto& [retried, by] : retried_) {
    if (const auto known = log_.run_ends_.find(retried); known != log_.run_ends_.end()) known->second.retried_by = by;
  }
  for (const auto& [id, run] : runs_) {
    if (run.end.listed_open) {
      log_.run_ends_[id] = run.end;
    } else {
      log_.run_ends_.erase(id);
    }
  }
}

}  // namespace cairn
