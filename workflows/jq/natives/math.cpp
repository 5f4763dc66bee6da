// The functions of the C math library. What rounds to whole numbers leaves exact integers as they are.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace cairn::jq::native {
namespace {

constexpr std::string_view k_number_required = "number required";

using One = double (*)(double);
using Two = double (*)(double, double);

template <One F>
Answer<Value> of_input(Surroundings&, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  return Value::number(F(input.as_double()));
}

/// For functions whose results are whole.
template <One F>
Answer<Value> rounding(Surroundings&, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  return input.is_integer() ? input : whole_if_exact(F(input.as_double()));
}

/// The first argument that is no number, if any.
const Value* not_a_number(Arguments arguments) {
  const auto found = std::find_if(arguments.begin(), arguments.end(), [](const Value& v) { return !v.is_number(); });
  return found == arguments.end() ? nullptr : &*found;
}

template <Two F>
Answer<Value> of_two(Surroundings&, const Value&, Arguments arguments) {
  if (const Value* bad = not_a_number(arguments)) return type_error(*bad, k_number_required);
  return Value::number(F(arguments[0].as_double(), arguments[1].as_double()));
}

Answer<Value> fused_multiply_add(Surroundings&, const Value&, Arguments arguments) {
  if (const Value* bad = not_a_number(arguments)) return type_error(*bad, k_number_required);
  return Value::number(std::fma(arguments[0].as_double(), arguments[1].as_double(), arguments[2].as_double()));
}

Answer<Value> fabs(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  if (input.kind() == Value::Kind::Double) return Value::number(std::fabs(input.as_double()));
  return input.as_double() < 0 ? negate(s, input) : input;
}

int int_of(double number) { return std::isnan(number) ? 0 : to_int(Value::number(number)); }
double ldexp_of(double x, double exponent) { return std::ldexp(x, int_of(exponent)); }
double scalbln_of(double x, double exponent) { return std::scalbln(x, int_of(exponent)); }
double nexttoward_of(double x, double y) { return std::nexttoward(x, static_cast<long double>(y)); }
/// Its time grows with the order, which is held to what is of use.
double bessel(double (*f)(int, double), double order, double x) {
  return f(std::clamp(int_of(order), -10'000, 10'000), x);
}
double jn_of(double order, double x) { return bessel(::jn, order, x); }
double yn_of(double order, double x) { return bessel(::yn, order, x); }
/// lgamma itself would write its sign to a global variable.
double lgamma_of(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

Answer<Value> pair(Surroundings& s, Value first, Value second) {
  if (!s.budget.elements(2)) return out_of(s.budget);
  return Value::array({std::move(first), std::move(second)});
}

Answer<Value> frexp(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  int exponent = 0;
  const double fraction = std::frexp(input.as_double(), &exponent);
  return pair(s, Value::number(fraction), Value::integer(std::isfinite(fraction) ? exponent : 0));
}

Answer<Value> modf(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  if (input.is_integer()) return pair(s, input.as_double() < 0 ? Value::number(-0.0) : Value::integer(0), input);
  double whole = 0;
  const double fraction = std::modf(input.as_double(), &whole);
  return pair(s, Value::number(fraction), whole_if_exact(whole));
}

Answer<Value> lgamma_r(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_number()) return type_error(input, k_number_required);
  int sign = 0;
  const double result = ::lgamma_r(input.as_double(), &sign);
  return pair(s, Value::number(result), Value::integer(sign));
}

constexpr Native k_rows[] = {
    {"acos", 0, of_input<::acos>, true, "The arc cosine, in radians."},
    {"acosh", 0, of_input<::acosh>, true, "The inverse hyperbolic cosine."},
    {"asin", 0, of_input<::asin>, true, "The arc sine, in radians."},
    {"asinh", 0, of_input<::asinh>, true, "The inverse hyperbolic sine."},
    {"atan", 0, of_input<::atan>, true, "The arc tangent, in radians."},
    {"atanh", 0, of_input<::atanh>, true, "The inverse hyperbolic tangent."},
    {"cbrt", 0, of_input<::cbrt>, true, "The cube root."},
    {"cos", 0, of_input<::cos>, true, "The cosine of an angle in radians."},
    {"cosh", 0, of_input<::cosh>, true, "The hyperbolic cosine."},
    {"erf", 0, of_input<::erf>, true, "The error function."},
    {"erfc", 0, of_input<::erfc>, true, "One minus the error function."},
    {"exp", 0, of_input<::exp>, true, "e to the power of the input."},
    {"exp10", 0, of_input<::exp10>, true, "10 to the power of the input."},
    {"exp2", 0, of_input<::exp2>, true, "2 to the power of the input."},
    {"expm1", 0, of_input<::expm1>, true, "e to the power of the input, minus one, exact near zero."},
    {"gamma", 0, of_input<lgamma_of>, true, "An older name of `lgamma`."},
    {"j0", 0, of_input<::j0>, true, "The Bessel function of the first kind of order 0."},
    {"j1", 0, of_input<::j1>, true, "The Bessel function of the first kind of order 1."},
    {"lgamma", 0, of_input<lgamma_of>, true, "The natural logarithm of the gamma function's absolute value."},
    {"log", 0, of_input<::log>, true, "The natural logarithm."},
    {"log10", 0, of_input<::log10>, true, "The logarithm to base 10."},
    {"log1p", 0, of_input<::log1p>, true, "The natural logarithm of one plus the input, exact near zero."},
    {"log2", 0, of_input<::log2>, true, "The logarithm to base 2."},
    {"logb", 0, of_input<::logb>, true, "The binary exponent of the input."},
    {"significand", 0, of_input<::significand>, true, "The input scaled by a power of two into 1 to 2."},
    {"sin", 0, of_input<::sin>, true, "The sine of an angle in radians."},
    {"sinh", 0, of_input<::sinh>, true, "The hyperbolic sine."},
    {"sqrt", 0, of_input<::sqrt>, true, "The square root."},
    {"tan", 0, of_input<::tan>, true, "The tangent of an angle in radians."},
    {"tanh", 0, of_input<::tanh>, true, "The hyperbolic tangent."},
    {"tgamma", 0, of_input<::tgamma>, true, "The gamma function."},
    {"y0", 0, of_input<::y0>, true, "The Bessel function of the second kind of order 0."},
    {"y1", 0, of_input<::y1>, true, "The Bessel function of the second kind of order 1."},

    {"ceil", 0, rounding<::ceil>, true, "The least whole number that is not below the input."},
    {"floor", 0, rounding<::floor>, true, "The greatest whole number that is not above the input."},
    {"nearbyint", 0, rounding<::nearbyint>, true, "The nearest whole number; a half goes to the even one."},
    {"rint", 0, rounding<::rint>, true, "The same as `nearbyint`."},
    {"round", 0, rounding<::round>, true, "The nearest whole number; a half goes away from zero."},
    {"trunc", 0, rounding<::trunc>, true, "The number without its fraction."},
    {"fabs", 0, fabs, true, "The absolute value of a number."},

    {"atan2", 2, of_two<::atan2>, true, "The angle, in radians, of the point `$x`, `$y`.", "y; x"},
    {"copysign", 2, of_two<::copysign>, true, "`$x` with the sign of `$sign`.", "x; sign"},
    {"drem", 2, of_two<::remainder>, true, "As `remainder`, by an older name.", "x; y"},
    {"fdim", 2, of_two<::fdim>, true, "`$x - $y`, or 0 when that is negative.", "x; y"},
    {"fmax", 2, of_two<::fmax>, true, "The greater of two numbers; nan loses.", "x; y"},
    {"fmin", 2, of_two<::fmin>, true, "The lesser of two numbers; nan loses.", "x; y"},
    {"fmod", 2, of_two<::fmod>, true,
     "The remainder of `$x / $y` whose quotient is cut to a whole number; unlike `%`, fractions count.", "x; y"},
    {"hypot", 2, of_two<::hypot>, true, "The square root of the sum of both squares.", "x; y"},
    {"jn", 2, of_two<jn_of>, true, "The Bessel function of the first kind; `$order` is held within ±10,000.",
     "order; x"},
    {"ldexp", 2, of_two<ldexp_of>, true, "`$x` times two to the power of `$exponent`.", "x; exponent"},
    {"nextafter", 2, of_two<::nextafter>, true, "The double next to `$x` in the direction of `$y`.", "x; y"},
    {"nexttoward", 2, of_two<nexttoward_of>, true, "The same as `nextafter`.", "x; y"},
    {"pow", 2, of_two<::pow>, true, "`$x` to the power of `$y`.", "x; y"},
    {"remainder", 2, of_two<::remainder>, true, "`$x` minus the nearest multiple of `$y`.", "x; y"},
    {"scalb", 2, of_two<::scalb>, true, "`$x` times two to the power of `$exponent`.", "x; exponent"},
    {"scalbln", 2, of_two<scalbln_of>, true, "`$x` times two to the power of `$exponent`, a whole number.",
     "x; exponent"},
    {"yn", 2, of_two<yn_of>, true, "The Bessel function of the second kind; `$order` is held within ±10,000.",
     "order; x"},
    {"fma", 3, fused_multiply_add, true, "`$x * $y + $z`, rounded once.", "x; y; z"},

    {"frexp", 0, frexp, true, "[fraction, exponent]: the input is fraction times two to the power of exponent."},
    {"modf", 0, modf, true, "[fraction, whole part]; both have the input's sign."},
    {"lgamma_r", 0, lgamma_r, true, "[logarithm of the gamma function's absolute value, sign of the gamma function]."},
};

}  // namespace

Rows math_rows() { return k_rows; }

}  // namespace cairn::jq::native
