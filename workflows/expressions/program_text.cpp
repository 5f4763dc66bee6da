#include "workflows/expressions/program_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace cairn::jq {
namespace {

// Where the expression's own input and variables are in the program's input.
constexpr std::size_t k_input_at = 3;

class TextBuilder {
 public:
  explicit TextBuilder(std::span<const CheckedExpression* const> expressions) : expressions_(expressions) {}

  ProgramText build(Numbers numbers) {
    std::set<std::string> functions;
    for (const CheckedExpression* expression : expressions_) functions.merge(mentioned_functions(expression->text));
    add(". as $__parts | .[0] as $__index | .[1] as $__now | .[2] as $__exact |\n");
    // libjq can be reset in the middle of a program (jq_start, jq_teardown) only as long as no `path(…)` inside has
    // finished without another around it: an assertion sees to that. So what may track paths runs inside of one, whose
    // result is the path [{results}] (libjq takes objects as steps), and is not left with results still to come.
    add("def __whole(f): null | path([limit(2; f)] as $__results | .[{ results: $__results }]);\n");
    add(prelude(functions, numbers));
    tree(0, expressions_.size());
    program_.end_line = line_;
    return std::move(program_);
  }

 private:
  void add(std::string_view text) {
    program_.text += text;
    line_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  void tree(std::size_t begin, std::size_t end) {
    if (end - begin == 1) return expression(*expressions_[begin]);
    const std::size_t middle = begin + (end - begin) / 2;
    add(fmt::format("if $__index < {} then\n", middle));
    tree(begin, middle);
    add("else\n");
    tree(middle, end);
    add("end\n");
  }

  void expression(const CheckedExpression& expression) {
    program_.first_line.push_back(line_);
    for (std::size_t at = 0; at < expression.variables.size(); ++at) {
      add(fmt::format("$__parts[{}] as ${} | ", k_input_at + 1 + at, expression.variables[at]));
    }
    // Line breaks around the text: it may end in a comment, and the parenthesis after it must not share a line with it.
    const std::string_view open = expression.tracks_paths ? "__whole(" : "(";
    add(fmt::format("{}$__parts[{}] | (\n{}\n))\n", open, k_input_at, expression.text));
  }

  std::span<const CheckedExpression* const> expressions_;
  ProgramText program_;
  std::size_t line_ = 1;
};

}  // namespace

ProgramText program_text(std::span<const CheckedExpression* const> expressions, Numbers numbers) {
  return TextBuilder(expressions).build(numbers);
}

}  // namespace cairn::jq
