#pragma once
// What RocksDB's MANIFEST says of the store's files, read by ourselves: which write-ahead logs are live, which table files
// there must be and their checksums. So damage can be named when RocksDB refuses, and before it changes anything.

#include "engine/log/log_file.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cairn {

struct TableFile {
  std::uint64_t size = 0;
  std::string checksum;       ///< as RocksDB stores it; empty when it has none
  std::string checksum_name;  ///< the function that made it
};

struct Manifest {
  LogFileEnd end;
  std::uint64_t log_number = 0;     ///< write-ahead logs below this one are not needed any more
  std::uint64_t last_sequence = 0;  ///< newest write when the last edit was made
  std::map<std::uint64_t, TableFile> tables;
};

/// Total on any bytes. A record that is intact and still makes no sense counts as damage (Manifest::end).
Manifest read_manifest(std::string_view contents);

}  // namespace cairn
