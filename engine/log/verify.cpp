#include "engine/log/verify.h"

#include "engine/log/rocks_log.h"
#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/store_files.h"
#include "engine/log/store_open.h"
#include "engine/log/upgrade.h"
#include "engine/log/verifier.h"

#include <fmt/format.h>

#include <exception>

namespace cairn {
namespace {

/// While files are read none may go; what is written meanwhile is beyond the snapshot. Does nothing without a db.
class KeepFiles {
 public:
  explicit KeepFiles(rocksdb::DB* db) : db_(db) {
    if (db_ != nullptr) static_cast<void>(db_->DisableFileDeletions());
  }
  ~KeepFiles() {
    if (db_ != nullptr) static_cast<void>(db_->EnableFileDeletions(/*force=*/false));
  }
  KeepFiles(const KeepFiles&) = delete;
  KeepFiles& operator=(const KeepFiles&) = delete;

 private:
  rocksdb::DB* db_;
};

}  // namespace

void DamageList::add(std::string where, std::string message) {
  if (!places_.insert(where).second || report_.damage.size() >= k_max_damage) return;
  report_.damage.push_back({std::move(where), std::move(message)});
}

RowVerifier::RowVerifier(rocksdb::DB& db, std::uint16_t partitions, bool unreadable, VerifyReport& report,
                         DamageList& findings, const std::function<void(std::uint64_t)>& progress)
    : db_(db),
      snapshot_(db.GetSnapshot()),
      partitions_(partitions),
      unreadable_(unreadable),
      report_(report),
      findings_(findings),
      progress_(progress) {}

RowVerifier::~RowVerifier() { db_.ReleaseSnapshot(snapshot_); }

void RowVerifier::run(const std::optional<HeadFile>& head) {
  const auto meta = read_meta(db_);
  ended_index_ = meta && meta.value().format > k_without_ended_index;
  verify_kinds();
  verify_schedules();
  verify_meta();
  verify_definitions();
  verify_records();
  verify_run_index();
  verify_batches();
  const auto ends = check_ends(db_, snapshot_, partitions_, head, [&](std::string where, std::string message) {
    findings_.add(std::move(where), std::move(message));
  });
  if (!ends && !unreadable_) findings_.add(ends.error());
  blame();
  verify_open_runs();
  verify_start_keys();
  verify_snapshots();
  verify_removals();
  verify_folds();
  verify_ended_index();
  verify_faults();
  verify_bus();
  verify_listeners();
  verify_feed();
  verify_sinks();
  if (progress_) progress_(report_.records);
}

bool RowVerifier::each(std::string prefix,
                       const std::function<void(std::string_view key, std::string_view row)>& visit) {
  const std::string end = keys::after(prefix);
  const rocksdb::Slice bound(end);
  auto options = scan_options(snapshot_);
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(options));
  for (at->Seek(prefix); at->Valid(); at->Next()) visit(view(at->key()), view(at->value()));
  if (at->status().ok()) return true;
  cannot_read(at->status(), "store");
  return false;
}

void RowVerifier::cannot_read(const rocksdb::Status& status, std::string where) {
  if (!unreadable_) findings_.add(std::move(where), status.ToString());
  unreadable_ = true;
}

std::optional<std::string> RowVerifier::body_of(std::string_view key) {
  auto body = get_body(db_, snapshot_, key);
  if (body) return std::move(body).value();
  if (!unreadable_) findings_.add(body.error());
  return std::nullopt;
}

Result<VerifyReport> RocksLog::verify(const std::function<void(std::uint64_t records_done)>& progress) const {
  VerifyReport report;
  DamageList findings(report);
  try {
    const KeepFiles keep(options_.read_only ? nullptr : db_.get());
    CAIRN_TRY(const auto files, inspect_store(*env_, path_));
    for (const auto& damage : files.damage) findings.add(damage.where, damage.message);
    const auto tables = check_tables(*env_, path_, files.manifest);
    for (const auto& damage : tables.damage) findings.add(damage.where, damage.message);
    RowVerifier(*db_, partitions_, tables.unreadable, report, findings, progress).run(files.head);
  } catch (const std::exception& e) {
    findings.add(path_, fmt::format("RocksDB threw while reading: {}", e.what()));
  }
  return report;
}

Result<VerifyReport> verify_directory(const std::string& directory,
                                      const std::function<void(std::uint64_t records_done)>& progress,
                                      rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const auto path = store_path(directory);
  if (!env->FileExists(path).ok()) {
    return make_error(ErrorCode::not_found, "there is no log", path, "name the data directory with --data");
  }
  VerifyReport report;
  DamageList findings(report);
  try {
    CAIRN_TRY(const auto files, inspect_store(*env, path));
    for (const auto& damage : files.damage) findings.add(damage.where, damage.message);
    const auto tables = check_tables(*env, path, files.manifest);
    for (const auto& damage : tables.damage) findings.add(damage.where, damage.message);
    const bool whole = findings.empty();
    if (!files.openable) return report;
    RocksLogOptions options;
    auto db = open_for_reading(*env, path, options);
    if (!db) {
      // What has been found already is why; without that, RocksDB's own words are all there is.
      if (whole) findings.add(db.error());
      return report;
    }
    const auto meta = read_meta(*db.value());
    if (!meta) {
      if (meta.error().code == ErrorCode::format_too_new) return meta.error();
      if (whole) findings.add(meta.error());
      return report;
    }
    const auto replayed = db.value()->GetLatestSequenceNumber();
    if (whole && replayed < files.last_sequence) {
      findings.add(path,
                   fmt::format("RocksDB replays up to write {}, and the files hold {}", replayed, files.last_sequence));
    }
    // A log whose files are cut ends early; that needs no second finding.
    RowVerifier(*db.value(), meta.value().partitions, tables.unreadable, report, findings, progress)
        .run(whole ? files.head : std::nullopt);
  } catch (const std::exception& e) {
    findings.add(path, fmt::format("RocksDB threw while reading: {}", e.what()));
  }
  return report;
}

}  // namespace cairn
