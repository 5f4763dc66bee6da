#include "workflows/source/scalar.h"

#include "workflows/value/number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace cairn {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_of_base(std::string_view digits, int base) {
  if (digits.empty()) return false;
  for (const char c : digits) {
    const bool ok =
        base == 16 ? is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') : c >= '0' && c < '0' + base;
    if (!ok) return false;
  }
  return true;
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - first;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  if (digits() == 0) {
    if (i >= text.size() || text[i] != '.') return false;
    ++i;
    if (digits() == 0) return false;
  } else if (i < text.size() && text[i] == '.') {
    ++i;
    digits();
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

std::variant<Value, ScalarProblem> to_number(std::string_view text) {
  Value number = *parse_number(text);
  if (std::isinf(number.as_double())) return ScalarProblem::out_of_range;
  return number;
}

/// Digits of `base` with the sign apart; nothing when they exceed 64 bits.
std::optional<Value> to_integer(bool negative, std::string_view digits, int base) {
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (error != std::errc()) return std::nullopt;
  if (!negative) return Value::unsigned_integer(magnitude);
  constexpr std::uint64_t k_lowest = std::uint64_t{1} << 63;
  if (magnitude > k_lowest) return std::nullopt;
  if (magnitude == k_lowest) return Value::integer(std::numeric_limits<std::int64_t>::min());
  return Value::integer(-static_cast<std::int64_t>(magnitude));
}

bool is_not_finite(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

}  // namespace

std::variant<Value, ScalarProblem> resolve_plain_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Value::null();
  if (text == "true" || text == "True" || text == "TRUE") return Value::boolean(true);
  if (text == "false" || text == "False" || text == "FALSE") return Value::boolean(false);

  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return Value::string(std::string(text));
  if (is_not_finite(text)) return ScalarProblem::not_finite;

  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  // Hexadecimal and octal have no sign in the core schema.
  if (digits.size() == text.size() && digits.starts_with("0x")) base = 16;
  if (digits.size() == text.size() && digits.starts_with("0o")) base = 8;
  if (base != 10) digits.remove_prefix(2);
  if (all_of_base(digits, base)) {
    if (auto integer = to_integer(negative, digits, base)) return *std::move(integer);
    if (base != 10) return ScalarProblem::huge_integer;
    return to_number(text);
  }
  if (looks_like_float(text)) return to_number(text);
  return Value::string(std::string(text));
}

}  // namespace cairn
