#pragma once
// A secret as people write it down.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

/// The most bytes of one secret.
inline constexpr std::size_t k_secret_bytes = std::size_t{1} << 20;

/// A text that is a JSON object, array or string stands for that; any other is the secret itself, to the letter: a
/// password of digits is no number.
Value secret_of_text(const std::string& text);

/// The same for a text that was read from somewhere: UTF-8, not too long, without the line break at its end. `where`
/// names it in errors (invalid_input, limit_exceeded), which do not repeat it.
Result<std::string> read_secret_text(std::string text, const std::string& where);

/// Whether it may name a secret: 1 to 256 bytes of UTF-8 without control characters.
bool is_secret_store_name(std::string_view name);

}  // namespace cairn
