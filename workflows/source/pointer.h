#pragma once
// JSON pointers (RFC 6901), and names as messages show them.

#include <string>
#include <string_view>

namespace cairn {

/// Appends "/segment", with '~' and '/' escaped.
void append_pointer_segment(std::string& pointer, std::string_view segment);

/// `text` for a message: long ones are cut (between characters) and end in "…", control characters become spaces.
std::string shown(std::string_view text);

}  // namespace cairn
