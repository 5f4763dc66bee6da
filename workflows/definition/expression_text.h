#pragma once
// Where the expressions are in a string of the definition: `${ … }`, found with an eye for jq's own strings and braces.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cairn {

enum class Dialect {
  text,   ///< every `${` begins an expression
  shell,  ///< `${HOME}`, `${x:-y}` are the shell's: an expression begins with a blank, '.', '(', '[', '"' or $letter
};

/// An expression inside a string: bytes [begin, end) are `${ … }`, [inner_begin, inner_end) the jq text, blanks
/// trimmed.
struct EmbeddedExpression {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t inner_begin = 0;
  std::size_t inner_end = 0;
};

struct ExpressionParts {
  std::vector<EmbeddedExpression> expressions;
  std::optional<std::size_t> unterminated;  ///< offset of a `${` that is never closed
  bool whole = false;                       ///< one expression and only blanks around it
};

ExpressionParts find_expressions(std::string_view text, Dialect dialect);

/// A variable that a jq text reads.
struct VariableUse {
  std::string_view name;    ///< without '$'
  std::size_t offset = 0;   ///< of the '$'
  std::string_view member;  ///< NAME of `$x.NAME` or `$x["NAME"]`, when it is written out
  std::size_t member_offset = 0;
};

/// The variables a jq text mentions but does not bind itself (`as $x`, `def f($x)`, `label $x`), in order.
std::vector<VariableUse> free_variables(std::string_view jq);

}  // namespace cairn
