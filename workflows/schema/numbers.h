#pragma once
// Exact comparison of numbers of any kind: 64-bit integers never pass through a double.

#include "workflows/value/value.h"

namespace cairn::schema {

/// Below, equal or above 0 as `a` is less than, equal to or greater than `b`.
int compare_numbers(const Value& a, const Value& b);

/// Whether the number has no fraction: 1 and 1.0.
bool is_integral(const Value& number);

/// Whether `number` is an integer times `divisor` (above 0). Exact for integers; for doubles as near as they allow.
bool is_multiple(const Value& number, const Value& divisor);

}  // namespace cairn::schema
