#pragma once
// CRC-32C (Castagnoli), the checksum of our rows and of RocksDB's files.

#include <cstdint>
#include <string_view>

namespace cairn {

/// Checksum of `crc`'s bytes followed by `data`; start with 0. Uses the processor's instruction where there is one.
std::uint32_t extend_crc32c(std::uint32_t crc, std::string_view data);
inline std::uint32_t crc32c(std::string_view data) { return extend_crc32c(0, data); }

/// How RocksDB stores a checksum that stands beside the data it covers.
constexpr std::uint32_t mask_crc32c(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; }

/// The table version, which extend_crc32c falls back to; visible so that a test can hold both against each other.
std::uint32_t extend_crc32c_portable(std::uint32_t crc, std::string_view data);

}  // namespace cairn
