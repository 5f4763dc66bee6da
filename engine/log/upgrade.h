#pragma once
// Making a store of an older format one of this version.

#include "engine/log/rocks_log.h"

#include <rocksdb/db.h>

#include <cstdint>

namespace cairn {

/// Adds to the store of `log`, open for writing as `db`, what `format` did not have yet; then it has the format of this version.
/// May be interrupted and done again at any point. Cost: the runs that are open. Errors: corrupt, io; the store stays readable.
Result<void> upgrade_store(const RocksLog& log, rocksdb::DB& db, std::uint16_t format);

}  // namespace cairn
