#pragma once
// The steps of opening that verify takes one by one, so that one failing step does not hide what the others find.

#include "engine/log/head_file.h"
#include "engine/log/rocks_log.h"

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// DIR → DIR/log
std::string store_path(const std::string& directory);

Result<std::unique_ptr<rocksdb::DB>> open_for_reading(rocksdb::Env& env, const std::string& path,
                                                      RocksLogOptions options);

struct StoreMeta {
  std::uint16_t format = 0;
  std::uint16_t partitions = 0;
};
/// format_too_new, corrupt.
Result<StoreMeta> read_meta(rocksdb::DB& db);

/// Each partition's newest batch must be the one its head row names, and must have come at least as far as HEAD says.
/// Calls `damage` for what does not meet; an error when rows cannot be read.
Result<void> check_ends(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::uint16_t partitions,
                        const std::optional<HeadFile>& head,
                        const std::function<void(std::string where, std::string message)>& damage);

/// The part of check_ends that is about the bus.
Result<void> check_bus_end(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, const std::optional<HeadFile>& head,
                           const std::function<void(std::string where, std::string message)>& damage);

}  // namespace cairn
