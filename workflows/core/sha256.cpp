#include "workflows/core/sha256.h"

#include "workflows/core/assert.h"

#include <openssl/evp.h>

namespace cairn {
namespace {

constexpr char k_digits[] = "0123456789abcdef";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Hash256::hex() const {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (auto byte : bytes) {
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

std::optional<Hash256> Hash256::from_hex(std::string_view text) {
  Hash256 hash;
  if (text.size() != hash.bytes.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return hash;
}

Hash256 sha256(std::string_view data) { return sha256(data, {}); }

Hash256 sha256(std::string_view first, std::string_view second) {
  // One context per thread: creating one costs more than hashing a small record.
  struct Context {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() {
      EVP_MD_CTX_free(context);
      EVP_MD_free(digest);
    }
  };
  thread_local Context hasher;
  Hash256 hash;
  unsigned int length = 0;
  const bool done = EVP_DigestInit_ex(hasher.context, hasher.digest, nullptr) == 1 &&
                    EVP_DigestUpdate(hasher.context, first.data(), first.size()) == 1 &&
                    EVP_DigestUpdate(hasher.context, second.data(), second.size()) == 1 &&
                    EVP_DigestFinal_ex(hasher.context, hash.bytes.data(), &length) == 1;
  CAIRN_ASSERT(done && length == hash.bytes.size(), "OpenSSL cannot compute SHA-256");
  return hash;
}

}  // namespace cairn
