// Opening and creating the store.

#include "engine/log/approval_key.h"
#include "engine/log/backup.h"
#include "engine/log/bytes.h"
#include "engine/log/directories.h"
#include "engine/log/head_file.h"
#include "engine/log/rocks_log.h"
#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/store_files.h"
#include "engine/log/store_open.h"
#include "engine/log/upgrade.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <exception>

namespace cairn {
namespace {

constexpr std::uint64_t k_flush_on_close = std::uint64_t{4} << 20;
constexpr std::string_view k_format = "format";
constexpr std::string_view k_partitions = "partitions";
constexpr std::string_view k_created = "created_ms";

template <class Integer>
Result<Integer> get_meta(rocksdb::DB& db, std::string_view name) {
  const auto key = keys::meta(name);
  CAIRN_TRY(const auto body, get_body(db, nullptr, key));
  if (!body) return damaged(place_of(key), "is missing");
  ByteReader in(*body);
  const auto value = in.big_endian<Integer>();
  if (!in.at_end()) return damaged(place_of(key), "cannot be read");
  return value;
}

template <class Integer>
void put_meta(rocksdb::WriteBatch& batch, std::string_view name, Integer value) {
  const auto key = keys::meta(name);
  std::string body;
  put_big_endian(body, value);
  batch.Put(key, rows::seal(key, body));
}

/// Makes the store under another name and renames it when it is complete: a log that is there was created to the end, so
/// a missing file is never taken for a new log.
Result<void> create_store(rocksdb::Env& env, const std::string& directory, const std::string& path,
                          const RocksLogOptions& options) {
  if (options.partitions == 0 || options.partitions > k_max_partitions) {
    return make_error(ErrorCode::invalid_usage,
                      fmt::format("{} partitions; 1 to {} can be", options.partitions, k_max_partitions));
  }
  const std::string fresh = path + ".new";
  auto status = env.CreateDirIfMissing(directory);
  if (!status.ok()) return to_error(status, "directory " + directory);
  CAIRN_TRY(remove_directory(env, fresh));
  auto setup = rocks_options(options, &env);
  setup.create_if_missing = true;
  setup.error_if_exists = true;
  {
    rocksdb::DB* opened = nullptr;
    status = rocksdb::DB::Open(setup, fresh, &opened);
    const std::unique_ptr<rocksdb::DB> db(opened);
    if (!status.ok()) return to_error(status, "directory " + fresh);
    rocksdb::WriteBatch batch;
    put_meta(batch, k_partitions, options.partitions);
    put_meta(batch, k_format, k_log_format);
    put_meta(batch, k_created, env.NowMicros() / 1'000);
    rocksdb::WriteOptions durable;
    durable.sync = true;
    status = db->Write(durable, &batch);
    if (status.ok()) status = db->Close();
    if (!status.ok()) return to_error(status, "directory " + fresh);
  }
  HeadFile head;
  head.format = k_log_format;
  CAIRN_TRY(write_head_file(env, fresh, head));
  status = env.RenameFile(fresh, path);
  if (!status.ok()) return to_error(status, "directory " + path);
  return sync_directory(env, directory);
}

Result<std::unique_ptr<rocksdb::DB>> open_for_writing(rocksdb::Env& env, const std::string& path,
                                                      const RocksLogOptions& options) {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(rocks_options(options, &env), path, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return to_error(status, "directory " + path);
  return db;
}

/// Whether nobody writes there: what is looked at while somebody does may change under our eyes, and would be taken for damage.
Result<void> check_unowned(rocksdb::Env& env, const std::string& path) {
  rocksdb::FileLock* lock = nullptr;
  auto status = env.LockFile(path + "/LOCK", &lock);
  if (status.ok()) status = env.UnlockFile(lock);
  if (!status.ok()) return to_error(status, "directory " + path);
  return success();
}

}  // namespace

std::string store_path(const std::string& directory) { return directory + "/log"; }

Result<std::unique_ptr<rocksdb::DB>> open_for_reading(rocksdb::Env& env, const std::string& path,
                                                      RocksLogOptions options) {
  options.read_only = true;
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(rocks_options(options, &env), path, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return to_error(status, "directory " + path);
  return db;
}

Result<StoreMeta> read_meta(rocksdb::DB& db) {
  StoreMeta meta;
  CAIRN_TRY(meta.format, get_meta<std::uint16_t>(db, k_format));
  if (meta.format > k_log_format) {
    return make_error(ErrorCode::format_too_new,
                      fmt::format("the log has format {}, this version reads up to {}", meta.format, k_log_format),
                      db.GetName(), "use the version of cairn that wrote it, or a newer one");
  }
  CAIRN_TRY(meta.partitions, get_meta<std::uint16_t>(db, k_partitions));
  if (meta.format == 0 || meta.partitions == 0 || meta.partitions > k_max_partitions) {
    return damaged(place_of(keys::meta(k_partitions)),
                   fmt::format("format {} with {} partitions", meta.format, meta.partitions));
  }
  return meta;
}

Result<void> check_ends(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::uint16_t partitions,
                        const std::optional<HeadFile>& head,
                        const std::function<void(std::string where, std::string message)>& damage) {
  for (std::uint16_t number = 0; number < partitions; ++number) {
    const PartitionId partition{number};
    CAIRN_TRY(const auto end, get_partition_head(db, snapshot, partition));
    CAIRN_TRY(const auto last, find_batch(db, snapshot, partition, end.lsn));
    CAIRN_TRY(const auto beyond, find_batch(db, snapshot, partition, Lsn{number_of(end.lsn) + 1}));
    const Hash256 chain = last ? last->hash : Hash256{};
    if (end.chain != chain || (last && last->last() != end.lsn) || (!last && number_of(end.lsn) > 0)) {
      damage(partition_place(partition, end.lsn), "the partition's newest batch is not the one that its head names");
    }
    if (beyond) damage(partition_place(partition, beyond->first), "a batch beyond the partition's head");
    if (!head) continue;
    const auto recorded = head->partitions.find(number);
    if (recorded == head->partitions.end()) continue;
    if (recorded->second.lsn > end.lsn) {
      damage(partition_place(partition, Lsn{number_of(end.lsn) + 1}),
             fmt::format("the log ends before this record, and HEAD knows it up to lsn {}: its end was cut off",
                         number_of(recorded->second.lsn)));
      continue;
    }
    CAIRN_TRY(const auto known, find_batch(db, snapshot, partition, recorded->second.lsn));
    if (!known) {
      // Folded since: what was folded is not the end.
      CAIRN_TRY(const auto fold, find_fold(db, snapshot, partition, recorded->second.lsn));
      if (fold && fold->row.last >= recorded->second.lsn &&
          (fold->row.last > recorded->second.lsn || fold->row.chain == recorded->second.chain)) {
        continue;
      }
    }
    if (!known || known->last() != recorded->second.lsn || known->hash != recorded->second.chain) {
      damage(partition_place(partition, recorded->second.lsn),
             "the batch that ends here is not the one that HEAD knows");
    }
  }
  return check_bus_end(db, snapshot, head, damage);
}

Result<std::unique_ptr<RocksLog>> open_rocks_log(const std::string& directory, const RocksLogOptions& options) {
  auto* env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const auto path = store_path(directory);
  try {
    if (const auto there = env->FileExists(path); there.IsNotFound()) {
      if (options.read_only)
        return make_error(ErrorCode::not_found, "there is no log", path, "name the data directory with --data");
      CAIRN_TRY(create_store(*env, directory, path, options));
    }
    if (!options.read_only) {
      CAIRN_TRY(check_unowned(*env, path));
    }
    CAIRN_TRY(auto files, inspect_store(*env, path));
    if (!files.damage.empty()) return damaged(files.damage[0].where + " in " + path, files.damage[0].message);
    std::unique_ptr<RocksLog> log(new RocksLog(path, options, env));
    std::uint16_t format = 0;
    {
      // Reading only: until everything below holds, nothing on disk may change.
      CAIRN_TRY(log->db_, open_for_reading(*env, path, options));
      CAIRN_TRY(const auto meta, read_meta(*log->db_));
      log->partitions_ = meta.partitions;
      format = meta.format;
      if (log->db_->GetLatestSequenceNumber() < files.last_sequence) {
        return damaged(path, fmt::format("RocksDB replays up to write {}, and the files hold {}",
                                         log->db_->GetLatestSequenceNumber(), files.last_sequence));
      }
      std::optional<Error> cut;
      CAIRN_TRY(
          check_ends(*log->db_, nullptr, meta.partitions, files.head, [&](std::string where, std::string message) {
            if (!cut) cut = damaged(std::move(where) + " in " + path, std::move(message));
          }));
      if (cut) return std::move(*cut);
    }
    log->notes_ = std::move(files.notes);
    if (options.read_only) return log;
    log->db_.reset();
    remove_checkpoint(*env, path);  // of a backup that was interrupted
    CAIRN_TRY(log->db_, open_for_writing(*env, path, options));
    if (format < k_log_format) {
      CAIRN_TRY(upgrade_store(*log, *log->db_, format));
    }
    CAIRN_TRY(ensure_approval_key(*log->db_));
    CAIRN_TRY(log->load_partition_ends());
    CAIRN_TRY(log->write_head_file());
    return log;
  } catch (const std::exception& e) {
    return damaged(path, fmt::format("RocksDB threw while opening: {}", e.what()));
  }
}

RocksLog::RocksLog(std::string path, const RocksLogOptions& options, rocksdb::Env* env)
    : path_(std::move(path)), options_(options), env_(env) {}

RocksLog::~RocksLog() {
  // A failure to write HEAD loses nothing: the log is durable, and the former HEAD still holds. Who wants to know calls close().
  static_cast<void>(close());
}

Result<void> RocksLog::close() {
  if (db_ == nullptr) return success();
  Result<void> written = success();
  if (!options_.read_only && !failure_ && !ends_.empty()) {
    // A long write-ahead log would be replayed on the next opening; a short one is not worth a table file.
    std::uint64_t unflushed = 0;
    if (db_->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &unflushed) &&
        unflushed > k_flush_on_close) {
      if (const auto flushed = db_->Flush(rocksdb::FlushOptions()); !flushed.ok()) written = to_error(flushed, path_);
    }
    if (written) written = write_head_file();
  }
  const auto status = db_->Close();
  db_.reset();
  CAIRN_TRY(written);
  if (!status.ok() && !failure_) return to_error(status, path_);
  return success();
}

Result<void> RocksLog::load_partition_ends() {
  ends_.clear();
  fold_at_.assign(partitions_, Lsn{});
  for (std::uint16_t number = 0; number < partitions_; ++number) {
    CAIRN_TRY(const auto head, get_partition_head(*db_, nullptr, PartitionId{number}));
    ends_.push_back({head.lsn, head.chain});
  }
  CAIRN_TRY(bus_, get_bus(*db_, nullptr));
  CAIRN_TRY(const auto ends, feed());
  feed_head_ = ends.head;
  return success();
}

Result<void> RocksLog::write_head_file() {
  HeadFile head;
  head.format = k_log_format;
  std::unique_ptr<rocksdb::LogFile> wal;
  if (const auto status = db_->GetCurrentWalFile(&wal); !status.ok()) return to_error(status, path_);
  head.wal = wal->LogNumber();
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (number_of(ends_[i].lsn) == 0) continue;
    head.partitions[static_cast<std::uint16_t>(i)] = {ends_[i].lsn, ends_[i].chain};
  }
  if (number_of(bus_.ends.head) > 0) head.bus = {bus_.ends.head, bus_.chain};
  return cairn::write_head_file(*env_, path_, head);
}

}  // namespace cairn
