#pragma once
// UTF-8 at the doors: a Value's strings are valid UTF-8, whatever the outside sent.

#include <string>
#include <string_view>

namespace cairn {

/// Strict: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

/// `text` with each maximal invalid piece replaced by U+FFFD, as browsers do; valid text comes back unchanged.
std::string utf8_lossy(std::string_view text);

}  // namespace cairn
