// cairn eval

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "engine/runtime/environment.h"
#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/definition/load.h"
#include "workflows/definition/view.h"
#include "workflows/expressions/evaluation_limits.h"
#include "workflows/expressions/expression.h"
#include "workflows/source/line_map.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace cairn {
namespace {

struct EvalOptions {
  std::string expression;
  std::optional<std::string> input;
  std::vector<std::string> arguments;
  std::vector<std::string> limits;
  bool raw = false;
};

Error wrong(std::string option, std::string message, std::string remedy = {}) {
  return make_error(ErrorCode::invalid_usage, std::move(message), std::move(option), std::move(remedy));
}

/// "NAME=REST" taken apart; an empty name when it is no such text.
std::pair<std::string, std::string> split_option(const std::string& text) {
  const auto split = text.find('=');
  if (split == std::string::npos) return {};
  return {text.substr(0, split), text.substr(split + 1)};
}

Result<jq::Limits> limits_of(const std::vector<std::string>& options) {
  jq::Limits limits;
  for (const auto& option : options) {
    const auto [name, text] = split_option(option);
    if (name.empty()) return wrong("--limit", "a limit is given as NAME=NUMBER");
    const EvaluationLimit* limit = find_evaluation_limit(name);
    if (limit == nullptr) {
      std::vector<std::string> names;
      for (const auto& known : evaluation_limits()) names.emplace_back(known.name);
      return wrong("--limit", fmt::format("there is no limit '{}'", name),
                   did_you_mean_or_list(name, names_of_list(names)));
    }
    std::uint64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || rest != text.data() + text.size() || value < 1 || value > limit->ceiling) {
      return wrong("--limit",
                   fmt::format("'{}' is not an integer from 1 to {} ({})", text, limit->ceiling, limit->unit));
    }
    set(*limit, limits, value);
  }
  return limits;
}

/// `--arg`s: names and values apart, since bindings only borrow the names.
struct Arguments {
  std::vector<std::string> names;
  std::vector<Value> values;
};

Result<Arguments> arguments_of(const std::vector<std::string>& options) {
  Arguments arguments;
  for (const auto& option : options) {
    auto [name, text] = split_option(option);
    if (name.empty()) return wrong("--arg", "an argument is given as NAME=JSON");
    if (!is_variable_name(name)) return wrong("--arg", fmt::format("'{}' cannot be the name of a variable", name));
    if (std::ranges::find(arguments.names, name) != arguments.names.end()) {
      return wrong("--arg", fmt::format("'{}' is given twice", name));
    }
    CAIRN_TRY(auto value, parse_json_option(text, "--arg " + name, limits::k_eval_input_bytes));
    arguments.names.push_back(std::move(name));
    arguments.values.push_back(std::move(value));
  }
  return arguments;
}

/// What went wrong at byte `offset` of the expression, with its line and a caret, on stderr.
void tell(const std::string& expression, std::size_t offset, std::string message) {
  const Diagnostic finding{Severity::error, LineMap(expression).position(offset), {}, std::move(message), {}};
  standard_error().write(format_diagnostics({finding}, expression, "expression"));
}

/// Lines for stdout, written in large pieces; to a person at once.
class Lines {
 public:
  ~Lines() { flush(); }
  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  /// False when nobody takes them any more.
  bool add(std::string_view line) {
    constexpr std::size_t k_piece = 1u << 16;
    pending_ += line;
    pending_ += '\n';
    if (pending_.size() >= k_piece || standard_output().is_terminal()) flush();
    return standard_output().status().has_value();
  }
  void flush() { standard_output().write(std::exchange(pending_, {})); }

 private:
  std::string pending_;
};

int evaluate(const EvalOptions& options, const ExpressionProgram& program, const Value& input,
             const Arguments& arguments, const jq::Limits& limits) {
  std::vector<Binding> bindings;
  for (std::size_t i = 0; i < arguments.names.size(); ++i)
    bindings.push_back({arguments.names[i], arguments.values[i]});
  const EvaluationContext context{static_cast<double>(system_clock().now().ms) / 1000.0, limits};
  Lines lines;
  const auto failed = program.outputs(ExpressionId{0}, input, bindings, context, [&](const Value& output) {
    return lines.add(options.raw && output.is_string() ? output.as_string() : to_json(output));
  });
  lines.flush();
  if (!failed) return k_exit_ok;
  std::string message = failed->message;
  if (failed->limit != jq::Exhausted::none) {
    const EvaluationLimit& limit = evaluation_limit(failed->limit);
    message = exceeded(limit, limits, fmt::format("--limit {}=N", limit.name));
  }
  tell(options.expression, failed->offset, std::move(message));
  return k_exit_failed;
}

Result<int> eval(const EvalOptions& options) {
  if (!is_valid_utf8(options.expression)) return wrong("EXPR", "the expression is not UTF-8");
  CAIRN_TRY(const auto limits, limits_of(options.limits));
  CAIRN_TRY(const auto arguments, arguments_of(options.arguments));
  const ExpressionSource source{options.expression, arguments.names};
  const auto compiled = compile_expressions({&source, 1});
  if (const auto* problems = std::get_if<std::vector<ExpressionProblem>>(&compiled)) {
    for (const auto& problem : *problems) tell(options.expression, problem.offset, problem.message);
    return k_exit_usage;
  }
  Value input;
  if (options.input) {
    CAIRN_TRY(input, parse_json_option(*options.input, "--input", limits::k_eval_input_bytes));
  }
  return evaluate(options, *std::get<std::shared_ptr<const ExpressionProgram>>(compiled), input, arguments, limits);
}

}  // namespace

void add_eval_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("eval", "Evaluate a jq expression, as workflows do");
  const auto options = std::make_shared<EvalOptions>();
  command->add_option("EXPR", options->expression, "The expression, without ${ }")->required();
  command->add_option("--input", options->input, "Its input: JSON, @FILE, or - for standard input (default: null)")
      ->type_name("JSON");
  command->add_option("--arg", options->arguments, "A variable: NAME=JSON, NAME=@FILE or NAME=-; may be repeated")
      ->type_name("NAME=JSON")
      ->allow_extra_args(false);
  command
      ->add_option("--limit", options->limits,
                   "What it may use up: steps, memory, outputs, text, depth or calls; may be repeated")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  command->add_flag("--raw", options->raw, "Strings as they are, without quotes");
  add_example(*command, "cairn eval '.items | map(.price) | add' --input @order.json");
  command->callback([options, &line] { line.action = [options](const Settings&) { return eval(*options); }; });
}

}  // namespace cairn
