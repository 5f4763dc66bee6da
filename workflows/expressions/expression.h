#pragma once
// jq expressions as the rest of the project sees them: compiled one by one by workflows/jq, evaluated to one value.
//
// Pure: `now` answers the time it is given; nothing reaches the environment, files or stderr. What an evaluation may
// use up is counted, not timed, so the same expression on the same values ends in the same way on every machine.

#include "workflows/jq/budget.h"
#include "workflows/jq/function_ref.h"
#include "workflows/jq/program.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn {

/// Index of an expression in its ExpressionProgram.
enum class ExpressionId : std::uint32_t {};

/// An expression as found in a definition: the jq text (without `${ }`) and the names of the variables it may use.
struct ExpressionSource {
  std::string text;
  std::vector<std::string>
      variables;  ///< without '$': "context", "input", "item" …; using another is a compile problem
};

/// Why expression `index` of the span given does not compile, and at which byte of its text.
struct ExpressionProblem {
  std::size_t index = 0;
  std::string message;
  std::size_t offset = 0;
};

struct Binding {
  std::string_view name;  ///< without '$'
  Value value;
};

/// What an evaluation may not read by itself, and what it may use up.
struct EvaluationContext {
  double now_s = 0;  ///< what `now` gives: seconds since the epoch
  jq::Limits limits;
};

struct EvaluationFailed {
  std::string message;  ///< jq's message, e.g. "Cannot index number with \"a\""; of a limit, which setting raises it
  jq::Exhausted limit = jq::Exhausted::none;  ///< not none: the limit that stopped it
  std::size_t offset = 0;                     ///< where in the expression: byte of its text
};

/// The one value an expression gives: no output counts as null, several outputs are a failure that says so
/// (docs/dsl-decisions.md).
using Evaluation = std::variant<Value, EvaluationFailed>;

/// Compiled expressions. Immutable; any thread may evaluate.
///
/// Values that come out hold finite numbers only, as jq prints them: NaN becomes null, infinities the largest doubles.
/// A result that an expression made counts as large as it is written out (parts that share storage as often as they are
/// met), so none is larger than the limits allow; one that is a part of what was given costs nothing more.
class ExpressionProgram {
 public:
  [[nodiscard]] std::size_t size() const { return expressions_.size(); }
  /// Names (without '$') of the variables expression `id` really mentions, out of those allowed. Callers build only
  /// these.
  [[nodiscard]] const std::vector<std::string>& variables_of(ExpressionId id) const { return at(id).used; }
  /// Evaluates on `input`. `bindings` must cover variables_of(id); others are ignored.
  [[nodiscard]] Evaluation evaluate(ExpressionId id, const Value& input, std::span<const Binding> bindings,
                                    const EvaluationContext& context) const;
  /// Gives `output` every output in turn until it answers false. Returns why there are no more when something failed;
  /// the outputs before it stand.
  [[nodiscard]] std::optional<EvaluationFailed> outputs(ExpressionId id, const Value& input,
                                                        std::span<const Binding> bindings,
                                                        const EvaluationContext& context,
                                                        jq::FunctionRef<bool(Value)> output) const;

 private:
  friend class ExpressionCompiler;
  struct Compiled {
    jq::Program program;
    std::vector<std::string> used;
    std::vector<std::size_t> slots;  ///< of each one used: its place among those allowed
    std::size_t allowed = 0;
  };
  [[nodiscard]] const Compiled& at(ExpressionId id) const;

  std::vector<Compiled> expressions_;
};

/// A program, or every expression that does not compile, in order.
using CompiledExpressions = std::variant<std::shared_ptr<const ExpressionProgram>, std::vector<ExpressionProblem>>;

/// Compiles all of `sources`; ids are their indexes.
CompiledExpressions compile_expressions(std::span<const ExpressionSource> sources);

}  // namespace cairn
