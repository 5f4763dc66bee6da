// RocksLog: runs that are over. The indexes of faults and of ended runs, and what is left of removed ones.

#include "engine/log/rocks_log.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace cairn {
namespace {

/// Rows that go with a run and are small, and stand in another order than runs.
constexpr std::array k_small_kinds{keys::k_ended_run, keys::k_fault, keys::k_start_key, keys::k_bus_id,
                                   keys::k_bus_event};

using KeyRange = std::pair<std::string, std::string>;

/// Where the rows stood of the runs between these in each partition.
std::vector<KeyRange> ranges_of(const std::map<PartitionId, std::pair<RunId, RunId>>& removed) {
  std::vector<KeyRange> ranges;
  RunId lowest = removed.begin()->second.first;
  RunId highest = lowest;
  for (const auto& [partition, ids] : removed) {
    ranges.emplace_back(keys::records_of(ids.first), keys::after(keys::records_of(ids.second)));
    ranges.emplace_back(keys::batches_of(partition), keys::after(keys::batches_of(partition)));
    ranges.emplace_back(keys::folds_of(partition), keys::after(keys::folds_of(partition)));
    lowest = std::min(lowest, ids.first);
    highest = std::max(highest, ids.second);
  }
  ranges.emplace_back(keys::run(lowest), keys::after(keys::run(highest)));
  ranges.emplace_back(keys::snapshots_of(lowest), keys::after(keys::snapshots_of(highest)));
  ranges.emplace_back(keys::removal(lowest), keys::after(keys::removal(highest)));
  for (const auto kind : k_small_kinds) ranges.emplace_back(kind_prefix(kind), keys::after(kind_prefix(kind)));
  return ranges;
}

std::uint64_t bytes_on_disk(rocksdb::DB& db) {
  std::uint64_t tables = 0;
  static_cast<void>(db.GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &tables));
  rocksdb::VectorLogPtr logs;
  if (db.GetSortedWalFiles(logs).ok()) {
    for (const auto& log : logs) tables += log->SizeFileBytes();
  }
  return tables;
}

}  // namespace

Result<void> RocksLog::each_fault(std::optional<std::uint64_t> cause,
                                  const std::function<bool(const FaultLine&)>& visit) const {
  const ReadView snapshot(*db_);
  const auto prefix = cause ? keys::faults_of(*cause) : kind_prefix(keys::k_fault);
  const Range faults(*db_, snapshot.get(), prefix, keys::after(prefix));
  for (faults->SeekToFirst(); faults->Valid(); faults->Next()) {
    const auto place = keys::parse_fault(faults.key());
    const auto body = rows::unseal(faults.key(), faults.value());
    const auto by = body ? rows::parse_run_id(*body) : std::nullopt;
    if (!place || !by) return damaged(place_of(faults.key()), std::string(body ? "cannot be read" : k_bad_seal));
    if (!visit({place->cause, place->at, place->run, *by})) return success();
  }
  if (!faults->status().ok()) return to_error(faults->status(), "index of faults");
  return success();
}

Result<void> RocksLog::each_ended_workflow(const std::function<bool(const EndedWorkflow&)>& visit) const {
  const ReadView snapshot(*db_);
  const auto prefix = kind_prefix(keys::k_ended_count);
  const Range counts(*db_, snapshot.get(), prefix, keys::after(prefix));
  for (counts->SeekToFirst(); counts->Valid(); counts->Next()) {
    const auto body = rows::unseal(counts.key(), counts.value());
    const auto workflow = body ? rows::parse_ended(*body) : std::nullopt;
    if (!workflow) return damaged(place_of(counts.key()), std::string(body ? "cannot be read" : k_bad_seal));
    if (!visit(*workflow)) return success();
  }
  if (!counts->status().ok()) return to_error(counts->status(), "index of ended runs");
  return success();
}

Result<void> RocksLog::each_ended_run(std::string_view workflow_namespace, std::string_view name,
                                      const std::optional<EndedLine>& after,
                                      const std::function<bool(const EndedLine&)>& visit) const {
  const ReadView snapshot(*db_);
  const auto digest = keys::workflow_digest(workflow_namespace, name);
  const auto prefix = keys::ended_runs_of(digest);
  const Range ended(*db_, snapshot.get(), prefix, keys::after(prefix));
  ended->Seek(after ? keys::ended_run(digest, after->at, after->run) + '\0' : prefix);
  for (; ended->Valid(); ended->Next()) {
    const auto place = keys::parse_ended(ended.key());
    if (!place) return damaged(place_of(ended.key()), "its key cannot be read");
    if (!visit({place->at, place->run})) return success();
  }
  if (!ended->status().ok()) return to_error(ended->status(), "index of ended runs");
  return success();
}

Result<std::vector<Removal>> RocksLog::removals(std::string_view prefix, std::size_t limit) const {
  std::vector<Removal> out;
  const auto ids = ids_with_prefix(keys::k_removal, prefix);
  if (!ids) return out;
  const Range rows(*db_, nullptr, ids->lowest, keys::after(kind_prefix(keys::k_removal)));
  for (rows->SeekForPrev(ids->highest); rows->Valid() && out.size() < limit; rows->Prev()) {
    const auto run = keys::parse_run(rows.key());
    const auto body = rows::unseal(rows.key(), rows.value());
    auto removal = run && body ? rows::parse_removal(*run, *body) : std::nullopt;
    if (!removal) return damaged(place_of(rows.key()), std::string(body ? "cannot be read" : k_bad_seal));
    out.push_back(std::move(*removal));
  }
  if (!rows->status().ok()) return to_error(rows->status(), "tombstones");
  return out;
}

Result<GivenBack> RocksLog::give_back(std::atomic<bool>& give_up) {
  if (options_.read_only) return make_error(ErrorCode::unavailable, "the log is open for reading only", path_);
  const std::unique_lock one(giving_back_, std::try_to_lock);
  if (!one.owns_lock()) return make_error(ErrorCode::busy, "space is being given back already", path_);
  GivenBack bytes;
  bytes.before = bytes_on_disk(*db_);
  bytes.after = bytes.before;
  std::map<PartitionId, std::pair<RunId, RunId>> removed;
  {
    const std::lock_guard lock(removed_mutex_);
    removed.swap(removed_);
  }
  if (removed.empty()) return bytes;
  // Deletions that are in memory free nothing.
  if (const auto flushed = db_->Flush(rocksdb::FlushOptions()); !flushed.ok()) return to_error(flushed, path_);
  rocksdb::CompactRangeOptions gently;
  gently.exclusive_manual_compaction = false;
  gently.max_subcompactions = 1;
  gently.canceled = &give_up;
  // Tables of the last level are written again when what lies above deletes something in them, and only then.
  gently.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kIfHaveCompactionFilter;
  for (const auto& [begin, end] : ranges_of(removed)) {
    const rocksdb::Slice first(begin);
    const rocksdb::Slice last(end);
    const auto status = db_->CompactRange(gently, &first, &last);
    if (give_up) break;
    if (!status.ok()) return to_error(status, path_);
  }
  bytes.after = bytes_on_disk(*db_);
  return bytes;
}

}  // namespace cairn
