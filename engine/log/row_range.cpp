#include "engine/log/row_range.h"

namespace cairn {

std::optional<IdRange> ids_with_prefix(keys::Kind kind, std::string_view prefix) {
  constexpr std::size_t k_digits = 32;
  std::string digits;
  for (const char c : prefix) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower == '-') continue;
    if ((lower < '0' || lower > '9') && (lower < 'a' || lower > 'f')) return std::nullopt;
    digits += lower;
  }
  if (digits.size() > k_digits) return std::nullopt;
  IdRange range{kind_prefix(kind), kind_prefix(kind)};
  for (std::size_t i = 0; i < k_digits; i += 2) {
    const auto nibble = [&](std::size_t at, int missing) {
      if (at >= digits.size()) return missing;
      return digits[at] <= '9' ? digits[at] - '0' : digits[at] - 'a' + 10;
    };
    range.lowest += static_cast<char>(nibble(i, 0) << 4 | nibble(i + 1, 0));
    range.highest += static_cast<char>(nibble(i, 15) << 4 | nibble(i + 1, 15));
  }
  return range;
}

}  // namespace cairn
