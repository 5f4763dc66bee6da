#include "tests/simulation/disk.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cairn::simulation {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// Both kinds of reading.
class ReadableFile final : public rocksdb::FSSequentialFile, public rocksdb::FSRandomAccessFile {
 public:
  ReadableFile(const SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::File> file)
      : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(std::size_t n, const IOOptions& options, Slice* result, char* scratch, IODebugContext* dbg) override {
    auto status = Read(at_, n, options, result, scratch, dbg);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }
  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions& /*options*/, Slice* result, char* scratch,
                IODebugContext* /*dbg*/) const override {
    const std::lock_guard lock(disk_.mutex_);
    const std::string& bytes = file_->bytes;
    const std::size_t begin = std::min<std::size_t>(offset, bytes.size());
    const std::size_t count = std::min(n, bytes.size() - begin);
    std::memcpy(scratch, bytes.data() + begin, count);
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }
  bool use_direct_io() const override { return false; }
  std::size_t GetRequiredBufferAlignment() const override { return 1; }
  IOStatus InvalidateCache(std::size_t /*offset*/, std::size_t /*length*/) override { return IOStatus::OK(); }
  rocksdb::Temperature GetTemperature() const override { return rocksdb::Temperature::kUnknown; }

 private:
  const SimulatedDisk& disk_;
  std::shared_ptr<SimulatedDisk::File> file_;
  std::uint64_t at_ = 0;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::File> file) : disk_(disk), file_(std::move(file)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    const std::lock_guard lock(disk_.mutex_);
    const bool was_dead = disk_.dead_;
    auto status = disk_.operation(SimulatedDisk::Operation::write);
    if (!was_dead) file_->bytes.append(data.data(), status.ok() ? data.size() : data.size() / 2);
    return status;
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto status = disk_.operation(SimulatedDisk::Operation::other); !status.ok()) return status;
    file_->bytes.resize(size);
    file_->synced = std::min<std::size_t>(file_->synced, size);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto status = disk_.operation(SimulatedDisk::Operation::sync); !status.ok()) return status;
    file_->synced = file_->bytes.size();
    return IOStatus::OK();
  }
  std::uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    const std::lock_guard lock(disk_.mutex_);
    return file_->bytes.size();
  }

 private:
  SimulatedDisk& disk_;
  std::shared_ptr<SimulatedDisk::File> file_;
};

class SyncedDirectory final : public rocksdb::FSDirectory {
 public:
  explicit SyncedDirectory(SimulatedDisk& disk) : disk_(disk) {}
  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto status = disk_.operation(SimulatedDisk::Operation::sync); !status.ok()) return status;
    disk_.sync_directories();
    return IOStatus::OK();
  }
  std::size_t GetUniqueId(char* /*id*/, std::size_t /*max_size*/) const override { return 0; }

 private:
  SimulatedDisk& disk_;
};

namespace {

class NoLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

class NoLock final : public rocksdb::FileLock {};

/// Without a slash at the end or two in a row.
std::string plain(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

IOStatus not_found(const std::string& name) { return IOStatus::NotFound(name); }

}  // namespace

void SimulatedDisk::fail_at(std::uint64_t number, Failure failure) {
  const std::lock_guard lock(mutex_);
  countdown_ = number;
  failure_ = failure;
}

IOStatus SimulatedDisk::operation(Operation what) {
  ++operations_;
  if (dead_) return IOStatus::IOError("the disk is dead");
  const bool concerns = failure_ == Failure::death || (failure_ == Failure::no_space && what == Operation::write) ||
                        (failure_ == Failure::sync && what == Operation::sync);
  if (!concerns || --countdown_ > 0) return IOStatus::OK();
  if (failure_ == Failure::death) dead_ = true;
  const bool no_space = failure_ == Failure::no_space;
  failure_ = Failure::none;
  return no_space ? IOStatus::NoSpace("no space left on device") : IOStatus::IOError("the disk said no");
}

void SimulatedDisk::change(Change change) {
  change(tree_);
  changes_.push_back(std::move(change));
}

void SimulatedDisk::sync_directories() {
  for (const auto& change : changes_) change(durable_);
  changes_.clear();
}

std::shared_ptr<SimulatedDisk::File> SimulatedDisk::find(const std::string& name) const {
  const auto it = tree_.files.find(name);
  return it == tree_.files.end() ? nullptr : it->second;
}

void SimulatedDisk::cut_power(PowerCut how, Dice& dice, FaultCounts& faults) {
  const std::lock_guard lock(mutex_);
  turned_.clear();
  std::size_t kept = changes_.size();
  if (how == PowerCut::drop) kept = 0;
  if (how == PowerCut::torn) kept = dice.below(changes_.size() + 1);
  changes_.resize(kept);
  sync_directories();
  tree_ = durable_;
  for (const auto& [name, file] : tree_.files) {
    if (file->synced == file->bytes.size()) continue;
    if (how == PowerCut::keep) faults.add(Fault::unsynced_bytes_kept);
    if (how == PowerCut::drop) {
      faults.add(Fault::unsynced_bytes_dropped);
      file->bytes.resize(file->synced);
    }
    if (how == PowerCut::torn) {
      faults.add(Fault::unsynced_bytes_torn);
      file->bytes.resize(file->synced + dice.below(file->bytes.size() - file->synced));
      if (file->bytes.size() > file->synced && dice.one_in(3)) {
        faults.add(Fault::unsynced_bytes_flipped);
        turned_.push_back({file, file->synced + dice.below(file->bytes.size() - file->synced),
                           static_cast<unsigned char>(1U << dice.below(8))});
        turn(turned_.back());
      }
    }
    file->synced = file->bytes.size();
  }
  failure_ = Failure::none;
  dead_ = false;
}

void SimulatedDisk::turn(const Turned& bit) {
  char& byte = bit.file->bytes[bit.byte];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ bit.mask);
}

bool SimulatedDisk::mend() {
  const std::lock_guard lock(mutex_);
  for (const auto& bit : turned_) turn(bit);
  return !std::exchange(turned_, {}).empty();
}

IOStatus SimulatedDisk::NewSequentialFile(const std::string& given_name, const FileOptions& /*options*/,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  auto file = find(name);
  if (file == nullptr) return not_found(name);
  *result = std::make_unique<ReadableFile>(*this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& given_name, const FileOptions& /*options*/,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                            IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  auto file = find(name);
  if (file == nullptr) return not_found(name);
  *result = std::make_unique<ReadableFile>(*this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& given_name, const FileOptions& /*options*/,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  if (auto status = operation(Operation::other); !status.ok()) return status;
  auto file = std::make_shared<File>();
  change([name, file](Tree& tree) { tree.files[name] = file; });
  *result = std::make_unique<WritableFile>(*this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewDirectory(const std::string& given_name, const IOOptions& /*options*/,
                                     std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  if (!tree_.directories.contains(name)) return not_found(name);
  *result = std::make_unique<SyncedDirectory>(*this);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::FileExists(const std::string& given_name, const IOOptions& /*options*/,
                                   IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  return tree_.files.contains(name) || tree_.directories.contains(name) ? IOStatus::OK() : not_found(name);
}

IOStatus SimulatedDisk::GetChildren(const std::string& given_directory, const IOOptions& /*options*/,
                                    std::vector<std::string>* result, IODebugContext* /*dbg*/) {
  const std::string directory = plain(given_directory);
  const std::lock_guard lock(mutex_);
  result->clear();
  if (!tree_.directories.contains(directory)) return not_found(directory);
  const std::string prefix = directory + "/";
  const auto add = [&](const std::string& name) {
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      result->push_back(name.substr(prefix.size()));
  };
  for (const auto& [name, file] : tree_.files) add(name);
  for (const auto& name : tree_.directories) add(name);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteFile(const std::string& given_name, const IOOptions& /*options*/,
                                   IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  // Not counted: it may come from a thread of RocksDB, in an order that no seed repeats.
  if (dead_) return IOStatus::IOError("the disk is dead");
  if (!tree_.files.contains(name)) return not_found(name);
  change([name](Tree& tree) { tree.files.erase(name); });
  return IOStatus::OK();
}

IOStatus SimulatedDisk::CreateDir(const std::string& given_name, const IOOptions& options, IODebugContext* dbg) {
  const std::string name = plain(given_name);
  {
    const std::lock_guard lock(mutex_);
    if (tree_.directories.contains(name)) return IOStatus::IOError("directory exists", name);
  }
  return CreateDirIfMissing(name, options, dbg);
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& given_name, const IOOptions& /*options*/,
                                           IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  if (tree_.directories.contains(name)) return IOStatus::OK();
  if (auto status = operation(Operation::other); !status.ok()) return status;
  change([name](Tree& tree) { tree.directories.insert(name); });
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteDir(const std::string& given_name, const IOOptions& /*options*/,
                                  IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  if (!tree_.directories.contains(name)) return not_found(name);
  if (auto status = operation(Operation::other); !status.ok()) return status;
  change([name](Tree& tree) { tree.directories.erase(name); });
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileSize(const std::string& given_name, const IOOptions& /*options*/, std::uint64_t* size,
                                    IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  const auto file = find(name);
  if (file == nullptr) return not_found(name);
  *size = file->bytes.size();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileModificationTime(const std::string& given_name, const IOOptions& /*options*/,
                                                std::uint64_t* time, IODebugContext* /*dbg*/) {
  const std::string name = plain(given_name);
  const std::lock_guard lock(mutex_);
  if (find(name) == nullptr) return not_found(name);
  *time = 0;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::RenameFile(const std::string& given_from, const std::string& given_to,
                                   const IOOptions& /*options*/, IODebugContext* /*dbg*/) {
  const std::string from = plain(given_from);
  const std::string to = plain(given_to);
  const std::lock_guard lock(mutex_);
  if (auto status = operation(Operation::other); !status.ok()) return status;
  if (!tree_.files.contains(from) && !tree_.directories.contains(from)) return not_found(from);
  change([from, to](Tree& tree) {
    if (auto file = tree.files.extract(from)) {
      tree.files.erase(to);
      file.key() = to;
      tree.files.insert(std::move(file));
      return;
    }
    const std::string prefix = from + "/";
    std::map<std::string, std::shared_ptr<File>> moved;
    for (auto it = tree.files.lower_bound(prefix); it != tree.files.end() && it->first.starts_with(prefix);) {
      moved.emplace(to + "/" + it->first.substr(prefix.size()), it->second);
      it = tree.files.erase(it);
    }
    tree.files.merge(moved);
    tree.directories.erase(from);
    tree.directories.insert(to);
  });
  return IOStatus::OK();
}

IOStatus SimulatedDisk::LockFile(const std::string& /*name*/, const IOOptions& /*options*/, rocksdb::FileLock** lock,
                                 IODebugContext* /*dbg*/) {
  *lock = new NoLock();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::UnlockFile(rocksdb::FileLock* lock, const IOOptions& /*options*/, IODebugContext* /*dbg*/) {
  delete lock;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetTestDirectory(const IOOptions& /*options*/, std::string* path, IODebugContext* /*dbg*/) {
  *path = "/test";
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewLogger(const std::string& /*name*/, const IOOptions& /*options*/,
                                  std::shared_ptr<rocksdb::Logger>* result, IODebugContext* /*dbg*/) {
  *result = std::make_shared<NoLogger>();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetAbsolutePath(const std::string& given_path, const IOOptions& /*options*/,
                                        std::string* result, IODebugContext* /*dbg*/) {
  const std::string path = plain(given_path);
  *result = path;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFreeSpace(const std::string& /*path*/, const IOOptions& /*options*/, std::uint64_t* free,
                                     IODebugContext* /*dbg*/) {
  // On a thread of its own RocksDB asks this after a write without space, to mend itself behind the world's back: at a
  // time that no seed repeats, and with a flush that waits for its turn while the world waits for the recovery.
  if (std::this_thread::get_id() != world_) return IOStatus::NotSupported("not on this thread");
  *free = full_ ? 0 : std::uint64_t{1} << 40U;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::IsDirectory(const std::string& given_path, const IOOptions& /*options*/, bool* is_directory,
                                    IODebugContext* /*dbg*/) {
  const std::string path = plain(given_path);
  const std::lock_guard lock(mutex_);
  *is_directory = tree_.directories.contains(path);
  return *is_directory || tree_.files.contains(path) ? IOStatus::OK() : not_found(path);
}

}  // namespace cairn::simulation
