#include "workflows/jq/natives/numbers.h"

#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <climits>
#include <limits>
#include <string>

namespace cairn::jq::native {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::optional<Value> parse_special_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (equals_ignoring_case(text, "nan")) return Value::number(std::numeric_limits<double>::quiet_NaN());
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value::number(negative ? -infinity : infinity);
  }
  return std::nullopt;
}

int to_int(const Value& number) {
  if (number.kind() == Value::Kind::Uint) return INT_MAX;
  if (number.kind() == Value::Kind::Int) {
    return static_cast<int>(std::clamp<std::int64_t>(number.as_int(), INT_MIN, INT_MAX));
  }
  const double d = number.as_double();
  return d <= INT_MIN ? INT_MIN : d >= INT_MAX ? INT_MAX : static_cast<int>(d);
}

Value whole_if_exact(double number) {
  constexpr double exact_below = 9007199254740992.0;  // 2⁵³: from there on a double may stand for several integers
  if (std::trunc(number) != number || std::abs(number) >= exact_below) return Value::number(number);
  if (number == 0 && std::signbit(number)) return Value::number(number);
  return Value::integer(static_cast<std::int64_t>(number));
}

}  // namespace cairn::jq::native
