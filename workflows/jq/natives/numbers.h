#pragma once
// Numbers as jq has them beyond JSON: nan, infinities, indices.

#include "workflows/value/number.h"

#include <cmath>
#include <optional>
#include <string_view>

namespace cairn::jq::native {

inline bool is_nan(const Value& value) { return value.kind() == Value::Kind::Double && std::isnan(value.as_double()); }

/// What `tonumber` and `fromjson` read besides literals: nan, inf or infinity in any case, with an optional sign.
std::optional<Value> parse_special_number(std::string_view text);

/// What `tonumber` reads.
inline std::optional<Value> parse_any_number(std::string_view text) {
  auto number = parse_number(text);
  return number ? number : parse_special_number(text);
}

/// `number` towards zero, held to the range of int (array indices, fields of a date). NaN is the caller's business.
int to_int(const Value& number);
/// `number` as an integer when it is a whole one that fits, and the double itself otherwise.
Value whole_if_exact(double number);

}  // namespace cairn::jq::native
