#pragma once
// RocksDB's Status → our Error.

#include "workflows/core/error.h"

#include <rocksdb/status.h>

#include <string>

namespace cairn {

/// corrupt, busy (the store's lock is taken), or io; a full disk says so. `status` is not ok.
Error to_error(const rocksdb::Status& status, std::string where);

/// What to do about damage, said the same way everywhere.
std::string damage_remedy();

}  // namespace cairn
