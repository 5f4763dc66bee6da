#pragma once
// What a plain (unquoted) scalar means: the core schema of YAML 1.2.

#include "workflows/value/value.h"

#include <string_view>
#include <variant>

namespace cairn {

/// Why a plain scalar has no value here.
enum class ScalarProblem {
  not_finite,    ///< .inf, .nan
  out_of_range,  ///< a number beyond double
  huge_integer,  ///< beyond 64 bits, and not written in decimal digits
};

/// null, true/false, integers (decimal, 0o, 0x), floats; anything else is the string itself.
std::variant<Value, ScalarProblem> resolve_plain_scalar(std::string_view text);

}  // namespace cairn
