#pragma once
// Small files as secrets need them: read without hanging, replaced as a whole, looked at again when they changed.

#include "workflows/core/error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// Tells one content of a file from another without reading it.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct SmallFile {
  FileStamp stamp;
  std::string text;
};

/// The stamp of a file; nothing when there is none.
std::optional<FileStamp> stamp_of(const std::string& path);

/// A regular file of at most `limit` bytes (limit_exceeded); nothing when there is none. io: it cannot be read, or is no
/// file.
Result<std::optional<SmallFile>> read_small_file(const std::string& path, std::size_t limit);

/// Makes `path` hold `text`, for this user alone: after a crash it holds the old text or the new one. With `only_new`, one
/// that exists is a conflict.
Result<void> replace_file(const std::string& path, const std::string& text, bool only_new = false);

/// Held by one process at a time; released when it goes. Waits.
class FileLock {
 public:
  static Result<FileLock> acquire(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace cairn
