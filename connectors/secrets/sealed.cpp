#include "connectors/secrets/sealed.h"

#include "workflows/core/assert.h"
#include "workflows/core/sha256.h"
#include "workflows/value/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace cairn {

namespace {

constexpr std::string_view k_magic = "CAIRNSEC";
constexpr char k_version = 1;
constexpr std::size_t k_key_id_bytes = 8;
constexpr std::size_t k_head_bytes = k_magic.size() + 1 + k_key_id_bytes;
constexpr std::size_t k_nonce_bytes = 12;
constexpr std::size_t k_tag_bytes = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher make_cipher() {
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  CAIRN_ASSERT(cipher != nullptr, "out of memory");
  return cipher;
}

const unsigned char* in(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* out(std::string& text, std::size_t at) { return reinterpret_cast<unsigned char*>(text.data() + at); }

void randomize(unsigned char* bytes, std::size_t count) {
  CAIRN_ASSERT(RAND_bytes(bytes, static_cast<int>(count)) == 1, "the operating system gives no randomness");
}

std::optional<std::string> key_bytes(std::string_view text) {
  if (const auto hex = Hash256::from_hex(text)) return std::string(hex->view());
  const auto decoded = decode_base64(text);
  if (decoded && decoded.value().size() == SecretKey::k_bytes) return decoded.value();
  return std::nullopt;
}

}  // namespace

SecretKey SecretKey::make() {
  SecretKey key;
  randomize(key.bytes_.data(), key.bytes_.size());
  return key;
}

Result<SecretKey> SecretKey::parse(std::string_view text, const std::string& where) {
  constexpr std::string_view k_blank = " \t\r\n";
  const auto first = text.find_first_not_of(k_blank);
  if (first != std::string_view::npos) text = text.substr(first, text.find_last_not_of(k_blank) - first + 1);
  auto bytes = key_bytes(text);
  if (!bytes) {
    return make_error(ErrorCode::invalid_configuration,
                      "that is no key: it must be 32 bytes in base 64, or 64 hexadecimal digits", where,
                      "Make one with: cairn secret key FILE");
  }
  SecretKey key;
  std::copy(bytes->begin(), bytes->end(), key.bytes_.begin());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return key;
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

std::string SecretKey::text() const {
  return encode_base64({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
}

std::string SecretKey::id() const {
  const auto hash = sha256("cairn secret store key", {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
  return std::string(hash.view().substr(0, k_key_id_bytes));
}

std::string seal(const SecretKey& key, std::string_view text) {
  std::string sealed = std::string(k_magic) + k_version + key.id();
  sealed.resize(k_head_bytes + k_nonce_bytes + text.size() + k_tag_bytes);
  randomize(out(sealed, k_head_bytes), k_nonce_bytes);
  const auto cipher = make_cipher();
  int count = 0;
  const std::size_t body = k_head_bytes + k_nonce_bytes;
  const bool done =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes().data(), out(sealed, k_head_bytes)) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &count, in(sealed), static_cast<int>(k_head_bytes)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out(sealed, body), &count, in(text), static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out(sealed, body + text.size()), &count) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, k_tag_bytes, out(sealed, body + text.size())) == 1;
  CAIRN_ASSERT(done, "OpenSSL cannot encrypt");
  return sealed;
}

Result<std::string> unseal(const SecretKey& key, std::string_view sealed, const std::string& where) {
  const auto damaged = [&](std::string_view what) {
    return make_error(ErrorCode::corrupt, std::string(what), where, "Restore it from a copy, or set its secrets again");
  };
  if (sealed.size() < k_head_bytes + k_nonce_bytes + k_tag_bytes || !sealed.starts_with(k_magic)) {
    return damaged("this is no store of secrets, or it was cut");
  }
  if (sealed[k_magic.size()] != k_version) {
    return make_error(ErrorCode::format_too_new, "the store was written by a newer version of cairn", where);
  }
  if (sealed.substr(k_magic.size() + 1, k_key_id_bytes) != key.id()) {
    return make_error(ErrorCode::invalid_configuration, "the store was written with another key", where,
                      "Give the key it was written with: secrets.keyFile or CAIRN_SECRETS_KEY");
  }
  const auto nonce = sealed.substr(k_head_bytes, k_nonce_bytes);
  const auto body =
      sealed.substr(k_head_bytes + k_nonce_bytes, sealed.size() - k_head_bytes - k_nonce_bytes - k_tag_bytes);
  std::string tag(sealed.substr(sealed.size() - k_tag_bytes));
  std::string text(body.size(), '\0');
  const auto cipher = make_cipher();
  int count = 0;
  const bool whole =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes().data(), in(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &count, in(sealed), static_cast<int>(k_head_bytes)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out(text, 0), &count, in(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, k_tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out(text, text.size()), &count) == 1;
  if (!whole) {
    OPENSSL_cleanse(text.data(), text.size());
    return damaged("the store was changed after it was written");
  }
  return text;
}

}  // namespace cairn
