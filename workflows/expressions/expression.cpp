#include "workflows/expressions/expression.h"

#include "workflows/core/assert.h"
#include "workflows/core/limits.h"
#include "workflows/expressions/evaluation_limits.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cairn {
namespace {

const Value& bound(std::span<const Binding> bindings, std::string_view name) {
  for (const Binding& binding : bindings) {
    if (binding.name == name) return binding.value;
  }
  assertion_failed("bindings cover variables_of(id)", name, __FILE__, __LINE__);
}

bool is_infinite_or_nan(const Value& value) {
  return value.kind() == Value::Kind::Double && !std::isfinite(value.as_double());
}

/// Pays for all of `value` as if nothing in it were shared. False when the budget does not reach. `finite` becomes
/// false when a number is not.
bool pay(const Value& value, jq::Budget& budget, bool& finite) {
  switch (value.kind()) {
    case Value::Kind::Double: finite = finite && std::isfinite(value.as_double()); return true;
    case Value::Kind::String:
      return budget.spend(value.as_string().size() / 64) && budget.allocate(value.as_string().size());
    case Value::Kind::Array: {
      if (!budget.elements(value.as_array().size())) return false;
      const auto paid = [&](const Value& item) { return pay(item, budget, finite); };
      return std::ranges::all_of(value.as_array(), paid);
    }
    case Value::Kind::Object: {
      if (!budget.elements(value.as_object().size())) return false;
      const auto paid = [&](const Member& member) {
        return budget.allocate(member.name.size()) && pay(member.value, budget, finite);
      };
      return std::ranges::all_of(value.as_object(), paid);
    }
    default: return true;
  }
}

/// `value` with the numbers that JSON has not replaced by what jq prints for them.
Value with_finite_numbers(const Value& value) {
  if (is_infinite_or_nan(value)) {
    if (std::isnan(value.as_double())) return Value::null();
    return Value::number(std::copysign(std::numeric_limits<double>::max(), value.as_double()));
  }
  if (value.is_array()) {
    Array items;
    items.reserve(value.as_array().size());
    for (const Value& item : value.as_array()) items.push_back(with_finite_numbers(item));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    members.reserve(value.as_object().size());
    for (const Member& member : value.as_object()) members.push_back({member.name, with_finite_numbers(member.value)});
    return Value::object(std::move(members));
  }
  return value;
}

/// A result as others may have it; nothing when the budget does not reach.
std::optional<Value> result(Value value, jq::Budget& budget) {
  if (value.depth() > limits::k_value_depth) {
    budget.exhaust(jq::Exhausted::depth);
    return std::nullopt;
  }
  bool finite = true;
  if (!pay(value, budget, finite)) return std::nullopt;
  return finite ? std::move(value) : with_finite_numbers(value);
}

/// What an error says; of a large one the beginning, since the value may share parts and be endless when written out.
std::string message_of(const jq::Failure& failure, const jq::Limits& limits) {
  if (failure.exhausted != jq::Exhausted::none) {
    const EvaluationLimit& limit = evaluation_limit(failure.exhausted);
    return exceeded(limit, limits, fmt::format("document.metadata.cairn.expressions.{}", limit.name));
  }
  if (failure.error.is_null()) return "null (null) not a string";
  if (!failure.error.is_string()) return jq::excerpt(failure.error, limits::k_expression_message_bytes);
  const std::string& text = failure.error.as_string();
  if (text.size() <= limits::k_expression_message_bytes) return text;
  constexpr std::string_view dots = "...";
  const std::size_t cut = utf8_boundary(text, limits::k_expression_message_bytes - dots.size());
  return text.substr(0, cut).append(dots);
}

EvaluationFailed failed(const jq::Failure& failure, const jq::Limits& limits) {
  return {message_of(failure, limits), failure.exhausted, failure.offset};
}

}  // namespace

const ExpressionProgram::Compiled& ExpressionProgram::at(ExpressionId id) const {
  const auto index = static_cast<std::size_t>(id);
  CAIRN_ASSERT(index < expressions_.size(), "an expression of another program");
  return expressions_[index];
}

std::optional<EvaluationFailed> ExpressionProgram::outputs(ExpressionId id, const Value& input,
                                                           std::span<const Binding> bindings,
                                                           const EvaluationContext& context,
                                                           jq::FunctionRef<bool(Value)> output) const {
  const Compiled& expression = at(id);
  std::array<Value, 12> few;  // a definition's expressions see seven variables and those of the loops around
  std::vector<Value> many(expression.allowed > few.size() ? expression.allowed : 0);
  const std::span<Value> variables = many.empty() ? std::span<Value>(few).first(expression.allowed) : many;
  for (std::size_t i = 0; i < expression.used.size(); ++i) {
    variables[expression.slots[i]] = bound(bindings, expression.used[i]);
  }
  jq::Budget budget(context.limits);
  jq::Surroundings surroundings{budget, context.now_s};
  bool affordable = true;
  const bool is_bounded = expression.program.only_picks();
  const auto give = [&](Value value) {
    if (is_bounded) return output(std::move(value));
    auto given = result(std::move(value), budget);
    affordable = given.has_value();
    return affordable && output(*std::move(given));
  };
  const auto done = expression.program.evaluate(input, variables, surroundings, give);
  if (!affordable) return failed(jq::out_of(budget), context.limits);
  if (!done) return failed(done.error(), context.limits);
  return std::nullopt;
}

Evaluation ExpressionProgram::evaluate(ExpressionId id, const Value& input, std::span<const Binding> bindings,
                                       const EvaluationContext& context) const {
  Value first;
  std::size_t count = 0;
  const auto take = [&](Value value) {
    if (count++ > 0) return false;
    first = std::move(value);
    return true;
  };
  auto failure = outputs(id, input, bindings, context, take);
  if (failure) return *std::move(failure);
  if (count > 1) return EvaluationFailed{"the expression gives more than one result; wrap it in [ ]"};
  return first;
}

/// Who may fill a program in.
class ExpressionCompiler {
 public:
  CompiledExpressions run(std::span<const ExpressionSource> sources) {
    for (std::size_t index = 0; index < sources.size(); ++index) compile(index, sources[index]);
    if (!problems_.empty()) return std::move(problems_);
    return std::make_shared<const ExpressionProgram>(std::move(program_));
  }

 private:
  void compile(std::size_t index, const ExpressionSource& source) {
    if (source.text.size() > limits::k_expression_bytes) {
      problems_.push_back({index,
                           fmt::format("the expression has {} bytes, more than the {} allowed", source.text.size(),
                                       limits::k_expression_bytes),
                           0});
      return;
    }
    auto compiled = jq::compile(source.text, source.variables);
    if (!compiled) {
      problems_.push_back({index, explained(compiled.error(), source), compiled.error().offset});
      return;
    }
    ExpressionProgram::Compiled made{std::move(compiled.value()), {}, {}, source.variables.size()};
    for (std::size_t slot = 0; slot < source.variables.size(); ++slot) {
      if (!made.program.used()[slot]) continue;
      made.used.push_back(source.variables[slot]);
      made.slots.push_back(slot);
    }
    program_.expressions_.push_back(std::move(made));
  }

  /// The problem's message; of an unknown variable also which ones there are.
  static std::string explained(const jq::Problem& problem, const ExpressionSource& source) {
    if (!problem.unknown_variable) return problem.message;
    std::vector<std::string> names;
    for (const std::string& name : source.variables) names.push_back('$' + name);
    return fmt::format("{} (available here: {})", problem.message,
                       names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
  }

  ExpressionProgram program_;
  std::vector<ExpressionProblem> problems_;
};

CompiledExpressions compile_expressions(std::span<const ExpressionSource> sources) {
  return ExpressionCompiler().run(sources);
}

}  // namespace cairn
