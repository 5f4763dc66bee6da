#pragma once
// The syntax tree: what the parser made of one text, names not yet looked up. Nodes live as long as their Tree; strings
// are their own, so the text may go.

#include "workflows/value/value.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq::syntax {

/// Binary operators that compute a value of two values.
enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal
};

enum class Form : std::uint8_t {
  identity,  ///< .
  descent,   ///< ..
  literal,   ///< `value`
  text,      ///< "a\(list[i])b": `name` is the format ("" for text), `list` alternates; literals are of Form::literal
  format,    ///< @name
  index,     ///< a[b]; .name is one with a literal
  slice,     ///< a[b:c]; either may be missing
  each,      ///< a[]
  array,     ///< [a]; [] without a
  object,    ///< {keys and values in `list`, alternating}
  negate,    ///< -a
  pipe,      ///< list[0] | list[1] | …
  comma,     ///< list[0], list[1], …
  binary,    ///< a `op` b
  both,      ///< a and b
  either,    ///< a or b
  alternative,     ///< a // b
  assign,          ///< a = b
  update,          ///< a |= b
  update_with,     ///< a += b and so on, by `op`
  update_missing,  ///< a //= b
  branch,          ///< if a then b else c end; c may be missing
  attempt,         ///< try a catch b; b may be missing; a?
  reduce,          ///< reduce a as `patterns` (b; c)
  foreach,         ///< foreach a as `patterns` (b; c; d); d may be missing
  bind,            ///< a as `patterns` | b
  label,           ///< label $name | a
  escape,          ///< break $name
  define,          ///< def …; a
  call,            ///< name(list)
  variable,        ///< $name
  location,        ///< $__loc__; `value` is what it gives
};

struct Expression;

/// How deep a tree may nest: all that walks one recurses.
inline constexpr std::uint32_t k_depth = 1'000;

/// What stands between `as` and `|`.
struct Pattern {
  enum class Kind : std::uint8_t { variable, array, object };
  struct Entry {
    const Expression* key = nullptr;  ///< a literal for names
    std::string variable;             ///< `$name` in an object binds the whole entry; may be empty
    std::uint32_t offset = 0;         ///< of the entry
    const Pattern* inner = nullptr;   ///< may be missing when there is a variable
  };
  Kind kind = Kind::variable;
  std::uint32_t offset = 0;
  std::string variable;
  std::vector<const Pattern*> elements;
  std::vector<Entry> entries;
};

struct Parameter {
  std::string name;
  bool is_value = false;   ///< `$name`
  bool is_filter = false;  ///< called as a filter; of a `$name`, when the body does so
};

struct Definition {
  std::string name;
  std::vector<Parameter> parameters;
  const Expression* body = nullptr;
  std::uint32_t offset = 0;
  bool recursive = false;  ///< the body calls the definition's own name and number of arguments
};

struct Expression {
  Form form = Form::identity;
  Operator op = Operator::add;
  std::uint32_t offset = 0;  ///< where it begins, in bytes
  std::uint32_t depth = 1;   ///< of the tree below
  bool optional = false;     ///< index, slice, each: an error of this step is no output, one of its operands still is
  Value value;
  std::string name;
  const Expression* a = nullptr;
  const Expression* b = nullptr;
  const Expression* c = nullptr;
  const Expression* d = nullptr;
  std::vector<const Expression*> list;
  std::vector<const Pattern*> patterns;
  const Definition* definition = nullptr;
};

/// Owns the nodes of one parsed text.
struct Tree {
  std::deque<Expression> expressions;
  std::deque<Pattern> patterns;
  std::deque<Definition> definitions;
  const Expression* root = nullptr;
};

/// Whether `in` calls name/arity anywhere. Scopes are not looked at, so it may say yes too often.
bool mentions(const Expression& in, std::string_view name, std::size_t arity);

}  // namespace cairn::jq::syntax
