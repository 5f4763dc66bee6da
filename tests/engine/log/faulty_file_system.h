#pragma once
// A file system that can fail and lose power: what reaches the directory beneath is all that a power cut would leave.
//
// From the chosen operation on, or at it alone, writing operations fail; an append that fails has written half. power_cut()
// takes back what was never synced: bytes after a file's last sync, and files whose directory was not synced since they were
// created. A rename is durable at once, and with it what was created before it: a journal keeps that order.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace cairn::testing {

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Failure : std::uint8_t { none, once, from_then_on };

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  /// The `number`th writing operation from now (from 1) fails. `only`: count operations on files with this in their name.
  void fail(std::uint64_t number, Failure failure, std::string only = {}, bool no_space = false) {
    const std::lock_guard lock(mutex_);
    countdown_ = number;
    failure_ = failure;
    only_ = std::move(only);
    no_space_ = no_space;
    failed_ = false;
  }
  void heal() { fail(0, Failure::none); }
  [[nodiscard]] bool failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  void power_cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& name : fresh_) std::filesystem::remove(name);
    for (const auto& [name, size] : synced_) {
      if (std::filesystem::exists(name) && std::filesystem::file_size(name) > size)
        std::filesystem::resize_file(name, size);
    }
    fresh_.clear();
    synced_.clear();
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override {
    if (auto status = operation(from); !status.ok()) return status;
    const auto status = FileSystemWrapper::RenameFile(from, to, options, dbg);
    const std::lock_guard lock(mutex_);
    if (status.ok()) moved(from, to);
    return status;
  }

  /// Counts an operation; its failure when its turn has come.
  rocksdb::IOStatus operation(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (failure_ == Failure::none || name.find(only_) == std::string::npos) return rocksdb::IOStatus::OK();
    if (countdown_ > 0) --countdown_;
    if (countdown_ > 0 || (failed_ && failure_ == Failure::once)) return rocksdb::IOStatus::OK();
    failed_ = true;
    return no_space_ ? rocksdb::IOStatus::NoSpace("no space left on device")
                     : rocksdb::IOStatus::IOError("the disk said no");
  }
  void synced(const std::string& name, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    synced_[name] = size;
  }
  void directory_synced(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    std::erase_if(fresh_,
                  [&](const std::string& name) { return std::filesystem::path(name).parent_path() == directory; });
  }

 private:
  /// `from` may be a file or a directory.
  void moved(const std::string& from, const std::string& to) {
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& [name, size] : synced_) {
      if (name != to) sizes[renamed(name, from, to)] = size;
    }
    if (synced_.contains(from)) sizes[to] = synced_[from];
    synced_ = std::move(sizes);
    fresh_.clear();
  }
  static std::string renamed(const std::string& name, const std::string& from, const std::string& to) {
    if (name == from) return to;
    return name.starts_with(from + "/") ? to + name.substr(from.size()) : name;
  }

  mutable std::mutex mutex_;
  std::uint64_t countdown_ = 0;
  Failure failure_ = Failure::none;
  std::string only_;
  bool no_space_ = false;
  bool failed_ = false;
  std::map<std::string, std::uint64_t> synced_;
  std::set<std::string> fresh_;
};

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::string name, std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* dbg) override {
    if (auto status = system_.operation(name_); !status.ok()) {
      static_cast<void>(target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, dbg));
      size_ += data.size() / 2;
      return status;
    }
    size_ += data.size();
    return target()->Append(data, options, dbg);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg) override {
    if (auto status = system_.operation(name_); !status.ok()) return status;
    const auto status = target()->Sync(options, dbg);
    if (status.ok()) system_.synced(name_, size_);
    return status;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg) override {
    return Sync(options, dbg);
  }

 private:
  std::string name_;
  FaultyFileSystem& system_;
  std::uint64_t size_ = 0;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::string name, std::unique_ptr<rocksdb::FSDirectory> directory, FaultyFileSystem& system)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), system_(system) {}
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg) override {
    return synced(FSDirectoryWrapper::Fsync(options, dbg));
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg,
                                        const rocksdb::DirFsyncOptions& how) override {
    return synced(FSDirectoryWrapper::FsyncWithDirOptions(options, dbg, how));
  }

 private:
  rocksdb::IOStatus synced(rocksdb::IOStatus status) {
    if (status.ok()) status = system_.operation(name_);
    if (status.ok()) system_.directory_synced(name_);
    return status;
  }
  std::string name_;
  FaultyFileSystem& system_;
};

inline rocksdb::IOStatus FaultyFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                           rocksdb::IODebugContext* dbg) {
  if (auto status = operation(name); !status.ok()) return status;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  auto status = FileSystemWrapper::NewWritableFile(name, options, &file, dbg);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    synced_[name] = 0;
    fresh_.insert(name);
  }
  *result = std::make_unique<FaultyFile>(name, std::move(file), *this);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                                        std::unique_ptr<rocksdb::FSDirectory>* result,
                                                        rocksdb::IODebugContext* dbg) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  auto status = FileSystemWrapper::NewDirectory(name, options, &directory, dbg);
  if (status.ok()) *result = std::make_unique<FaultyDirectory>(name, std::move(directory), *this);
  return status;
}

}  // namespace cairn::testing
