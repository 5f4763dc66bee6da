#pragma once
// JSON pointers (RFC 6901) into schema documents.

#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::schema {

/// "/name", with '~' and '/' escaped.
std::string pointer_step(std::string_view name);

/// The pointer in a URI fragment such as "#/$defs/a%20b" or "#"; nothing when it is none.
std::optional<std::string> pointer_of_fragment(std::string_view fragment);

/// What `pointer` points at. Borrowed from `document`.
std::optional<const Value*> resolve_pointer(const Value& document, std::string_view pointer);

}  // namespace cairn::schema
