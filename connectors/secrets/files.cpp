#include "connectors/secrets/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cairn {

namespace {

Error failed(const std::string& path, int code) {
  return make_error(ErrorCode::io, std::generic_category().message(code), path);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

FileStamp stamp_of(const struct stat& status) {
  constexpr std::int64_t k_ns = 1'000'000'000;
  return {status.st_ino, status.st_mtim.tv_sec * k_ns + status.st_mtim.tv_nsec, status.st_size};
}

Result<void> write_all(int fd, const std::string& text, const std::string& path) {
  std::size_t written = 0;
  while (written < text.size()) {
    const auto put = ::write(fd, text.data() + written, text.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(path, errno);
    written += static_cast<std::size_t>(put);
  }
  if (::fsync(fd) != 0) return failed(path, errno);
  return success();
}

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? std::string(".") : parent.string();
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return stamp_of(status);
}

Result<std::optional<SmallFile>> read_small_file(const std::string& path, std::size_t limit) {
  // Without O_NONBLOCK a named pipe would be waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<SmallFile>();
  if (file.get() < 0) return failed(path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed(path, errno);
  if (!S_ISREG(status.st_mode)) return make_error(ErrorCode::io, "it is no file", path);
  SmallFile read{stamp_of(status), {}};
  while (true) {
    constexpr std::size_t k_step = std::size_t{64} << 10U;
    const std::size_t before = read.text.size();
    read.text.resize(before + k_step);
    const auto got = ::read(file.get(), read.text.data() + before, k_step);
    if (got < 0 && errno != EINTR) return failed(path, errno);
    read.text.resize(before + (got < 0 ? 0 : static_cast<std::size_t>(got)));
    if (read.text.size() > limit) {
      return make_error(ErrorCode::limit_exceeded, fmt::format("it is larger than {} bytes", limit), path);
    }
    if (got == 0) return std::optional<SmallFile>(std::move(read));
  }
}

Result<void> replace_file(const std::string& path, const std::string& text, bool only_new) {
  std::string temporary = path + ".XXXXXX";
  {
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
    if (file.get() < 0) return failed(path, errno);
    if (auto written = write_all(file.get(), text, path); !written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  const int moved = only_new ? ::link(temporary.c_str(), path.c_str()) : std::rename(temporary.c_str(), path.c_str());
  const int code = errno;
  if (only_new || moved != 0) ::unlink(temporary.c_str());
  if (moved != 0 && code == EEXIST) {
    return make_error(ErrorCode::conflict, "the file exists already", path, "Choose another name, or remove it first");
  }
  if (moved != 0) return failed(path, code);
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failed(folder_of(path), errno);
  return success();
}

Result<FileLock> FileLock::acquire(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed(path, errno);
  FileLock lock(fd);
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return failed(path, errno);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace cairn
