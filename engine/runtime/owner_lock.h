#pragma once
// One owner per data directory: who holds the lock opens the log, works on runs and listens on the socket beside it.

#include "workflows/core/error.h"

#include <optional>
#include <string>

namespace cairn {

/// An exclusive lock on DIRECTORY/owner.lock. The operating system gives it up with the process, however that ends.
class OwnerLock {
 public:
  /// Nothing: another process holds it. The directory must exist. io: the operating system refused.
  static Result<std::optional<OwnerLock>> try_acquire(const std::string& directory);

  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&& other) noexcept;
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;
  ~OwnerLock();

 private:
  explicit OwnerLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace cairn
