#include "workflows/expressions/expression.h"

#include "workflows/core/assert.h"
#include "workflows/expressions/check.h"
#include "workflows/expressions/compile_messages.h"
#include "workflows/expressions/jq_program.h"
#include "workflows/expressions/native_path.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {
namespace {

using jq::CheckedExpression;

struct Compiled {
  CheckedExpression checked;
  std::optional<jq::NativePath> path;            // evaluated without libjq
  std::shared_ptr<const jq::JqProgram> program;  // else: where, and as which of its expressions
  std::size_t index = 0;
};

const Value& bound(std::span<const Binding> bindings, std::string_view name) {
  for (const Binding& binding : bindings) {
    if (binding.name == name) return binding.value;
  }
  assertion_failed("bindings cover variables_of(id)", name, __FILE__, __LINE__);
}

class Program final : public ExpressionProgram {
 public:
  Program(std::vector<ExpressionSource> sources, std::vector<Compiled> expressions)
      : sources_(std::move(sources)), expressions_(std::move(expressions)) {}

  [[nodiscard]] std::size_t size() const override { return expressions_.size(); }

  [[nodiscard]] const std::vector<std::string>& variables_of(ExpressionId id) const override {
    return at(id).checked.variables;
  }

  [[nodiscard]] Evaluation evaluate(ExpressionId id, const Value& input, std::span<const Binding> bindings,
                                    const EvaluationContext& context) const override {
    const Compiled& expression = at(id);
    if (expression.path) {
      const std::string& variable = expression.path->variable;
      return follow(*expression.path, variable.empty() ? input : bound(bindings, variable));
    }
    std::vector<const Value*> variables;
    variables.reserve(expression.checked.variables.size());
    for (const std::string& name : expression.checked.variables) variables.push_back(&bound(bindings, name));
    return expression.program->evaluate(expression.index, input, variables, context);
  }

 private:
  [[nodiscard]] const Compiled& at(ExpressionId id) const {
    const auto index = static_cast<std::size_t>(id);
    CAIRN_ASSERT(index < expressions_.size(), "an expression of another program");
    return expressions_[index];
  }

  std::vector<ExpressionSource> sources_;  // what the tokens in `checked` look into
  std::vector<Compiled> expressions_;      // never moved: their programs point at `checked`
};

class Compiler {
 public:
  explicit Compiler(std::span<const ExpressionSource> sources)
      : sources_(sources.begin(), sources.end()), expressions_(sources.size()) {}

  CompiledExpressions run() {
    std::vector<std::size_t> for_libjq;
    for (std::size_t index = 0; index < sources_.size(); ++index) {
      if (check_one(index)) for_libjq.push_back(index);
    }
    for (std::size_t begin = 0; begin < for_libjq.size(); begin += jq::k_batch_size) {
      const std::size_t end = std::min(begin + jq::k_batch_size, for_libjq.size());
      compile_batch({for_libjq.begin() + static_cast<std::ptrdiff_t>(begin),
                     for_libjq.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    if (problems_.empty()) return std::make_shared<const Program>(std::move(sources_), std::move(expressions_));
    std::sort(problems_.begin(), problems_.end(),
              [](const ExpressionProblem& a, const ExpressionProblem& b) { return a.index < b.index; });
    return std::move(problems_);
  }

 private:
  // True when libjq must see the expression.
  bool check_one(std::size_t index) {
    auto checked = jq::check(sources_[index]);
    if (auto* problem = std::get_if<jq::ScanProblem>(&checked)) {
      problems_.push_back({index, std::move(problem->message), problem->offset});
      return false;
    }
    Compiled& expression = expressions_[index];
    expression.checked = std::get<CheckedExpression>(std::move(checked));
    auto path = jq::as_native_path(expression.checked);
    const bool known = path && (path->variable.empty() || !expression.checked.variables.empty());
    if (!known) return true;  // libjq will say that the variable is not defined
    expression.path = std::move(path);
    return false;
  }

  std::vector<const CheckedExpression*> checked_of(const std::vector<std::size_t>& batch) const {
    std::vector<const CheckedExpression*> expressions;
    for (const std::size_t index : batch) expressions.push_back(&expressions_[index].checked);
    return expressions;
  }
  jq::ProgramText text_of(const std::vector<std::size_t>& batch) const {
    return jq::program_text(checked_of(batch), jq::Numbers::plain);
  }

  void compile_batch(std::vector<std::size_t> batch) {
    while (!batch.empty()) {
      jq::ProgramText text = text_of(batch);
      auto compiled = jq::JqState::compile(text.text);
      if (auto* state = std::get_if<std::unique_ptr<jq::JqState>>(&compiled)) {
        adopt(batch, std::make_shared<const jq::JqProgram>(checked_of(batch), std::move(text.text), std::move(*state)));
        return;
      }
      const auto& messages = std::get<jq::CompileMessages>(compiled);
      if (batch.size() == 1) {
        report(batch.front(), messages, text);
        return;
      }
      const std::size_t before = batch.size();
      for (const std::size_t blamed : jq::blamed(messages, text)) {
        if (!compiles_alone(batch[blamed])) batch[blamed] = k_rejected;
      }
      std::erase(batch, k_rejected);
      if (batch.size() == before) {
        // libjq blames no one in particular: look for the culprit in each half.
        const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(before / 2);
        compile_batch({batch.begin(), middle});
        compile_batch({middle, batch.end()});
        return;
      }
    }
  }

  // Reports the problem when it does not.
  bool compiles_alone(std::size_t index) {
    const jq::ProgramText text = text_of({index});
    const auto compiled = jq::JqState::compile(text.text);
    if (const auto* messages = std::get_if<jq::CompileMessages>(&compiled)) {
      report(index, *messages, text);
      return false;
    }
    return true;
  }

  void report(std::size_t index, const jq::CompileMessages& messages, const jq::ProgramText& text) {
    auto problem = jq::explained(messages, text, sources_[index], expressions_[index].checked);
    problems_.push_back({index, std::move(problem.message), problem.offset});
  }

  void adopt(const std::vector<std::size_t>& batch, const std::shared_ptr<const jq::JqProgram>& program) {
    for (std::size_t at = 0; at < batch.size(); ++at) {
      expressions_[batch[at]].program = program;
      expressions_[batch[at]].index = at;
    }
  }

  static constexpr std::size_t k_rejected = static_cast<std::size_t>(-1);
  std::vector<ExpressionSource> sources_;
  std::vector<Compiled> expressions_;
  std::vector<ExpressionProblem> problems_;
};

}  // namespace

CompiledExpressions compile_expressions(std::span<const ExpressionSource> sources) { return Compiler(sources).run(); }

}  // namespace cairn
