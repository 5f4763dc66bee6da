#pragma once
// JSON text ↔ Value. RFC 8259; numbers as number.h has them: nothing is rounded on the way through.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

/// Parses one JSON document. Errors (invalid_input, limit_exceeded) say line and column. A number beyond double's range
/// is an error, not infinity; a duplicate key too; so is text that is not UTF-8 or nests deeper than
/// limits::k_value_depth.
Result<Value> parse_json(std::string_view text);

/// Compact JSON. A Decimal prints as its text, a double as the shortest text that reads back the same; NaN as null;
/// infinities as ±1.797…e308.
std::string to_json(const Value& value);

/// Indented by two spaces a level.
std::string to_pretty_json(const Value& value);

/// `text` as a JSON string with quotes.
std::string quote_json(std::string_view text);

}  // namespace cairn
