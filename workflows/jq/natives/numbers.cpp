#include "workflows/jq/natives/numbers.h"

#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <limits>
#include <string>

namespace cairn::jq::native {
namespace {

constexpr double k_two_to_63 = 9223372036854775808.0;
constexpr double k_two_to_64 = 18446744073709551616.0;

template <class T>
int sign_of(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/// The integer against the double, no side rounded.
int order_exactly(const Value& integer, double number) {
  if (integer.kind() == Value::Kind::Uint) {
    if (number >= k_two_to_64) return -1;
    if (number < k_two_to_63) return 1;
    return sign_of(integer.as_uint(), static_cast<std::uint64_t>(number));  // a double this large is whole
  }
  if (number >= k_two_to_63) return -1;
  if (number < -k_two_to_63) return 1;
  const auto whole = static_cast<std::int64_t>(number);
  if (const int order = sign_of(integer.as_int(), whole); order != 0) return order;
  return sign_of(0.0, number - static_cast<double>(whole));
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

/// Length of digits with at most one point among or around them, from `at`; 0 when there is no digit.
std::size_t mantissa_size(std::string_view text, std::size_t at, bool& whole) {
  const std::size_t before = skip_digits(text, at);
  whole = before == text.size() || text[before] != '.';
  if (whole) return before - at;
  const std::size_t after = skip_digits(text, before + 1);
  return after - at > 1 ? after - at : 0;
}

Value nearest_double(std::string_view digits, bool negative) {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // Out of range, from_chars does not say on which side; strtod does.
  if (error == std::errc::result_out_of_range) number = std::strtod(std::string(digits).c_str(), nullptr);
  return Value::number(negative ? -number : number);
}

Value exact_or_nearest(std::string_view digits, bool negative) {
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (error != std::errc()) return nearest_double(digits, negative);
  if (!negative) return Value::unsigned_integer(magnitude);
  constexpr std::uint64_t least = std::uint64_t{1} << 63;
  if (magnitude == 0 || magnitude > least) return nearest_double(digits, negative);
  return Value::integer(static_cast<std::int64_t>(~magnitude + 1));
}

}  // namespace

int order_numbers(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.kind() == Kind::Int && b.kind() == Kind::Int) return sign_of(a.as_int(), b.as_int());
  if (a.kind() == Kind::Double) {
    return b.kind() == Kind::Double ? sign_of(a.as_double(), b.as_double()) : -order_exactly(b, a.as_double());
  }
  if (b.kind() == Kind::Double) return order_exactly(a, b.as_double());
  if (a.kind() != b.kind()) return a.kind() == Kind::Uint ? 1 : -1;  // every Uint is above every Int
  return sign_of(a.as_uint(), b.as_uint());
}

std::optional<Value> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (equals_ignoring_case(text, "nan")) return Value::number(std::numeric_limits<double>::quiet_NaN());
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value::number(negative ? -infinity : infinity);
  }
  bool whole = false;
  std::size_t at = mantissa_size(text, 0, whole);
  if (at == 0) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    whole = false;
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return std::nullopt;
    at = end;
  }
  if (at != text.size()) return std::nullopt;
  return whole ? exact_or_nearest(text, negative) : nearest_double(text, negative);
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
