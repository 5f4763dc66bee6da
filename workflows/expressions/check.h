#pragma once
// What an expression may say, decided from its tokens before libjq compiles it.
//
// Workflow expressions are pure: they see their input, their variables and the time they are given. Everything of jq
// that reaches further (environment, files, standard input and error, local time, modules) is refused here, by name.

#include "workflows/expressions/expression.h"
#include "workflows/expressions/scan.h"

#include <string>
#include <variant>
#include <vector>

namespace cairn::jq {

struct CheckedExpression {
  Scan scan;                           ///< views into the source's text
  std::string text;                    ///< for libjq (rewrite.h)
  std::vector<std::string> variables;  ///< allowed variables that the text mentions, in the order allowed
  std::vector<Value> large_integers;   ///< integer literals beyond ±2^53, which libjq would round
  bool tracks_paths = true;            ///< may_track_paths(scan.tokens)
  std::string inexact_function;        ///< a function that computes on numbers where exactness cannot be watched; or ""
};

/// The expression, or what is wrong with it.
std::variant<CheckedExpression, ScanProblem> check(const ExpressionSource& source);

/// "$context, $input": what `source` may mention, for messages. "none" when nothing.
std::string variable_list(const ExpressionSource& source);

}  // namespace cairn::jq
