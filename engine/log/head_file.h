#pragma once
// The HEAD file beside the store's own files: how far each partition had come when it was last written. A log that ends before
// that was cut, which neither checksums nor chains can show. Written when the log is opened and closed and now and then in
// between, atomically (a new file, synced, then renamed).
//
//   cairn log 1                   format of the store

//   partition 0 57 5f3a…          lsn and chain hash of each partition that has records
//   bus 12 07c1…                  the same of the bus, when anything was published
//   crc 1a2b3c4d                  crc32c of all bytes before this line

#include "engine/log/rows.h"

#include <rocksdb/env.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace cairn {

inline constexpr std::string_view k_head_file = "HEAD";

struct HeadFile {
  std::uint16_t format = 0;
  std::uint64_t wal = 0;
  std::map<std::uint16_t, rows::PartitionHead> partitions;
  struct Bus {
    BusPosition head{};
    Hash256 chain;
    friend bool operator==(const Bus&, const Bus&) = default;
  };
  std::optional<Bus> bus;
};

std::string encode_head_file(const HeadFile& head);
/// Nothing when the bytes are not what encode_head_file wrote (of this format or another).
std::optional<HeadFile> parse_head_file(std::string_view text);

/// `directory` is the store's. io on failure; then the former file is still there.
Result<void> write_head_file(rocksdb::Env& env, const std::string& directory, const HeadFile& head);

}  // namespace cairn
