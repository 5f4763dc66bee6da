#pragma once
// Making a store of an older format one of this version.

#include "engine/log/rocks_log.h"

#include <rocksdb/db.h>

#include <cstdint>

namespace cairn {

/// Stores of this format and older ones have no indexes of faults and ended runs.
inline constexpr std::uint16_t k_without_ended_index = 2;

/// Adds to the store of `log`, open for writing as `db`, what `format` did not have yet; then it has the format of this version.
/// May be interrupted and done again at any point. Cost: the records of open runs (format 1), and the lines of all runs with
/// the last records of faulted ones (format 2). Format 3 had no bus, format 4 neither feed nor approvals: nothing is added. Errors: corrupt, io; the store stays readable.
Result<void> upgrade_store(const RocksLog& log, rocksdb::DB& db, std::uint16_t format);

}  // namespace cairn
