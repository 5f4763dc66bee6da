#pragma once
// Base64 with the standard alphabet and padding (RFC 4648, section 4).

#include "workflows/core/error.h"

#include <string>
#include <string_view>

namespace cairn {

std::string encode_base64(std::string_view bytes);

/// Strict: complete padding, no line breaks or blanks, no stray bits. Fails with invalid_input.
Result<std::string> decode_base64(std::string_view text);

}  // namespace cairn
