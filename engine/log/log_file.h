#pragma once
// RocksDB's log file format, which its write-ahead logs and its MANIFEST share, read byte by byte by ourselves: RocksDB's
// own reader stops at the first bad record without saying so, and cannot tell a crash from damage.
//
//   file    := block*                    of 32 KiB, the last one shorter
//   block   := record* trailer           trailer: fewer than 7 zero bytes
//   record  := crc32c:u32 length:u16 type:u8 payload           little-endian; the crc is masked, over type and payload
//   type    := 1 whole | 2 first | 3 middle | 4 last           parts of one logical record in several blocks
//
// RocksDB has further types, for files that are recycled or compressed; the log never has those, so here they are damage.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cairn {

struct LogFileEnd {
  enum class Kind : std::uint8_t {
    whole,    ///< the last record is complete and nothing follows
    torn,     ///< the file ends inside a record, or only zeros follow: what a crash leaves
    damaged,  ///< a record is there in full and is not what was written
  };
  Kind kind = Kind::whole;
  std::uint64_t offset = 0;  ///< where the torn or damaged record begins; the file's size when whole
  std::string message;       ///< empty when whole
};

/// Calls `visit` with each intact logical record in order and the offset it begins at, until the end or the first trouble.
/// Total on any bytes.
LogFileEnd scan_log_file(std::string_view contents,
                         const std::function<void(std::uint64_t offset, std::string_view record)>& visit);

}  // namespace cairn
