#pragma once
// Directories of a store through RocksDB's Env, so that tests can make them fail.

#include "workflows/core/error.h"

#include <rocksdb/env.h>

#include <string>

namespace cairn {

/// Makes what was created, renamed or removed in it durable.
Result<void> sync_directory(rocksdb::Env& env, const std::string& path);

/// Removes it with the files in it; one that is not there is no error. io when it holds a directory.
Result<void> remove_directory(rocksdb::Env& env, const std::string& path);

}  // namespace cairn
