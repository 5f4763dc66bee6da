#include "engine/log/upgrade.h"

#include "engine/log/bytes.h"
#include "engine/log/keys.h"
#include "engine/log/rows.h"
#include "engine/log/status.h"
#include "engine/log/upgrade_ended.h"
#include "engine/machine/apply.h"
#include "engine/machine/state.h"
#include "engine/machine/status.h"

#include <rocksdb/write_batch.h>

#include <string>

namespace cairn {
namespace {

constexpr std::uint16_t k_without_timers = 1;
constexpr std::size_t k_batch_bytes = std::size_t{1} << 20;

void put(rocksdb::WriteBatch& batch, const std::string& key, std::string_view body) {
  batch.Put(key, rows::seal(key, body));
}

Result<void> write(rocksdb::DB& db, rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = db.Write(options, &batch);
  batch.Clear();
  if (!status.ok()) return to_error(status, db.GetName());
  return success();
}

/// The rows of one open run in the indexes of active runs and of timers, and its line in the run index.
Result<void> index_run(const RocksLog& log, RunSummary summary, rocksdb::WriteBatch& batch) {
  RunState state;
  state.id = summary.id;
  CAIRN_TRY(log.read(summary.id, EventSeq{1}, [&](const Record& record) {
    for (const auto& event : record.events) apply(state, event, record.stimulus.now);
    return true;
  }));
  // Of a run that waits for others, it was left to recovery to see whether they have begun and ended.
  summary.active = is_active(state) || !state.children.empty();
  put(batch, keys::run(summary.id), rows::encode_summary(summary));
  if (summary.active) put(batch, keys::active_run(summary.id), {});
  for (const auto& [id, timer] : running_timers(state)) {
    put(batch, keys::timer({timer.due, summary.id, id}), {});
  }
  return success();
}

}  // namespace

Result<void> upgrade_store(const RocksLog& log, rocksdb::DB& db, std::uint16_t format) {
  rocksdb::WriteBatch batch;
  if (format <= k_without_timers) {
    Result<void> indexed = success();
    const auto listed = log.each_open_run([&](const RunSummary& summary) {
      indexed = index_run(log, summary, batch);
      if (!indexed && indexed.error().code == ErrorCode::corrupt) indexed = success();  // verify() names it
      if (indexed && batch.GetDataSize() > k_batch_bytes) indexed = write(db, batch, false);
      return indexed.has_value();
    });
    CAIRN_TRY(std::move(indexed));
    if (!listed && listed.error().code != ErrorCode::corrupt) return listed;
  }
  if (format <= k_without_ended_index) {
    CAIRN_TRY(write(db, batch, false));  // the lines that it reads
    CAIRN_TRY(index_ended_runs(db));
  }
  std::string version;
  put_big_endian(version, k_log_format);
  put(batch, keys::meta("format"), version);
  return write(db, batch, true);  // and what was written before, which stands in front of it
}

}  // namespace cairn
