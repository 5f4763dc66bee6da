#pragma once
// Starting a child process: fork, exec and what must be right in between.

#include "workflows/core/error.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

/// A file descriptor that is closed with its owner.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct SpawnRequest {
  std::string program;                   ///< absolute path
  std::vector<std::string> arguments;    ///< argv, beginning with the name
  std::vector<std::string> environment;  ///< "NAME=value", all of it
  bool with_stdin = false;               ///< otherwise it reads /dev/null
};

/// A child that runs, and our ends of its pipes.
struct Spawned {
  pid_t pid = 0;              ///< also the id of its process group; not reaped
  FileDescriptor exit;        ///< pidfd: readable once it has ended
  FileDescriptor input;       ///< to its stdin; none without with_stdin
  FileDescriptor output;      ///< from its stdout
  FileDescriptor error;       ///< from its stderr
  FileDescriptor exec_error;  ///< an int errno, if the program could not be executed; else end of file
};

/// The child is the leader of a new process group, has default signal dispositions, an empty signal mask, no descriptor
/// of ours but its three, and gets SIGKILL when the thread that spawned it ends (so when this process dies). Errors
/// (io): no process, pipe or pidfd to be had. A program that cannot be executed ends with 127 and an exec_error.
Result<Spawned> spawn(const SpawnRequest& request);

/// The executable that `name` means under the PATH of `environment`; nothing when there is none.
std::optional<std::string> find_program(const std::string& name, const std::vector<std::string>& environment);

}  // namespace cairn
