#pragma once
// Native builtins: functions of an input and values. Generators, paths and everything that takes a filter are the
// machine's or the prelude's business; natives see values only (the machine forms the cartesian product of arguments,
// last argument slowest, as jq does).

#include "workflows/core/error.h"
#include "workflows/jq/budget.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::jq {

/// A jq error (catchable by `try`, carries any value), or a limit (not catchable).
struct Failure {
  Value error;                            ///< what `try … catch` binds; usually a string
  Exhausted exhausted = Exhausted::none;  ///< not none: a limit of the budget; `error` is unused
  std::uint32_t offset = 0;               ///< where a program was when it ended so: byte of its text. Natives leave it
};
template <class T>
using Answer = boost::outcome_v2::basic_result<T, Failure, boost::outcome_v2::policy::terminate>;

inline Failure fail(std::string message) { return Failure{Value::string(std::move(message)), Exhausted::none}; }
inline Failure out_of(const Budget& budget) { return Failure{Value{}, budget.exhausted()}; }

/// What builtins may know besides their arguments.
struct Surroundings {
  Budget& budget;
  double now_s = 0;              ///< what `now` gives; local time is UTC
  std::uint64_t evaluation = 0;  ///< natives/regex.cpp's own: tells evaluations of one thread apart
};

struct Native {
  std::string_view name;
  std::uint8_t arity = 0;  ///< arguments besides the input
  Answer<Value> (*call)(Surroundings&, const Value& input, std::span<const Value> arguments);
  bool pure = true;  ///< false: reads Surroundings beyond the budget (`now`)
  std::string_view
      documentation;  ///< one or two sentences for docs/expressions.md; empty for internals (names that begin with '_')
  std::string_view parameters = "";  ///< their names, "; " between them
};

/// All natives, sorted by name, then arity.
std::span<const Native> natives();

// ---- operators and helpers that the machine calls directly; errors are jq 1.8's words
// -------------------------------------
Answer<Value> add(Surroundings&, const Value& a, const Value& b);
Answer<Value> subtract(Surroundings&, const Value& a, const Value& b);
Answer<Value> multiply(Surroundings&, const Value& a, const Value& b);
Answer<Value> divide(Surroundings&, const Value& a, const Value& b);
Answer<Value> modulo(Surroundings&, const Value& a, const Value& b);
Answer<Value> negate(Surroundings&, const Value& a);
/// jq's total order: null < false < true < numbers < strings < arrays < objects; nan below every number. <0, 0, >0.
int compare(const Value& a, const Value& b);
/// The same, paid for: values that share parts can have exponentially many pairs to compare. For operands of a program.
Answer<int> compare(Surroundings&, const Value& a, const Value& b);
/// jq's `==`: numbers by exact value, objects whatever their order; nan equals nothing (Value's own == says otherwise).
Answer<bool> equal(Surroundings&, const Value& a, const Value& b);
/// `value` as JSON, cut as in jq's messages: at most `longest` bytes, `...` before the closing quote or bracket. Looks
/// at no more of the value than it shows.
std::string excerpt(const Value& value, std::size_t longest = 29);
/// `Cannot iterate over number (5)`.
Failure cannot_iterate(const Value& over);

/// `.[key]`: field, index (negative from the end, doubles truncated), null propagation, array of indices for array key,
/// slice object.
Answer<Value> index(Surroundings&, const Value& from, const Value& key);
/// `.[from:to]` of arrays, strings (code points) and null.
Answer<Value> slice(Surroundings&, const Value& of, const Value& from, const Value& to);
Answer<Value> getpath(Surroundings&, const Value& from, const Array& path);
Answer<Value> setpath(Surroundings&, const Value& into, const Array& path, const Value& value);
Answer<Value> delpaths(Surroundings&, const Value& from, const Array& paths);

/// @text @json @csv @tsv @html @uri @urid @sh @base64 @base64d @base32 @base32d by name without '@'; fails on an
/// unknown one.
Answer<Value> format(Surroundings&, std::string_view name, const Value& value);
bool is_format(std::string_view name);
/// All of them.
std::span<const std::string_view> format_names();
/// What is wrong with a regular expression that stands in a program, with flags as `match` takes them; empty when
/// nothing is, or when that is too much to find out before it is used.
std::string pattern_problem(std::string_view pattern, std::string_view flags);
/// jq's tostring: strings as they are, others compact JSON.
Answer<std::string> to_text(Surroundings&, const Value& value);

}  // namespace cairn::jq
