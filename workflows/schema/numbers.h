#pragma once
// What JSON Schema asks of numbers beyond their order.

#include "workflows/value/number.h"

namespace cairn::schema {

/// Whether `number` is an integer times `divisor` (above 0). Exact for integers of 64 bits; for others as near as
/// doubles allow.
bool is_multiple(const Value& number, const Value& divisor);

}  // namespace cairn::schema
