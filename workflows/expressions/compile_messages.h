#pragma once
// libjq's words about a program that does not compile → words for the author of one expression.

#include "workflows/expressions/jq_state.h"
#include "workflows/expressions/program_text.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cairn::jq {

/// Indexes of the expressions that `messages` point at, in order, each once.
std::vector<std::size_t> blamed(const CompileMessages& messages, const ProgramText& program);

struct CompileProblem {
  std::string message;
  std::optional<std::size_t> offset;
};

/// The first of `messages`, said of `source`, whose text alone made `program`.
CompileProblem explained(const CompileMessages& messages, const ProgramText& program, const ExpressionSource& source,
                         const CheckedExpression& checked);

}  // namespace cairn::jq
