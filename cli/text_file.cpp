#include "cli/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cairn {
namespace {

/// A descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// A file that was named and cannot be had is the command line's mistake; anything else is the system's trouble.
Error failure(const std::string& path, int code) {
  const bool misnamed = code == ENOENT || code == ENOTDIR || code == EISDIR || code == EACCES;
  return make_error(misnamed ? ErrorCode::invalid_usage : ErrorCode::io, std::generic_category().message(code), path);
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  const bool is_stdin = path == "-";
  const std::string where = is_stdin ? "standard input" : path;
  const File file(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failure(where, errno);
  constexpr std::size_t k_step = 64U << 10;
  std::string text;
  while (true) {
    const std::size_t before = text.size();
    text.resize(before + k_step);
    const auto got = ::read(file.get(), text.data() + before, k_step);
    if (got < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (got < 0) return failure(where, errno);
    text.resize(before + static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return make_error(ErrorCode::limit_exceeded,
                        fmt::format("it is larger than {} bytes, the most that is read", limit), where);
    }
    if (got == 0) return text;
  }
}

namespace {

Result<void> write_all(const File& file, const std::string& path, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const auto put = ::write(file.get(), text.data() + written, text.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure(path, errno);
    written += static_cast<std::size_t>(put);
  }
  return success();
}

}  // namespace

Result<void> write_text_file(const std::string& path, const std::string& text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) return failure(path, errno);
  return write_all(file, path, text);
}

Result<void> write_new_file(const std::string& path, const std::string& text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0 && errno == EEXIST) {
    return make_error(ErrorCode::conflict, "the file exists already", path, "Choose another name, or remove it first");
  }
  if (file.get() < 0) return failure(path, errno);
  return write_all(file, path, text);
}

}  // namespace cairn
