#include "connectors/http/auth/jwt.h"

#include "workflows/core/assert.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>

namespace cairn {

namespace {

template <class T, void (*Free)(T*)>
struct Freeing {
  void operator()(T* thing) const { Free(thing); }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY, EVP_PKEY_free>>;
using Signing = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freeing<ECDSA_SIG, ECDSA_SIG_free>>;

/// How a key signs.
struct Algorithm {
  const char* name;
  const EVP_MD* digest;        ///< null: the algorithm has its own
  std::size_t half_bytes = 0;  ///< of an elliptic curve's signature; 0: it is no pair of numbers
};

std::optional<Algorithm> algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return Algorithm{"RS256", EVP_sha256()};
    case EVP_PKEY_ED25519: return Algorithm{"EdDSA", nullptr};
    case EVP_PKEY_EC: break;
    default: return std::nullopt;
  }
  switch (EVP_PKEY_get_bits(key)) {
    case 256: return Algorithm{"ES256", EVP_sha256(), 32};
    case 384: return Algorithm{"ES384", EVP_sha384(), 48};
    case 521: return Algorithm{"ES512", EVP_sha512(), 66};
    default: return std::nullopt;
  }
}

/// An encrypted key would ask whoever sits at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*write*/, void* /*user*/) { return -1; }

Key read_key(std::string_view pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                   &BIO_free);
  CAIRN_ASSERT(source != nullptr, "out of memory");
  return Key(PEM_read_bio_PrivateKey(source.get(), nullptr, &no_password, nullptr));
}

std::optional<std::string> signature_of(EVP_PKEY* key, const Algorithm& algorithm, std::string_view text) {
  const Signing signing(EVP_MD_CTX_new());
  CAIRN_ASSERT(signing != nullptr, "out of memory");
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(signing.get(), nullptr, algorithm.digest, nullptr, key) != 1 ||
      EVP_DigestSign(signing.get(), nullptr, &size, bytes, text.size()) != 1) {
    return std::nullopt;
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(signing.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) !=
      1) {
    return std::nullopt;
  }
  signature.resize(size);
  if (algorithm.half_bytes == 0) return signature;
  // Two numbers in DER; a JWT has them side by side.
  const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
  const Signature pair(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size())));
  if (pair == nullptr) return std::nullopt;
  std::string halves(2 * algorithm.half_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(halves.data());
  const int half = static_cast<int>(algorithm.half_bytes);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + half, half) != half) {
    return std::nullopt;
  }
  return halves;
}

std::string unsigned_jwt(const Value& claims, const char* algorithm) {
  const Value head = Value::object({{"alg", Value::string(algorithm)}, {"typ", Value::string("JWT")}});
  return encode_base64url(to_json(head)) + "." + encode_base64url(to_json(claims));
}

std::optional<Value> part_of(std::string_view part) {
  std::string text(part);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const auto bytes = decode_base64(text);
  if (!bytes) return std::nullopt;
  auto value = parse_json(bytes.value());
  if (!value || !value.value().is_object()) return std::nullopt;
  return std::move(value.value());
}

}  // namespace

std::string encode_base64url(std::string_view bytes) {
  std::string text = encode_base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize(std::min(text.find('='), text.size()));
  return text;
}

bool looks_like_jwt(std::string_view text) { return jwt_claims(text).has_value(); }

std::optional<Value> jwt_claims(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  if (!part_of(token.substr(0, first))) return std::nullopt;
  return part_of(token.substr(first + 1, second - first - 1));
}

std::string sign_jwt_with_secret(const Value& claims, std::string_view secret) {
  const std::string text = unsigned_jwt(claims, "HS256");
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  const auto* done = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  CAIRN_ASSERT(done != nullptr, "OpenSSL makes no HMAC");
  return text + "." + encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

Result<std::string> sign_jwt_with_key(const Value& claims, std::string_view pem) {
  const Key key = read_key(pem);
  if (key == nullptr) {
    return make_error(ErrorCode::invalid_input, "the private key cannot be read: it must be PEM, not encrypted");
  }
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm) return make_error(ErrorCode::invalid_input, "the private key is of a kind that signs no assertions");
  const std::string text = unsigned_jwt(claims, algorithm->name);
  const auto signature = signature_of(key.get(), *algorithm, text);
  if (!signature) return make_error(ErrorCode::invalid_input, "the private key does not sign");
  return text + "." + encode_base64url(*signature);
}

std::string random_token_id() {
  std::array<unsigned char, 16> bytes{};
  CAIRN_ASSERT(RAND_bytes(bytes.data(), bytes.size()) == 1, "the operating system gives no randomness");
  return encode_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace cairn
