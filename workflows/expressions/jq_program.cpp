#include "workflows/expressions/jq_program.h"

#include "workflows/core/assert.h"
#include "workflows/expressions/deep_thread.h"

#include <fmt/format.h>

namespace cairn::jq {
namespace {

// On the stack of the caller, and on one for deep values.
constexpr MemoryLimit k_usual_memory{.bytes = 16 << 20, .blocks = 10'000};
constexpr MemoryLimit k_most_memory{.bytes = 256 << 20, .blocks = 1'000'000};

// Consumes `parts`. What needs more memory than most is run again, from the start, where deep values do no harm.
Evaluation run(JqState& state, jv parts, bool whole, std::int64_t time_limit_ms, const ExactIntegers& exact) {
  if (auto result = state.run(jv_copy(parts), whole, {time_limit_ms, k_usual_memory}, exact)) {
    jv_free(parts);
    return *std::move(result);
  }
  std::optional<Evaluation> result;
  const bool ran = run_on_deep_thread([&] { result = state.run(parts, whole, {time_limit_ms, k_most_memory}, exact); });
  if (!ran) {
    jv_free(parts);
    return EvaluationFailed{"the system gives no thread to evaluate an expression on that takes much memory"};
  }
  if (result) return *std::move(result);
  return EvaluationFailed{"the expression takes more memory than it may (256 MiB, or a million values)"};
}

}  // namespace

JqProgram::JqProgram(std::vector<const CheckedExpression*> expressions, std::string plain_text,
                     std::unique_ptr<JqState> first)
    : expressions_(std::move(expressions)) {
  plain_.text = std::move(plain_text);
  plain_.idle.push_back(std::move(first));
}

JqProgram::Pool& JqProgram::pool_for(Numbers numbers) const {
  if (numbers == Numbers::plain) return plain_;
  const std::lock_guard lock(mutex_);
  if (exact_.text.empty()) exact_.text = program_text(expressions_, Numbers::exact).text;
  return exact_;
}

std::unique_ptr<JqState> JqProgram::take(Pool& pool) const {
  {
    const std::lock_guard lock(mutex_);
    if (!pool.idle.empty()) {
      auto state = std::move(pool.idle.back());
      pool.idle.pop_back();
      return state;
    }
  }
  auto compiled = JqState::compile(pool.text);
  CAIRN_ASSERT(std::holds_alternative<std::unique_ptr<JqState>>(compiled), "what compiled once compiles again");
  return std::get<std::unique_ptr<JqState>>(std::move(compiled));
}

void JqProgram::give_back(Pool& pool, std::unique_ptr<JqState> state) const {
  const std::lock_guard lock(mutex_);
  pool.idle.push_back(std::move(state));
}

Evaluation JqProgram::evaluate(std::size_t index, const Value& input, std::span<const Value* const> variables,
                               const EvaluationContext& context) const {
  const CheckedExpression& expression = *expressions_[index];
  ExactIntegers exact;
  for (const Value& literal : expression.large_integers) exact.note(literal);
  jv parts = jv_array_sized(static_cast<int>(variables.size()) + 4);
  parts = jv_array_append(parts, jv_number(static_cast<double>(index)));
  parts = jv_array_append(parts, jv_number(context.now_s));
  parts = jv_array_append(parts, jv_null());
  parts = jv_array_append(parts, to_jv(input, exact));
  for (const Value* variable : variables) parts = jv_array_append(parts, to_jv(*variable, exact));
  if (exact.ambiguous()) {
    jv_free(parts);
    return EvaluationFailed{
        "the expression touches integers beyond 2^53 that this version cannot tell apart (they round to one double)"};
  }
  jv texts = exact_texts(exact);
  const Numbers numbers = jv_get_kind(texts) == JV_KIND_NULL ? Numbers::plain : Numbers::exact;
  if (numbers == Numbers::exact && !expression.inexact_function.empty()) {
    jv_free(parts);
    jv_free(texts);
    return EvaluationFailed{fmt::format("'{}' could round the integers beyond 2^53 that the expression touches",
                                        expression.inexact_function)};
  }
  parts = jv_array_set(parts, 2, texts);
  Pool& pool = pool_for(numbers);
  auto state = take(pool);
  Evaluation result = run(*state, parts, expression.tracks_paths, context.time_limit_ms, exact);
  give_back(pool, std::move(state));
  return result;
}

}  // namespace cairn::jq
