#pragma once
// Value ↔ libjq's jv. The only place that knows both.

#include "workflows/expressions/exact_integers.h"
#include "workflows/value/value.h"

#include <string>
#include <variant>

extern "C" {
#include <jv.h>
}

namespace cairn::jq {

/// `value` as a jv the caller owns. Numbers beyond 2^53 are noted in `exact`.
jv to_jv(const Value& value, ExactIntegers& exact);

/// The texts of the integers in `exact` by libjq's text of their doubles, for the prelude; null when there are none.
jv exact_texts(const ExactIntegers& exact);

/// Why a result cannot be a Value.
struct NotAValue {
  std::string message;
};

/// Consumes `result`. Integral numbers within ±2^53 become integers, those `exact` knows what they were; as jq prints
/// them, NaN is null and the infinities are the largest doubles. Too deep or too large a result is refused.
std::variant<Value, NotAValue> from_jv(jv result, const ExactIntegers& exact);

/// Consumes `text`, a jv string.
std::string to_std_string(jv text);

}  // namespace cairn::jq
