#pragma once
// What it may take to compile a regular expression, told from its text, so that it can be paid or refused before.

#include <cstdint>
#include <string_view>

namespace cairn::jq::native {

struct RegexPrice {
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;  ///< of memory, while it compiles
};

/// About what Oniguruma takes, in steps of 25 to 50 ns, compiling twice (once with checkpoints); mostly more, as it is
/// made for the worst. Sets of characters are what is dear, more so where case is ignored; calls of groups within
/// groups multiply.
RegexPrice price_of(std::string_view pattern, bool ignores_case);

/// Whether the pattern, whatever the flags, switches to upper and lower case being the same, or calls groups.
bool may_be_dear(std::string_view pattern);

}  // namespace cairn::jq::native
