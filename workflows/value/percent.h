#pragma once
// Percent-encoding (RFC 3986).

#include <string>
#include <string_view>

namespace cairn {

/// Everything but RFC 3986's unreserved characters as %XX.
std::string percent_encode(std::string_view text);

}  // namespace cairn
