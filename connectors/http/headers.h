#pragma once
// Header fields: names in one spelling, values that cannot smuggle, and how they are shown.

#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// In the order sent or received; names may repeat.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// "content-type" → "Content-Type": each part between dashes with one capital, whatever the peer's spelling, so that
/// expressions over headers do not depend on HTTP/1.1 or HTTP/2. "ETag" becomes "Etag".
std::string canonical_header_name(std::string_view name);

bool same_header_name(std::string_view a, std::string_view b);

/// The first value of `name`, or nullptr.
const std::string* find_header(const HeaderList& headers, std::string_view name);

/// An RFC 9110 token: what a header name or a method may be made of.
bool is_http_token(std::string_view text);

/// No control characters but the tab: neither CR, LF nor NUL.
bool is_header_value(std::string_view text);

/// As data: canonical names in order, values of a repeated name joined by ", " (Set-Cookie too). Text that is not UTF-8
/// is read as ISO-8859-1.
Value headers_to_value(const HeaderList& headers);

/// As data, with *** in place of the values that is_secret_name() tells.
Value redacted_headers_to_value(const HeaderList& headers);

/// ISO-8859-1 as UTF-8.
std::string latin1_to_utf8(std::string_view text);

}  // namespace cairn
