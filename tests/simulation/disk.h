#pragma once
// SimulatedDisk: a file system in memory that knows what a power cut would leave.
//
// Bytes are durable up to the last sync of their file. A new file, a rename and a removal are durable once a directory was
// synced; until then a power cut may take any number of the last of them, in order. Operations that write are counted, so
// that the disk can fail at any of them: once, or from then on (it is dead, as is the machine it is in).
//
// Thread-safe, though a simulation has one thread: RocksDB removes files on another.

#include "tests/simulation/dice.h"
#include "tests/simulation/faults.h"

#include <rocksdb/file_system.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cairn::simulation {

/// What a power cut does to bytes that were not synced.
enum class PowerCut : std::uint8_t {
  keep,  ///< nothing is lost: only the process died
  drop,  ///< all of them are gone
  torn,  ///< of each file some first part is there, perhaps with a bit turned; of the directory changes the first ones
};

class SimulatedDisk final : public rocksdb::FileSystem {
 public:
  enum class Failure : std::uint8_t { none, no_space, sync, death };

  const char* Name() const override { return "SimulatedDisk"; }

  /// The `number`th operation from now (from 1) that can fail that way does. death: and all after it.
  void fail_at(std::uint64_t number, Failure failure);
  [[nodiscard]] bool is_dead() const { return dead_; }
  /// Writing operations so far.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  /// What it says of its free space.
  void set_full(bool full) { full_ = full; }
  /// Nothing is written any more.
  void kill() { dead_ = true; }
  /// What is left is durable, and the disk works again.
  void cut_power(PowerCut how, Dice& dice, FaultCounts& faults);
  /// Turns back the bits that the last power cut has turned. False: none.
  bool mend();

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                                std::vector<std::string>* result, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options, std::uint64_t* size,
                                rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& name, const rocksdb::IOOptions& options,
                                            std::uint64_t* time, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                             rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions& options, std::string* path,
                                     rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewLogger(const std::string& name, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* result, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions& options, std::string* result,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* free,
                                 rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options, bool* is_directory,
                                rocksdb::IODebugContext* dbg) override;

 private:
  friend class ReadableFile;
  friend class WritableFile;
  friend class SyncedDirectory;
  struct File {
    std::string bytes;
    std::size_t synced = 0;
  };
  struct Tree {
    std::map<std::string, std::shared_ptr<File>> files;
    std::set<std::string> directories;
  };
  using Change = std::function<void(Tree&)>;

  enum class Operation : std::uint8_t { write, sync, other };
  /// Counts it; its failure when its turn has come.
  rocksdb::IOStatus operation(Operation what);
  void change(Change change);
  [[nodiscard]] std::shared_ptr<File> find(const std::string& name) const;
  void sync_directories();

  const std::thread::id world_ = std::this_thread::get_id();
  mutable std::mutex mutex_;
  Tree tree_;     ///< as processes see it
  Tree durable_;  ///< without what is in changes_
  std::vector<Change> changes_;
  struct Turned {
    std::shared_ptr<File> file;
    std::size_t byte = 0;
    unsigned char mask = 0;
  };
  std::vector<Turned> turned_;  ///< by the last power cut
  static void turn(const Turned& bit);
  std::uint64_t operations_ = 0;
  std::uint64_t countdown_ = 0;
  Failure failure_ = Failure::none;
  bool dead_ = false;
  bool full_ = false;
};

}  // namespace cairn::simulation
