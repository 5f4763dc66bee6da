#include "workflows/jq/natives/regex_price.h"

#include <algorithm>
#include <cstddef>

namespace cairn::jq::native {
namespace {

/// What counts in a pattern. Signs that are quoted or stand in a comment count, too: no harm is done by a price that is
/// too high.
struct Census {
  std::uint64_t sets = 0;      ///< classes and what stands for one: [, \p{…}, \w …
  std::uint64_t calls = 0;     ///< of groups: \g<x>, (?&x), (?R), (?1) …
  std::uint64_t absences = 0;  ///< (?~…): what is in them is gone over again for each one around it
  bool ignores_case = false;
};

bool is_one_of(char c, std::string_view letters) { return letters.find(c) != std::string_view::npos; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `head`: what follows "(?".
void count_group(std::string_view head, Census& census) {
  if (head.empty()) return;
  const bool signed_number = head.size() > 1 && is_one_of(head[0], "+-") && is_digit(head[1]);
  if (is_one_of(head[0], "R&") || is_digit(head[0]) || signed_number || head.starts_with("P>")) ++census.calls;
  if (head[0] == '~') ++census.absences;
  for (const char c : head) {
    if (!is_letter(c) && c != '-') break;
    census.ignores_case |= c == 'i';
  }
}

Census count(std::string_view pattern) {
  Census census;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '[') {
      ++census.sets;
    } else if (c == '(' && pattern.substr(at + 1).starts_with('?')) {
      count_group(pattern.substr(at + 2), census);
    } else if (c == '\\' && at + 1 < pattern.size()) {
      const char letter = pattern[++at];
      if (is_one_of(letter, "pPwWdDsShHRXNO")) ++census.sets;
      if (letter == 'g') ++census.calls;
    }
  }
  return census;
}

struct Rate {
  std::uint64_t steps;
  std::uint64_t bytes;
};
// Measured, the dearest of each kind: 0.2 µs, 4 µs, 20 µs and 180 µs. (`[\\w]` counts as two sets.)
constexpr Rate k_byte = {16, 256};
constexpr Rate k_byte_ignoring_case = {320, 1024};
constexpr Rate k_set = {1'500, 12 << 10};
constexpr Rate k_set_ignoring_case = {14'000, 100 << 10};
constexpr std::uint64_t k_steps_of_absence = 16;  // for each byte
constexpr std::uint64_t k_start = 32;
constexpr std::uint64_t k_most_calls = 32;

}  // namespace

RegexPrice price_of(std::string_view pattern, bool ignores_case) {
  const Census census = count(pattern);
  ignores_case |= census.ignores_case;
  const Rate& byte = ignores_case ? k_byte_ignoring_case : k_byte;
  const Rate& set = ignores_case ? k_set_ignoring_case : k_set;
  // Ways through n calls, none of which is taken twice, are fewer than 2^n.
  const std::uint64_t ways = std::uint64_t{1} << std::min(census.calls, k_most_calls);
  const std::uint64_t steps =
      k_start + pattern.size() * (byte.steps + census.absences * k_steps_of_absence) + census.sets * set.steps;
  return {steps * ways, pattern.size() * byte.bytes + census.sets * set.bytes};
}

bool may_be_dear(std::string_view pattern) {
  const Census census = count(pattern);
  return census.ignores_case || census.calls > 0;
}

}  // namespace cairn::jq::native
