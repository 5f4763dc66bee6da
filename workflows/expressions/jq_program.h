#pragma once
// Expressions compiled together, and the libjq states that threads borrow to evaluate them.

#include "workflows/expressions/jq_state.h"
#include "workflows/expressions/program_text.h"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace cairn::jq {

/// At most so many expressions become one libjq program: its instructions are addressed by 16 bits, and
/// the time to compile one grows faster than its size.
inline constexpr std::size_t k_batch_size = 128;

/// Expressions as libjq programs: the usual one, and one for evaluations that integers beyond 2^53 take part in.
class JqProgram {
 public:
  /// `first` is a state of the usual program, whose text is `plain_text`.
  JqProgram(std::vector<const CheckedExpression*> expressions, std::string plain_text, std::unique_ptr<JqState> first);

  /// Evaluates the expression at `index` of those given. `variables` are the values of its variables, in order. Any
  /// thread.
  Evaluation evaluate(std::size_t index, const Value& input, std::span<const Value* const> variables,
                      const EvaluationContext& context) const;

 private:
  // A program's text, and the states of it that no thread is using: as many as ever ran at once.
  struct Pool {
    std::string text;
    std::vector<std::unique_ptr<JqState>> idle;
  };
  std::unique_ptr<JqState> take(Pool& pool) const;
  void give_back(Pool& pool, std::unique_ptr<JqState> state) const;
  Pool& pool_for(Numbers numbers) const;

  std::vector<const CheckedExpression*> expressions_;  // owned by whoever owns this
  mutable std::mutex mutex_;                           // guards the pools; held for moments
  mutable Pool plain_;
  mutable Pool exact_;  // its text is made when it is first needed
};

}  // namespace cairn::jq
