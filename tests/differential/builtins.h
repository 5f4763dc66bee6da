#pragma once
// The builtins that both engines have, with what makes sense as their inputs and arguments.

#include <span>
#include <string_view>

namespace cairn::differential {

/// What an expression is wanted for, or about what it gives: `a`ny, `n`umber, `s`tring, `l`ist (array), `o`bject,
/// `b`oolean, `p`ath expression, array of `k`eys (a path), `c`ount (small number), `r`egex, `f`lags, `t`imestamp.
struct Builtin {
  char input;
  char output;
  std::string_view pattern;    ///< '@' for each argument
  std::string_view arguments;  ///< a letter each
};

std::span<const Builtin> builtins();

}  // namespace cairn::differential
