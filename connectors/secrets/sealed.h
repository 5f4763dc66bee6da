#pragma once
// Authenticated encryption of one text under one key: AES-256-GCM by OpenSSL.

#include "workflows/core/error.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// 256 bits, wiped when they go.
class SecretKey {
 public:
  static constexpr std::size_t k_bytes = 32;

  /// Chance from the operating system.
  static SecretKey make();
  /// 64 hexadecimal digits, or base 64 of 32 bytes; blanks around it count for nothing. Error invalid_configuration, which
  /// does not repeat the text.
  static Result<SecretKey> parse(std::string_view text, const std::string& where);

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  [[nodiscard]] const std::array<std::uint8_t, k_bytes>& bytes() const { return bytes_; }
  /// Base 64.
  [[nodiscard]] std::string text() const;
  /// 8 bytes that tell keys apart and say nothing about them.
  [[nodiscard]] std::string id() const;

 private:
  SecretKey() = default;
  std::array<std::uint8_t, k_bytes> bytes_{};
};

/// magic:8 version:1 key id:8 nonce:12 ciphertext tag:16. The nonce is new each time; what stands before it is
/// authenticated too.
std::string seal(const SecretKey& key, std::string_view text);

/// What seal() was given. Errors: corrupt (no sealed text, or changed since), invalid_configuration (another key),
/// format_too_new. `where` names it.
Result<std::string> unseal(const SecretKey& key, std::string_view sealed, const std::string& where);

}  // namespace cairn
