#include "workflows/value/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace cairn {
namespace {

using Kind = Value::Kind;

constexpr double k_two_to_63 = 9223372036854775808.0;
constexpr double k_two_to_64 = 18446744073709551616.0;
constexpr std::int64_t k_longest_exponent = 999'999'999;

template <class T>
int sign_of(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// ---- decimal texts
// -----------------------------------------------------------------------------------------------------

/// ± 0.DIGITS × 10^exponent. No zeros lead the digits or end them, except where `as_written`; zero has none.
struct Parts {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

/// A literal taken apart; all views into it.
struct Literal {
  bool negative = false;
  std::string_view before;  ///< digits before the point
  std::string_view after;   ///< and behind it
  bool point = false;
  bool has_exponent = false;
  std::int64_t exponent = 0;  ///< held to ±2 × the longest
};

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Literal> read(std::string_view text) {
  Literal literal;
  literal.negative = take(text, '-');
  if (!literal.negative) take(text, '+');
  literal.before = take_digits(text);
  literal.point = take(text, '.');
  if (literal.point) literal.after = take_digits(text);
  if (literal.before.empty() && literal.after.empty()) return std::nullopt;
  literal.has_exponent = take(text, 'e') || take(text, 'E');
  if (literal.has_exponent) {
    const bool negative = take(text, '-');
    if (!negative) take(text, '+');
    const auto digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    constexpr std::int64_t most = 2 * k_longest_exponent;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), literal.exponent);
    literal.exponent = error != std::errc() ? most : std::min(literal.exponent, most);
    if (negative) literal.exponent = -literal.exponent;
  }
  if (!text.empty()) return std::nullopt;
  return literal;
}

std::string without_leading_zeros(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

Parts parts_of(std::string_view text) {
  const Literal literal = *read(text);
  Parts parts;
  parts.negative = literal.negative;
  parts.digits = std::string(literal.before).append(literal.after);
  const std::size_t all = parts.digits.size();
  parts.digits = without_leading_zeros(std::move(parts.digits));
  const auto leading = static_cast<std::int64_t>(all - parts.digits.size());
  parts.exponent = static_cast<std::int64_t>(literal.before.size()) + literal.exponent - leading;
  parts.digits.erase(parts.digits.find_last_not_of('0') + 1);  // npos + 1 is 0
  if (parts.digits.empty()) return {};
  return parts;
}

template <class Number>
std::string printed(Number number) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr};
}

std::string text_of(double number) {
  std::string text;
  append_double(number, text);
  return text;
}

Parts parts_of(const Value& number) {
  switch (number.kind()) {
    case Kind::Int: return parts_of(printed(number.as_int()));
    case Kind::Uint: return parts_of(printed(number.as_uint()));
    case Kind::Double: return parts_of(text_of(number.as_double()));
    default: return parts_of(number.as_decimal());
  }
}

int compare_parts(const Parts& a, const Parts& b) {
  const int sign_a = a.digits.empty() ? 0 : a.negative ? -1 : 1;
  const int sign_b = b.digits.empty() ? 0 : b.negative ? -1 : 1;
  if (sign_a != sign_b || sign_a == 0) return sign_of(sign_a, sign_b);
  const int larger =
      a.exponent != b.exponent ? sign_of(a.exponent, b.exponent) : sign_of(a.digits.compare(b.digits), 0);
  return sign_a * larger;
}

// ---- literals
// ----------------------------------------------------------------------------------------------------------

/// The scientific string of a literal whose exponent is in range.
std::string scientific(const Literal& literal) {
  std::string digits = without_leading_zeros(std::string(literal.before).append(literal.after));
  if (digits.empty()) digits = "0";
  const std::int64_t exponent = literal.exponent - static_cast<std::int64_t>(literal.after.size());
  const auto count = static_cast<std::int64_t>(digits.size());
  const std::int64_t adjusted = exponent + count - 1;
  std::string text = literal.negative ? "-" : "";
  if (exponent > 0 || adjusted < -6) {
    text += digits[0];
    if (count > 1) text.append(1, '.').append(digits, 1);
    text += adjusted < 0 ? "E-" : "E+";
    return text + printed(std::abs(adjusted));
  }
  const std::int64_t whole = count + exponent;  // digits before the point
  if (whole <= 0) text.append("0.").append(static_cast<std::size_t>(-whole), '0').append(digits);
  if (whole > 0) text.append(digits, 0, static_cast<std::size_t>(whole));
  if (whole > 0 && whole < count) text.append(1, '.').append(digits, static_cast<std::size_t>(whole));
  return text;
}

/// Whether the double nearest to `literal` surely prints as it does: few digits, written as a double is.
bool prints_as_written(const Literal& literal, std::string_view text) {
  constexpr std::size_t k_exact_digits = 15;  // a decimal number of so many digits survives being a double
  if (literal.has_exponent || !literal.point || literal.before.empty() || literal.after.empty()) return false;
  if (text.front() == '+' || literal.after.back() == '0') return false;
  if (literal.before.size() + literal.after.size() > k_exact_digits) return false;
  const bool leads_with_zero = literal.before.front() == '0';
  return leads_with_zero ? literal.before.size() == 1 && literal.after.front() != '0' : true;
}

double nearest(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // Out of range, from_chars does not say on which side; strtod does.
  return error == std::errc::result_out_of_range ? std::strtod(std::string(text).c_str(), nullptr) : number;
}

/// An integer's literal as an integer of 64 bits, when it is one. -0 is none.
std::optional<Value> as_integer(const Literal& literal) {
  std::uint64_t size = 0;
  const std::string_view digits = literal.before;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), size).ec != std::errc()) return std::nullopt;
  if (!literal.negative) return Value::unsigned_integer(size);
  constexpr std::uint64_t k_least = std::uint64_t{1} << 63;
  if (size == 0 || size > k_least) return std::nullopt;
  return Value::integer(static_cast<std::int64_t>(~size + 1));
}

// ---- comparison
// --------------------------------------------------------------------------------------------------------

/// The integer against the double.
int compare_exactly(const Value& integer, double number) {
  if (integer.kind() == Kind::Uint) {
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

/// Where at least one is a Decimal.
int compare_decimals(const Value& a, const Value& b) {
  const double x = a.as_double();
  const double y = b.as_double();
  if (x != y) return sign_of(x, y);  // rounding keeps the order
  if (std::isinf(x)) {
    const int outward = x > 0 ? 1 : -1;  // infinity itself is beyond every Decimal
    if (a.kind() == Kind::Double) return outward;
    if (b.kind() == Kind::Double) return -outward;
  }
  return compare_parts(parts_of(a), parts_of(b));
}

}  // namespace

std::optional<Value> parse_number(std::string_view text) {
  const auto literal = read(text);
  if (!literal) return std::nullopt;
  if (!literal->point && !literal->has_exponent) {
    if (auto integer = as_integer(*literal)) return integer;
  }
  const double number = nearest(text);
  if (prints_as_written(*literal, text)) return Value::number(number);
  const std::int64_t adjusted = literal->exponent + static_cast<std::int64_t>(literal->before.size());
  if (std::abs(adjusted) > k_longest_exponent) {
    const Parts parts = parts_of(text);
    if (std::abs(parts.exponent - 1) > k_longest_exponent) return Value::number(number);
  }
  std::string canonical = scientific(*literal);
  if (std::isfinite(number)) {
    const std::string printed = text_of(number);
    if (printed == text || printed == canonical) return Value::number(number);
  }
  return Value::decimal(std::move(canonical), number);
}

void append_double(double number, std::string& out) {
  const double size = std::abs(number);
  char buffer[40];
  if (size < k_two_to_64 && std::trunc(size) == size) {
    if (std::signbit(number)) out += '-';
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::uint64_t>(size)).ptr);
  } else {
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  }
}

int compare_numbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::Int && b.kind() == Kind::Int) return sign_of(a.as_int(), b.as_int());
  if (a.kind() == Kind::Decimal || b.kind() == Kind::Decimal) return compare_decimals(a, b);
  if (a.kind() == Kind::Double) {
    return b.kind() == Kind::Double ? sign_of(a.as_double(), b.as_double()) : -compare_exactly(b, a.as_double());
  }
  if (b.kind() == Kind::Double) return compare_exactly(a, b.as_double());
  if (a.kind() != b.kind()) return a.kind() == Kind::Uint ? 1 : -1;  // every Uint is above every Int
  return sign_of(a.as_uint(), b.as_uint());
}

bool is_whole(const Value& number) {
  if (number.kind() == Kind::Double) return std::trunc(number.as_double()) == number.as_double();
  if (number.kind() != Kind::Decimal) return true;
  const Parts parts = parts_of(number);
  return static_cast<std::int64_t>(parts.digits.size()) <= std::max<std::int64_t>(parts.exponent, 0);
}

std::string canonical_text(const Value& number) {
  if (number.kind() == Kind::Double && !std::isfinite(number.as_double())) return printed(number.as_double());
  const Parts parts = parts_of(number);
  return (parts.negative ? "-0." : "0.") + parts.digits + "e" + printed(parts.exponent);
}

}  // namespace cairn
