#pragma once
// jq expressions behind one interface. All expressions of a definition are compiled together.
//
// Pure as far as a caller can see: `now` answers the time it is given, nothing reaches the environment, files or
// stderr.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
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

/// Why expression `index` of the span given does not compile. `offset`: byte in its text, when the engine knows.
struct ExpressionProblem {
  std::size_t index = 0;
  std::string message;
  std::optional<std::size_t> offset;
};

struct Binding {
  std::string_view name;  ///< without '$'
  Value value;
};

struct EvaluationFailed {
  std::string message;  ///< jq's message, e.g. "Cannot index number with \"a\""
};
struct EvaluationTimedOut {};

/// The one value an expression gives: no output counts as null, several outputs are a failure that says so
/// (docs/dsl-decisions.md).
using Evaluation = std::variant<Value, EvaluationFailed, EvaluationTimedOut>;

/// What an evaluation may not read by itself.
struct EvaluationContext {
  double now_s = 0;                ///< what `now` gives: seconds since the epoch
  std::int64_t time_limit_ms = 0;  ///< wall-clock limit, measured by the caller's side of the engine; 0: none
};

/// Compiled expressions. Any thread may evaluate; engines that need it keep a state per thread.
class ExpressionProgram {
 public:
  virtual ~ExpressionProgram() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Names (without '$') of the variables expression `id` really mentions, out of those allowed. Callers build only
  /// these.
  [[nodiscard]] virtual const std::vector<std::string>& variables_of(ExpressionId id) const = 0;
  /// Evaluates on `input`. `bindings` must cover variables_of(id); others are ignored.
  [[nodiscard]] virtual Evaluation evaluate(ExpressionId id, const Value& input, std::span<const Binding> bindings,
                                            const EvaluationContext& context) const = 0;
};

/// A program, or every expression that does not compile.
using CompiledExpressions = std::variant<std::shared_ptr<const ExpressionProgram>, std::vector<ExpressionProblem>>;

/// Compiles all of `sources`; ids are their indexes.
CompiledExpressions compile_expressions(std::span<const ExpressionSource> sources);

}  // namespace cairn
