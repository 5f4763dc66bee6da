#pragma once
// SHA-256 (FIPS 180-4, by OpenSSL) for definition hashes and log chains.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// 32 bytes. Ordered and comparable, so that it can be a key.
struct Hash256 {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] std::string hex() const;
  /// 64 lower- or upper-case hex digits, or nothing.
  static std::optional<Hash256> from_hex(std::string_view text);
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  friend auto operator<=>(const Hash256&, const Hash256&) = default;
};

Hash256 sha256(std::string_view data);
/// Hash of the two pieces one after the other.
Hash256 sha256(std::string_view first, std::string_view second);

}  // namespace cairn
