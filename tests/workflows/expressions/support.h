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

/// JSON of the result, or "failed: …", or "timed out".
inline std::string show(const Evaluation& evaluation) {
  if (const auto* value = std::get_if<Value>(&evaluation)) return to_json(*value);
  if (const auto* failed = std::get_if<EvaluationFailed>(&evaluation)) return "failed: " + failed->message;
  return "timed out";
}

/// Evaluates `text` on `input`; $context is the input too.
inline std::string evaluate(std::string text, std::string_view input = "null", std::int64_t time_limit_ms = 20'000) {
  const auto program = program_of({{std::move(text), {"context"}}});
  if (!program) return "does not compile";
  const Value value = json(input);
  const std::vector<Binding> bindings = {{"context", value}};
  return show(program->evaluate(ExpressionId{0}, value, bindings, {k_now_s, time_limit_ms}));
}

/// Results of all of `texts` on `input`, compiled together: compiling many costs little more than compiling one.
inline std::vector<std::string> evaluate_all(const std::vector<std::string>& texts, std::string_view input = "null") {
  std::vector<ExpressionSource> sources;
  for (const std::string& text : texts) sources.push_back({text, {"context"}});
  const auto program = program_of(sources);
  std::vector<std::string> results(texts.size(), "does not compile");
  const Value value = json(input);
  const std::vector<Binding> bindings = {{"context", value}};
  for (std::uint32_t id = 0; program && id < texts.size(); ++id) {
    results[id] = show(program->evaluate(ExpressionId{id}, value, bindings, {k_now_s, 20'000}));
  }
  return results;
}

using Cases = std::vector<std::pair<std::string, std::string>>;

/// Each first of `cases`, evaluated on `input`, must show its second.
inline void expect_results(const Cases& cases, std::string_view input = "null") {
  std::vector<std::string> texts;
  for (const auto& [text, expected] : cases) texts.push_back(text);
  const auto results = evaluate_all(texts, input);
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(results[i], cases[i].second) << cases[i].first;
}

}  // namespace cairn::test
