#pragma once
// How RocksDB is set up for the log; docs/log-format.md has the reasons.

#include "engine/log/rocks_log.h"

#include <rocksdb/options.h>

namespace cairn {

rocksdb::Options rocks_options(const RocksLogOptions& options, rocksdb::Env* env);
/// Every read checks the blocks it touches.
rocksdb::ReadOptions read_options(const rocksdb::Snapshot* snapshot = nullptr);
/// For reading everything once: leaves the cache to others.
rocksdb::ReadOptions scan_options(const rocksdb::Snapshot* snapshot);

}  // namespace cairn
