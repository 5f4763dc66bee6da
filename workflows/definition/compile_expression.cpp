// Expressions: registered as the walk meets them, compiled together at its end.

#include "workflows/core/limits.h"
#include "workflows/definition/compiler.h"
#include "workflows/definition/suggest.h"
#include "workflows/source/pointer.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

Compiler::Expression Compiler::expression(const Place& place, std::size_t begin, std::size_t end, const View& view, bool loose) {
  const std::string_view jq = std::string_view(place.value().as_string()).substr(begin, end - begin);
  const auto complain = [&](std::string message, std::string hint = {}) {
    findings_.error_at(source_.position_in(*place.node, begin), place.pointer(), std::move(message), std::move(hint));
    return Expression{};
  };
  if (place.value().as_string().empty()) {
    findings_.error(place, "the expression is empty");
    return {};
  }
  if (jq.empty()) return complain("the expression is empty", "write ${ . } for the whole input");
  if (jq.size() > limits::k_expression_bytes) {
    return complain(fmt::format("the expression has {} bytes, more than the {} allowed", jq.size(), limits::k_expression_bytes));
  }
  if (program_.sources.size() >= limits::k_definition_expressions) {
    return complain(fmt::format("the definition has more than {} expressions", limits::k_definition_expressions));
  }
  Expression result{ExpressionId{static_cast<std::uint32_t>(program_.sources.size())}, false};
  // Text that loose mode only tries may hold a '$' for any reason: there, jq alone decides.
  const bool sound = check_variables(place, begin, jq, view, result.confidential) || loose;
  program_.sources.push_back({std::string(jq), view.names});
  program_.origins.push_back(place.pointer());
  sites_.push_back({place.node, begin, loose, !sound});
  return result;
}

bool Compiler::check_variables(const Place& place, std::size_t begin, std::string_view jq, const View& view, bool& confidential) {
  bool sound = true;
  for (const VariableUse& use : free_variables(jq)) {
    const auto position = [&](std::size_t offset) { return source_.position_in(*place.node, begin + offset); };
    const auto complain = [&](std::string message, std::string hint = {}) {
      sound = false;
      findings_.error_at(position(use.offset), place.pointer(), std::move(message), std::move(hint));
    };
    if (use.name == "secrets" && view.secrets) {
      confidential = true;
      if (!use.member.empty() && !secrets_.contains(use.member)) {
        check_secret_name(position(use.member_offset), place.pointer(), use.member);
        sound = false;
      }
    } else if (use.name == "authorization" && view.authorization) {
      confidential = true;
    } else if (use.name == "secrets" || use.name == "authorization") {
      complain(fmt::format("${} cannot be read here: its value would become data of the run, and be recorded", use.name),
               use.name == "secrets" ? "read it in the arguments of a call or run task, where it goes to the effect only"
                                     : "read it in the arguments of call: http or call: openapi");
    } else if (view.allows(use.name)) {
      continue;
    } else if (use.name == "ENV") {
      complain("$ENV does not exist: expressions cannot see the environment", "declare a secret in use.secrets, or pass it as input");
    } else {
      std::vector<std::string> names;
      for (const std::string& name : view.names) names.push_back('$' + name);
      const std::string written = fmt::format("${}", shown(use.name));
      complain(fmt::format("{} {}", written, is_argument(use.name) ? "has no value here" : "is not defined here"),
               did_you_mean_or_list(written, names_of_list(names)));
    }
  }
  return sound;
}

void Compiler::compile_all_expressions() {
  CompiledExpressions compiled = compile_expressions(program_.sources);
  if (auto* program = std::get_if<std::shared_ptr<const ExpressionProgram>>(&compiled)) {
    program_.expressions = std::move(*program);
    return;
  }
  for (const ExpressionProblem& problem : std::get<std::vector<ExpressionProblem>>(compiled)) {
    const Site& site = sites_.at(problem.index);
    if (site.loose) {
      loose_text_.insert(program_.origins[problem.index]);
      must_run_again_ = true;
      continue;
    }
    if (site.reported) continue;
    findings_.error_at(source_.position_in(*site.node, site.begin + problem.offset.value_or(0)), program_.origins[problem.index],
                       fmt::format("the expression does not compile: {}", problem.message));
  }
  // Sound expressions all, but some that were reported already: there is nothing to run.
  if (!must_run_again_ && !findings_.has_errors()) {
    findings_.error_at({1, 1}, {}, "the expressions do not compile, and the engine does not say which");
  }
}

}  // namespace cairn
