#include "engine/machine/ids.h"

namespace cairn {
namespace {

constexpr char k_digits[] = "0123456789abcdef";
constexpr std::uint8_t k_version_bits = 0x70;
constexpr std::uint8_t k_variant_bits = 0x80;

}  // namespace

RunId RunId::make(std::int64_t unix_ms, PartitionId partition, std::uint64_t random) {
  RunId id;
  const auto time = static_cast<std::uint64_t>(unix_ms);
  for (int i = 0; i < 6; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
  const auto place = static_cast<std::uint16_t>(partition);
  id.bytes[6] = static_cast<std::uint8_t>(k_version_bits | ((place >> 8) & 0x0F));
  id.bytes[7] = static_cast<std::uint8_t>(place);
  for (int i = 0; i < 8; ++i)
    id.bytes[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | k_variant_bits);
  return id;
}

PartitionId RunId::partition() const {
  return PartitionId{static_cast<std::uint16_t>(((bytes[6] & 0x0F) << 8) | bytes[7])};
}

std::string RunId::to_string() const {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += k_digits[bytes[i] >> 4];
    text += k_digits[bytes[i] & 15];
  }
  return text;
}

std::optional<RunId> RunId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  RunId id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return std::nullopt;
    }
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(nibble % 2 == 0 ? digit << 4 : byte | digit);
    ++nibble;
  }
  return id;
}

}  // namespace cairn
