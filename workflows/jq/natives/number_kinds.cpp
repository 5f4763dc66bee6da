// What a number is: infinite, nan, normal; absolute values; and the numbers that are constants.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <cmath>
#include <limits>

namespace cairn::jq::native {
namespace {

Answer<Value> infinite(Surroundings&, const Value&, Arguments) {
  return Value::number(std::numeric_limits<double>::infinity());
}

Answer<Value> nan(Surroundings&, const Value&, Arguments) {
  return Value::number(std::numeric_limits<double>::quiet_NaN());
}

Answer<Value> isinfinite(Surroundings&, const Value& input, Arguments) {
  return Value::boolean(input.is_number() && std::isinf(input.as_double()));
}

Answer<Value> isfinite(Surroundings&, const Value& input, Arguments) {
  return Value::boolean(input.is_number() && !std::isinf(input.as_double()));
}

Answer<Value> isnan(Surroundings&, const Value& input, Arguments) { return Value::boolean(is_nan(input)); }

Answer<Value> isnormal(Surroundings&, const Value& input, Arguments) {
  return Value::boolean(input.is_number() && std::isnormal(input.as_double()));
}

/// By the manual's definition: the input negated when it is below 0, which null and the booleans are, too.
Answer<Value> abs(Surroundings& s, const Value& input, Arguments) {
  return compare(input, Value::integer(0)) < 0 && !is_nan(input) ? negate(s, input) : input;
}

Answer<Value> yes(Surroundings&, const Value&, Arguments) { return Value::boolean(true); }

Answer<Value> now(Surroundings& s, const Value&, Arguments) { return Value::number(s.now_s); }

constexpr Native k_rows[] = {
    {"infinite", 0, infinite, true, "Positive infinity; in JSON text, the greatest double."},
    {"nan", 0, nan, true, "The number that is no number: below every number, equal to nothing; in JSON text, null."},
    {"isinfinite", 0, isinfinite, true, "Whether the input is one of the two infinities."},
    {"isfinite", 0, isfinite, true, "Whether the input is a number and not infinite; true of nan."},
    {"isnan", 0, isnan, true, "Whether the input is nan."},
    {"isnormal", 0, isnormal, true, "Whether the input is a number that is not zero, subnormal, infinite or nan."},
    {"abs", 0, abs, true,
     "The input, negated if it is below 0; strings, arrays and objects as they are. Of null and booleans an error."},
    {"have_decnum", 0, yes, true,
     "true: numbers keep the digits of their literal; computing with them rounds to a double."},
    {"have_literal_numbers", 0, yes, true, "true: a number that is only moved prints as its literal says."},
    {"now", 0, now, false, "The time of the evaluation in seconds since 1970, as the run recorded it."},
};

}  // namespace

Rows number_rows() { return k_rows; }

}  // namespace cairn::jq::native
