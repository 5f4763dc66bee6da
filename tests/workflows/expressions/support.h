#pragma once
// Short ways to compile and evaluate one expression.

#include "workflows/expressions/expression.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::test {

inline constexpr double k_now_s = 1436000000.5;  // 2015-07-04T08:53:20.5Z

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? value.value() : Value();
}

inline std::shared_ptr<const ExpressionProgram> program_of(const std::vector<ExpressionSource>& sources) {
  auto compiled = compile_expressions(sources);
  if (const auto* problems = std::get_if<std::vector<ExpressionProblem>>(&compiled)) {
    for (const auto& problem : *problems) ADD_FAILURE() << sources[problem.index].text << ": " << problem.message;
    return nullptr;
  }
  return std::get<std::shared_ptr<const ExpressionProgram>>(compiled);
}

inline std::vector<ExpressionProblem> problems_of(const std::vector<ExpressionSource>& sources) {
  auto compiled = compile_expressions(sources);
  if (auto* problems = std::get_if<std::vector<ExpressionProblem>>(&compiled)) return std::move(*problems);
  return {};
}

/// The one problem of an expression that may use $context and $input, "none" when it compiles.
inline std::string problem_of(std::string text) {
  const auto problems = problems_of({{std::move(text), {"context", "input"}}});
  return problems.empty() ? "none" : problems.front().message;
}

/// JSON of the result, or "failed: …".
inline std::string show(const Evaluation& evaluation) {
  if (const auto* value = std::get_if<Value>(&evaluation)) return to_json(*value);
  return "failed: " + std::get<EvaluationFailed>(evaluation).message;
}

/// Evaluates `text` on `input`; $context is the input too.
inline std::string evaluate(std::string text, std::string_view input = "null", const jq::Limits& limits = {}) {
  const auto program = program_of({{std::move(text), {"context"}}});
  if (!program) return "does not compile";
  const Value value = json(input);
  const std::vector<Binding> bindings = {{"context", value}};
  return show(program->evaluate(ExpressionId{0}, value, bindings, {k_now_s, limits}));
}

/// The outputs of `text` on `input` with a blank between them, at most `at_most` of them; then "failed: …" if it does.
inline std::string outputs(std::string text, std::string_view input = "null", const jq::Limits& limits = {},
                           std::size_t at_most = 100) {
  const auto program = program_of({{std::move(text), {}}});
  if (!program) return "does not compile";
  std::string given;
  std::size_t count = 0;
  const auto add = [&](const std::string& one) { given += (given.empty() ? "" : " ") + one; };
  const auto failure = program->outputs(ExpressionId{0}, json(input), {}, {k_now_s, limits}, [&](Value value) {
    add(to_json(value));
    return ++count < at_most;
  });
  if (failure) add("failed: " + failure->message);
  return given;
}

using Cases = std::vector<std::pair<std::string, std::string>>;

/// Each first of `cases`, evaluated on `input`, must show its second.
inline void expect_results(const Cases& cases, std::string_view input = "null") {
  for (const auto& [text, expected] : cases) EXPECT_EQ(evaluate(text, input), expected) << text;
}

}  // namespace cairn::test
