#pragma once
// Numbers without rounding: their order, and decimal text → value.

#include "workflows/value/value.h"

#include <cmath>
#include <optional>
#include <string_view>

namespace cairn::jq::native {

inline bool is_nan(const Value& value) { return value.kind() == Value::Kind::Double && std::isnan(value.as_double()); }

/// <0, 0, >0 by exact value whatever the kinds; neither may be NaN.
int order_numbers(const Value& a, const Value& b);

/// What `tonumber` reads: an optional sign, digits with an optional point, an optional exponent; or nan, inf, infinity
/// in any case. Digits alone that fit 64 bits are an exact integer; all else is the nearest double (beyond its range:
/// infinity). Nothing when the text is not just that.
std::optional<Value> parse_number(std::string_view text);

/// `number` towards zero, held to the range of int (array indices, fields of a date). NaN is the caller's business.
int to_int(const Value& number);
/// `number` as an integer when it is a whole one that fits, and the double itself otherwise.
Value whole_if_exact(double number);

}  // namespace cairn::jq::native
