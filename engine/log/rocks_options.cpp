#include "engine/log/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

namespace cairn {
namespace {

/// Of so many rows of a table, one after the other, so many deletions call for a compaction.
constexpr std::size_t k_deletions_window = 4'096;
constexpr std::size_t k_deletions_in_window = 2'048;
constexpr double k_filter_bits = 10;  // a key: one in a hundred is looked for in vain

/// For read-only opening, which must leave nothing behind.
class NoLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::Options rocks_options(const RocksLogOptions& options, rocksdb::Env* env) {
  rocksdb::Options out;
  out.env = env;
  out.create_if_missing = false;

  // Damage is found, never passed over.
  out.paranoid_checks = true;
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  out.recycle_log_file_num = 0;
  out.manual_wal_flush = false;
  // A background failure ends in a failed append, which poisons the log; nothing is retried behind our back.
  out.max_bgerror_resume_count = 0;

  // Small: one column family, little memory, few files.
  out.write_buffer_size = options.write_buffer_bytes;
  out.max_write_buffer_number = 3;
  // Rows of a kind and partition (the first three bytes of a key) grow at their end: the next one goes near the last.
  out.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(3));
  out.max_background_jobs = 2;
  out.max_open_files = 256;
  out.max_manifest_file_size = std::size_t{8} << 20;
  out.compression = rocksdb::kLZ4Compression;
  out.level_compaction_dynamic_level_bytes = true;
  out.target_file_size_base = std::uint64_t{32} << 20;
  out.max_bytes_for_level_base = std::uint64_t{128} << 20;
  out.bytes_per_sync = std::uint64_t{1} << 20;
  out.avoid_unnecessary_blocking_io = true;
  out.skip_stats_update_on_db_open = true;
  // Tables that are full of deletions are compacted soon, by RocksDB's own threads: removed runs give their space back.
  out.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(k_deletions_window, k_deletions_in_window));
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;

  rocksdb::BlockBasedTableOptions table;
  table.block_size = std::size_t{16} << 10;
  table.block_cache = rocksdb::NewLRUCache(std::size_t{16} << 20);
  table.format_version = 5;
  table.checksum = rocksdb::kCRC32c;
  // Most keys that are looked up are not there: those of runs and start keys that are new.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(k_filter_bits));
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

  if (options.read_only) {
    out.info_log = std::make_shared<NoLogger>();
  } else {
    out.info_log_level = rocksdb::WARN_LEVEL;
    out.max_log_file_size = std::size_t{1} << 20;
    out.keep_log_file_num = 1;
  }
  return out;
}

rocksdb::ReadOptions read_options(const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions out;
  out.snapshot = snapshot;
  out.verify_checksums = true;
  return out;
}

rocksdb::ReadOptions scan_options(const rocksdb::Snapshot* snapshot) {
  auto out = read_options(snapshot);
  out.fill_cache = false;
  out.readahead_size = std::size_t{1} << 20;
  return out;
}

}  // namespace cairn
