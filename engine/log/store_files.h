#pragma once
// The store's files, looked at without RocksDB: before it is opened, and by verify when it cannot be.

#include "engine/log/event_log.h"
#include "engine/log/head_file.h"
#include "engine/log/manifest.h"

#include <rocksdb/env.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct StoreFiles {
  std::vector<LogDamage> damage;
  std::vector<std::string> notes;  ///< what is unusual and no damage: the torn tail that a crash leaves
  Manifest manifest;
  bool openable = true;  ///< RocksDB may be let at it: MANIFEST and the ends of all table files are sound
  /// Newest write in MANIFEST and write-ahead logs; RocksDB must come to the same after replaying.
  std::uint64_t last_sequence = 0;
  std::optional<HeadFile> head;
};

/// Reads CURRENT, MANIFEST, HEAD and the live write-ahead logs whole, and looks that every table file is there in its full
/// size. format_too_new when a newer version wrote the store; io when the system refuses; damage is no error here.
Result<StoreFiles> inspect_store(rocksdb::Env& env, const std::string& path);

struct TableFindings {
  std::vector<LogDamage> damage;
  bool unreadable = false;  ///< rows may not be readable for it
};

/// Reads every table file whole against its checksum in the MANIFEST, one finding a file, with the range of bytes when the
/// bad block can be told. Files that inspect_store missed are left out.
TableFindings check_tables(rocksdb::Env& env, const std::string& path, const Manifest& manifest);

/// What is wrong with the end of a table file (footer, list of meta blocks, properties), or nothing. RocksDB trusts these
/// bytes before it looks at their checksums, and some values make it abort the process.
Result<std::optional<std::string>> check_table_tail(rocksdb::Env& env, const std::string& file, std::uint64_t size);

/// "file 000012.sst"
std::string file_place(std::string_view name);
std::string file_place(std::string_view name, std::uint64_t offset);

}  // namespace cairn
