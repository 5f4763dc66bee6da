#include "engine/log/backup.h"

#include "engine/log/directories.h"
#include "engine/log/head_file.h"
#include "engine/log/rocks_log.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/store_open.h"
#include "engine/log/verify.h"

#include <fmt/format.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace cairn {
namespace {

/// DIRECTORY/log.partial/log is a copy in the making.
constexpr std::string_view k_partial = "/log.partial";
constexpr std::size_t k_piece_bytes = std::size_t{1} << 20;

/// Links to the files of the store `path`, so that none goes while it is copied. RocksDB makes them under this name and
/// ".tmp" first.
std::string checkpoint_path(const std::string& path) { return path + ".checkpoint"; }

/// RocksDB's lock and diary are no part of the log.
bool belongs_to_store(std::string_view name) {
  return name != "." && name != ".." && name != "LOCK" && !name.starts_with("LOG");
}

/// Bytes that are copied, and who is told.
struct Copied {
  const CopyProgress& progress;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
};

/// Who runs workflows on the same disk must not be stopped by a copy of them.
constexpr std::uint64_t k_left_free = k_reserve_bytes + (std::uint64_t{32} << 20);

Result<void> check_space(rocksdb::Env& env, const std::string& directory, const Copied& copied) {
  std::uint64_t free = 0;
  if (!env.GetFreeSpace(directory, &free).ok()) return success();  // a file system that cannot tell
  const std::uint64_t left = copied.total - std::min(copied.total, copied.done);
  if (free >= left + k_left_free) return success();
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
  return make_error(ErrorCode::io,
                    fmt::format("{} MiB are free, and the copy needs {} more and leaves {}", free / mebibyte,
                                left / mebibyte + 1, k_left_free / mebibyte),
                    directory, "Make room, or choose another disk");
}

Result<void> copy_file(rocksdb::Env& env, const std::string& from, const std::string& to, Copied& copied) {
  std::unique_ptr<rocksdb::SequentialFile> in;
  std::unique_ptr<rocksdb::WritableFile> out;
  auto status = env.NewSequentialFile(from, &in, rocksdb::EnvOptions());
  if (!status.ok()) return to_error(status, "file " + from);
  status = env.NewWritableFile(to, &out, rocksdb::EnvOptions());
  std::vector<char> space(k_piece_bytes);
  while (status.ok()) {
    rocksdb::Slice piece;
    if (const auto read = in->Read(space.size(), &piece, space.data()); !read.ok())
      return to_error(read, "file " + from);
    if (piece.empty()) break;
    status = out->Append(piece);
    copied.done += piece.size();
    if (copied.progress && !copied.progress(copied.done, std::max(copied.done, copied.total))) {
      return make_error(ErrorCode::unavailable, "the copy was given up", to);
    }
  }
  if (status.ok()) status = out->Sync();
  if (status.ok()) status = out->Close();
  if (!status.ok()) return to_error(status, "file " + to);
  return success();
}

/// All files of `source` to `target`, which is there and empty. Says whether the HEAD file is among them.
Result<bool> copy_files(rocksdb::Env& env, const std::string& source, const std::string& target,
                        const CopyProgress& progress) {
  std::vector<std::string> names;
  if (const auto status = env.GetChildren(source, &names); !status.ok()) return to_error(status, "directory " + source);
  std::erase_if(names, [](const std::string& name) { return !belongs_to_store(name); });
  std::ranges::sort(names);
  Copied copied{progress};
  for (const auto& name : names) {
    std::uint64_t size = 0;
    if (const auto status = env.GetFileSize(source + "/" + name, &size); !status.ok()) {
      return to_error(status, "file " + source + "/" + name);
    }
    copied.total += size;
  }
  for (const auto& name : names) {
    CAIRN_TRY(check_space(env, target, copied));
    CAIRN_TRY(copy_file(env, source + "/" + name, target + "/" + name, copied));
  }
  CAIRN_TRY(sync_directory(env, target));
  return std::ranges::find(names, k_head_file) != names.end();
}

Result<void> remove_partial(rocksdb::Env& env, const std::string& work) {
  CAIRN_TRY(remove_directory(env, store_path(work)));
  return remove_directory(env, work);
}

/// One copy at a time goes into a directory.
class CopyLock {
 public:
  static Result<std::unique_ptr<CopyLock>> acquire(rocksdb::Env& env, const std::string& directory) {
    const std::string file = directory + std::string(k_partial) + ".lock";
    rocksdb::FileLock* held = nullptr;
    if (const auto status = env.LockFile(file, &held); !status.ok()) {
      auto error = to_error(status, "directory " + directory);
      if (!env.FileExists(file).ok()) return error;
      return make_error(ErrorCode::busy, "another copy is being made into it", directory, "Try again when it is done");
    }
    return std::unique_ptr<CopyLock>(new CopyLock(env, file, held));
  }
  CopyLock(const CopyLock&) = delete;
  CopyLock& operator=(const CopyLock&) = delete;
  ~CopyLock() {
    static_cast<void>(env_.DeleteFile(file_));
    static_cast<void>(env_.UnlockFile(held_));
  }

 private:
  CopyLock(rocksdb::Env& env, std::string file, rocksdb::FileLock* held)
      : env_(env), file_(std::move(file)), held_(held) {}

  rocksdb::Env& env_;
  std::string file_;
  rocksdb::FileLock* held_;
};

/// A verified copy in `work`/log.
Result<VerifyReport> make_copy(rocksdb::Env& env, const std::string& source, const std::string& work,
                               const CopyProgress& progress) {
  const std::string target = store_path(work);
  for (const auto& directory : {work, target}) {
    if (const auto status = env.CreateDir(directory); !status.ok()) return to_error(status, "directory " + directory);
  }
  CAIRN_TRY(const bool has_head, copy_files(env, source, target, progress));
  if (!has_head) {
    RocksLogOptions options;
    options.env = &env;
    CAIRN_TRY(const auto log, open_rocks_log(work, options));  // writes it
    CAIRN_TRY(log->close());
  }
  CAIRN_TRY(auto report, verify_directory(work, {}, &env));
  if (report.damage.empty()) return report;
  const LogDamage& first = report.damage.front();
  const std::size_t more = report.damage.size() - 1;
  return make_error(ErrorCode::corrupt,
                    first.message + (more == 0 ? "" : fmt::format(" (and {} more places)", more)) +
                        ": the copy is damaged, as what it was made of",
                    first.where, "Run cairn log verify on the source; copy an older backup");
}

}  // namespace

void remove_checkpoint(rocksdb::Env& env, const std::string& path) {
  // What stays takes space and nothing else; the next attempt may succeed.
  for (const auto& left : {checkpoint_path(path), checkpoint_path(path) + ".tmp"}) {
    static_cast<void>(remove_directory(env, left));
  }
}

Result<VerifyReport> copy_store(rocksdb::Env& env, const std::string& source, const std::string& to,
                                const CopyProgress& progress) {
  const auto there = std::filesystem::weakly_canonical(to);
  const auto here = std::filesystem::weakly_canonical(source).parent_path();
  if (std::ranges::mismatch(here, there).in1 == here.end() && here != there) {
    return make_error(ErrorCode::invalid_usage, "a copy does not belong into the data directory it is made of", to,
                      "Name another directory");
  }
  if (env.FileExists(to).IsNotFound()) {
    if (const auto status = env.CreateDirIfMissing(to); !status.ok()) return to_error(status, "directory " + to);
    CAIRN_TRY(sync_directory(env, there.parent_path().string()));
  }
  CAIRN_TRY(const auto lock, CopyLock::acquire(env, to));
  if (env.FileExists(store_path(to)).ok()) {
    return make_error(ErrorCode::conflict, "there is a log already", to, "Name a directory without one");
  }
  const std::string work = to + std::string(k_partial);
  CAIRN_TRY(remove_partial(env, work));  // an interrupted copy left it
  auto made = make_copy(env, source, work, progress);
  if (made) {
    if (const auto status = env.RenameFile(store_path(work), store_path(to)); !status.ok()) {
      made = to_error(status, "directory " + to);
    } else if (auto synced = sync_directory(env, to); !synced) {
      made = std::move(synced).error();
    }
  }
  // What cannot be removed now is removed by the next copy.
  static_cast<void>(remove_partial(env, work));
  return made;
}

Result<VerifyReport> copy_log(const std::string& from, const std::string& to, const CopyProgress& progress,
                              rocksdb::Env* env) {
  rocksdb::Env& files = env != nullptr ? *env : *rocksdb::Env::Default();
  if (!files.FileExists(store_path(from)).ok()) {
    return make_error(ErrorCode::not_found, "there is no log", from, "Name a directory that has one");
  }
  return copy_store(files, store_path(from), to, progress);
}

Result<VerifyReport> RocksLog::back_up(const std::string& directory, const CopyProgress& progress) const {
  if (options_.read_only) return make_error(ErrorCode::invalid_usage, "the log is open for reading only", path_);
  const std::unique_lock lock(backing_up_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return make_error(ErrorCode::busy, "another backup is being made", path_, "Try again when it is done");
  }
  const std::string checkpoint = checkpoint_path(path_);
  remove_checkpoint(*env_, path_);
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> maker(made);
  if (status.ok()) status = maker->CreateCheckpoint(checkpoint);
  if (!status.ok()) return to_error(status, "directory " + checkpoint);
  auto report = copy_store(*env_, checkpoint, directory, progress);
  remove_checkpoint(*env_, path_);
  return report;
}

}  // namespace cairn
