#pragma once
// Verification of a whole log: files, seals, chains, indexes. Finds what no reader would pass by, and what none would come by.

#include "engine/log/event_log.h"

#include <rocksdb/env.h>

#include <cstdint>
#include <functional>
#include <string>

namespace cairn {

/// EventLog::verify for a directory that nobody has open, also when the log refuses to open: then the report says why and
/// where, with as much of the rest as can be read. Writes nothing. Errors only when there is no log (not_found), a newer
/// version wrote it (format_too_new) or the system refuses (io, busy).
Result<VerifyReport> verify_directory(const std::string& directory,
                                      const std::function<void(std::uint64_t records_done)>& progress = {},
                                      rocksdb::Env* env = nullptr);

}  // namespace cairn
