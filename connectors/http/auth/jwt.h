#pragma once
// JSON Web Tokens (RFC 7515, RFC 7519), by OpenSSL.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Base 64 with the alphabet of URLs, without padding.
std::string encode_base64url(std::string_view bytes);

/// Three parts between dots, the first two of them JSON objects.
bool looks_like_jwt(std::string_view text);

/// The claims of a token, nothing when it is no JWT. Its signature is not checked: it is another's to judge.
std::optional<Value> jwt_claims(std::string_view token);

/// HS256 under a shared secret.
std::string sign_jwt_with_secret(const Value& claims, std::string_view secret);

/// RS256, ES256, ES384, ES512 or EdDSA, whatever the private key (PEM, not encrypted) is for. Error invalid_input, which
/// does not repeat the key.
Result<std::string> sign_jwt_with_key(const Value& claims, std::string_view pem);

/// Chance of 128 bits, as text.
std::string random_token_id();

}  // namespace cairn
