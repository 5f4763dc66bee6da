#pragma once
// JSON pointers (RFC 6901).

#include <string>
#include <string_view>

namespace cairn {

/// Appends "/segment", with '~' and '/' escaped.
void append_pointer_segment(std::string& pointer, std::string_view segment);

}  // namespace cairn
