#pragma once
// Many expressions as one libjq program, because compiling anything costs libjq 15 ms.
//
// The program's input is [index, now, exact texts, input, variables of that expression …]. A tree of conditions on the
// index leads to the right expression, with its input and variables bound. The program gives
// the expression's results or, for one that tracks paths, a single [{"results": [the first two of them]}].

#include "workflows/expressions/check.h"
#include "workflows/expressions/prelude.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cairn::jq {

struct ProgramText {
  std::string text;
  /// Of each expression, counting from 1: the line that binds its variables. Its own text begins on the next one.
  std::vector<std::size_t> first_line;
  std::size_t end_line = 0;  ///< after the last expression
};

ProgramText program_text(std::span<const CheckedExpression* const> expressions, Numbers numbers);

}  // namespace cairn::jq
