#include "workflows/value/base64.h"

#include "workflows/core/assert.h"

#include <openssl/evp.h>

#include <climits>

namespace cairn {
namespace {

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Error malformed() {
  return make_error(ErrorCode::invalid_input, "the text is not base64", {},
                    "Use the standard alphabet with complete padding and no blanks");
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  CAIRN_ASSERT(bytes.size() < INT_MAX / 2, "too many bytes for one base64 text");
  std::string out((bytes.size() + 2) / 3 * 4, '\0');  // OpenSSL adds a NUL, which falls on the string's own
  if (!bytes.empty()) EVP_EncodeBlock(octets(out), octets(bytes), static_cast<int>(bytes.size()));
  return out;
}

Result<std::string> decode_base64(std::string_view text) {
  if (text.empty()) return std::string();
  if (text.size() % 4 != 0 || text.size() > INT_MAX / 2) return malformed();
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(octets(out), octets(text), static_cast<int>(text.size())) < 0) return malformed();
  // OpenSSL counts padding as data, and lets blanks and stray bits pass: only a text that encodes back is strict
  // base64.
  out.resize(out.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  if (encode_base64(out) != text) return malformed();
  return out;
}

}  // namespace cairn
