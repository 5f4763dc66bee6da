// RocksLog::append.

#include "engine/log/batch_writer.h"
#include "engine/log/status.h"
#include "engine/log/store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/perf_level.h>

#include <cstring>
#include <exception>

namespace cairn {

std::size_t RocksLog::IdHash::operator()(const RunId& id) const {
  std::size_t hash = 0;  // the last bytes are the random ones
  std::memcpy(&hash, id.bytes.data() + id.bytes.size() - sizeof(hash), sizeof(hash));
  return hash;
}

Result<RocksLog::RunEnd> RocksLog::end_of(const RunId& run) {
  if (const auto known = run_ends_.find(run); known != run_ends_.end()) return known->second;
  CAIRN_TRY(const auto summary, get_summary(*db_, nullptr, run));
  if (!summary) return RunEnd{};
  return RunEnd{summary->length, summary->records, summary->head, summary->open, summary->active, summary->retried_by};
}

Result<void> RocksLog::check_space(std::uint64_t reserve) const {
  std::uint64_t free = 0;
  if (!env_->GetFreeSpace(path_, &free).ok()) return success();  // a file system that cannot tell
  if (free >= reserve) return success();
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  return make_error(ErrorCode::disk_full,
                    fmt::format("{} MiB of the disk are free, and {} are kept", free / mebibyte, reserve / mebibyte),
                    path_, "Make room: what waits goes on by itself");
}

Result<LogPosition> RocksLog::append(const AppendBatch& batch) {
  if (options_.read_only) return make_error(ErrorCode::unavailable, "the log is open for reading only", path_);
  if (failure_) {
    return make_error(ErrorCode::unavailable, "an earlier write failed: " + failure_->message, path_,
                      "open the log again once its cause is gone");
  }
  const bool only_removes = batch.records.empty() && batch.definitions.empty() && batch.schedules.empty() &&
                            batch.sinks.empty();  // which makes room in the end
  CAIRN_TRY(check_space(only_removes ? k_reserve_bytes / 4 : k_reserve_bytes));
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // of this thread; nobody reads the counts
  try {
    BatchWriter writer(*this);
    CAIRN_TRY(writer.add(batch));
    if (writer.writes().Count() == 0) return LogPosition{};
    rocksdb::WriteOptions durable;
    durable.sync = true;
    if (const auto status = db_->Write(durable, &writer.writes()); !status.ok()) {
      failure_ = to_error(status, path_);
      return *failure_;
    }
    writer.take_effect();
    // What HEAD lags behind weakens only what can be told of a log that somebody cuts; close() reports a failure that lasts.
    if (++batches_ % options_.head_interval == 0) static_cast<void>(write_head_file());
    return writer.position();
  } catch (const std::exception& e) {
    failure_ = make_error(ErrorCode::io, std::string("RocksDB threw while writing: ") + e.what(), path_);
    return *failure_;
  }
}

}  // namespace cairn
