#pragma once
// Filling in expressions and templates of a Program for one place in one run.

#include "engine/machine/fallible.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// Where an expression's variables come from.
class Variables {
 public:
  virtual ~Variables() = default;
  /// The value of $name; nothing when it is not to be had here (evaluates as null).
  [[nodiscard]] virtual Value variable(std::string_view name) const = 0;

 protected:
  Variables() = default;
  Variables(const Variables&) = default;
  Variables& operator=(const Variables&) = default;
};

/// The variables a task sees (dsl.md "Runtime expression arguments"), from the state.
class TaskVariables final : public Variables {
 public:
  /// `from`: the innermost frame whose loop and catch variables are visible. `node`: the task for $task, or nullptr.
  TaskVariables(const Machine& machine, const RunState& state, const Node* node, EventSeq from, Timestamp task_started)
      : machine_(machine), state_(state), node_(node), from_(from), task_started_(task_started) {}

  TaskVariables& with_raw_input(Value value) {
    raw_input_ = std::move(value);
    return *this;
  }
  TaskVariables& with_input(Value value) {
    input_ = std::move(value);
    return *this;
  }
  TaskVariables& with_raw_output(Value value) {
    raw_output_ = std::move(value);
    return *this;
  }
  TaskVariables& with_output(Value value) {
    output_ = std::move(value);
    return *this;
  }
  /// A loop or catch variable that hides any other of its name.
  TaskVariables& with_variable(std::string name, Value value) {
    own_.emplace_back(std::move(name), std::move(value));
    return *this;
  }

  [[nodiscard]] Value variable(std::string_view name) const override;

 private:
  [[nodiscard]] Value task_descriptor() const;
  /// Inside an extension $task is the task that it extends.
  [[nodiscard]] Value extended_task() const;
  [[nodiscard]] Value workflow_descriptor() const;
  [[nodiscard]] Value scoped_variable(std::string_view name) const;

  const Machine& machine_;
  const RunState& state_;
  const Node* node_;
  EventSeq from_;
  Timestamp task_started_;
  Value raw_input_;
  Value input_;
  Value raw_output_;
  Value output_;
  std::vector<std::pair<std::string, Value>> own_;
};

/// $task for an extension: the descriptor, and the members of the definition beside it, as the standard's examples read
/// them ($task.with). What the descriptor has keeps its meaning.
Value extended_descriptor(const Node& node, Value raw_input, Value raw_output, Timestamp started_at);

/// Evaluates within one step: knows the step's time.
class Evaluator {
 public:
  Evaluator(const Program& program, Timestamp now) : program_(program), now_(now) {}

  [[nodiscard]] Fallible<Value> expression(ExpressionId id, const Value& dot, const Variables& variables);
  /// Result by jq's truth.
  [[nodiscard]] Fallible<bool> condition(ExpressionId id, const Value& dot, const Variables& variables);
  /// In `redacted` form confidential leaves become the mark k_confidential_mark instead of being evaluated.
  enum class Secrecy : std::uint8_t { open, redacted };
  /// Nests at most limits::k_data_depth deep, or it is a problem.
  [[nodiscard]] Fallible<Value> fill(TemplateId id, const Value& dot, const Variables& variables,
                                     Secrecy secrecy = Secrecy::open);
  /// `recorded`, which is the redacted form of the template, with the confidential parts evaluated. What is recorded is not
  /// evaluated again: it is what the decision saw.
  [[nodiscard]] Fallible<Value> complete(TemplateId id, const Value& recorded, const Value& dot,
                                         const Variables& variables);
  /// Milliseconds.
  [[nodiscard]] Fallible<std::int64_t> duration(const DurationSpec& spec, const Value& dot, const Variables& variables);
  /// `what`: "input", "output", "exported context" …
  [[nodiscard]] Fallible<void> conforms(SchemaId id, const Value& value, std::string_view what) const;

  /// Names of the variables that the confidential expressions at or below a template mention.
  [[nodiscard]] std::set<std::string, std::less<>> confidential_variables(TemplateId id) const;

  [[nodiscard]] Timestamp now() const { return now_; }

 private:
  [[nodiscard]] Fallible<Value> fill_part(TemplateId id, const Value& dot, const Variables& variables, Secrecy secrecy);
  [[nodiscard]] Fallible<std::string> text_of(ExpressionId id, const Value& dot, const Variables& variables);
  [[nodiscard]] Fallible<std::string> expand_uri(const Template::UriTemplate& uri, const Value& dot,
                                                 const Variables& variables);

  const Program& program_;
  Timestamp now_;
};

/// Stands in the log where a confidential part of a request was.
inline constexpr std::string_view k_confidential_mark = "<confidential>";

/// The DSL's DateTime descriptor: {iso8601, epoch: {seconds, milliseconds}}.
Value date_time_descriptor(Timestamp time);

}  // namespace cairn
