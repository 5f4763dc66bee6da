#include "engine/runtime/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cairn {
namespace {

Error refused(const std::string& path, int code) {
  return make_error(ErrorCode::io, std::generic_category().message(code), path,
                    "Check that the data directory is yours to write");
}

}  // namespace

Result<std::optional<OwnerLock>> OwnerLock::try_acquire(const std::string& directory) {
  const std::string path = directory + "/owner.lock";
  // Close-on-exec: the lock must not live on in a process that a task starts.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return refused(path, errno);
  OwnerLock lock(descriptor);
  int result = 0;
  do {
    result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return std::optional<OwnerLock>(std::move(lock));
  if (errno == EWOULDBLOCK) return std::optional<OwnerLock>();
  return refused(path, errno);
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
OwnerLock::~OwnerLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace cairn
