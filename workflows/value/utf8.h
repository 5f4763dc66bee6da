#pragma once
// UTF-8 at the doors: a Value's strings are valid UTF-8, whatever the outside sent.

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

/// Strict: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

/// `text` with each maximal invalid piece replaced by U+FFFD, as browsers do; valid text comes back unchanged.
std::string utf8_lossy(std::string_view text);

/// The last place at or before `at` where a character of valid UTF-8 begins, or `text` ends.
std::size_t utf8_boundary(std::string_view text, std::size_t at);

}  // namespace cairn
