// Expressions: registered as the walk meets them, compiled together at its end.

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

Compiler::Expression Compiler::expression(const Place& place, std::size_t begin, std::size_t end, const View& view,
                                          bool loose) {
  const std::string_view jq = std::string_view(place.value().as_string()).substr(begin, end - begin);
  const auto complain = [&](std::string message, std::string hint = {}) {
    findings_.error_in(place, begin, std::move(message), std::move(hint));
    return Expression{};
  };
  if (place.value().as_string().empty()) {
    findings_.error(place, "the expression is empty");
    return {};
  }
  if (jq.empty()) return complain("the expression is empty", "write ${ . } for the whole input");
  if (jq.size() > limits::k_expression_bytes) {
    return complain(
        fmt::format("the expression has {} bytes, more than the {} allowed", jq.size(), limits::k_expression_bytes));
  }
  if (program_.sources.size() >= limits::k_definition_expressions) {
    return complain(fmt::format("the definition has more than {} expressions", limits::k_definition_expressions));
  }
  Expression result{ExpressionId{static_cast<std::uint32_t>(program_.sources.size())}, false, true};
  std::vector<Diagnostic> wrong = check_variables(place, begin, jq, view, result.confidential);
  std::vector<std::string> names = view.names;
  Site site{&findings_.origins().of(place), place.node, begin, loose, !wrong.empty(), {}};
  if (loose) {
    // A '$' in mere text may mean anything. Only what compiles with secrets in it was meant to read them, and is
    // refused then.
    for (const std::string_view name : {"secrets", "authorization"}) {
      if (!view.allows(name)) names.emplace_back(name);
    }
    site.reported = false;
    site.if_it_compiles = std::move(wrong);
  } else {
    for (Diagnostic& one : wrong) findings_.error_at(one.position, one.pointer, one.message, one.hint, one.source);
  }
  program_.sources.push_back({std::string(jq), std::move(names)});
  program_.origins.push_back(place.pointer());
  sites_.push_back(std::move(site));
  return result;
}

std::vector<Diagnostic> Compiler::check_variables(const Place& place, std::size_t begin, std::string_view jq,
                                                  const View& view, bool& confidential) {
  std::vector<Diagnostic> wrong;
  const Origin& origin = findings_.origins().of(place);
  for (const VariableUse& use : free_variables(jq)) {
    const auto complain = [&](std::size_t offset, std::string message, std::string hint) {
      wrong.push_back({Severity::error, origin.document->position_in(*place.node, begin + offset), place.pointer(),
                       std::move(message), std::move(hint), origin.uri});
    };
    if (use.name == "secrets" && view.secrets) {
      confidential = true;
      if (!use.member.empty() && !secrets_.contains(use.member)) {
        const UnknownSecret unknown = unknown_secret(use.member);
        complain(use.member_offset, unknown.message, unknown.hint);
      }
    } else if (use.name == "authorization" && view.authorization) {
      confidential = true;
    } else if (use.name == "secrets" || use.name == "authorization") {
      complain(
          use.offset,
          fmt::format("${} cannot be read here: its value would become data of the run, and be recorded", use.name),
          use.name == "secrets" ? "read it in the arguments of a call or run task (not in the code of a script), where "
                                  "it goes to the effect only"
                                : "read it in the arguments of call: http or call: openapi");
    } else if (view.allows(use.name)) {
      continue;
    } else if (use.name == "ENV") {
      complain(use.offset, "$ENV does not exist: expressions cannot see the environment",
               "declare a secret in use.secrets, or pass it as input");
    } else {
      std::vector<std::string> names;
      for (const std::string& name : view.names) names.push_back('$' + name);
      const std::string written = fmt::format("${}", shown(use.name));
      complain(use.offset,
               fmt::format("{} {}", written, is_argument(use.name) ? "has no value here" : "is not defined here"),
               did_you_mean_or_list(written, names_of_list(names)));
    }
  }
  return wrong;
}

void Compiler::compile_all_expressions() {
  CompiledExpressions compiled = compile_expressions(program_.sources);
  std::set<std::size_t> failed;
  if (auto* program = std::get_if<std::shared_ptr<const ExpressionProgram>>(&compiled)) {
    program_.expressions = std::move(*program);
  } else {
    for (const ExpressionProblem& problem : std::get<std::vector<ExpressionProblem>>(compiled)) {
      failed.insert(problem.index);
      report_problem(problem);
    }
  }
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (failed.contains(i)) continue;
    for (const Diagnostic& one : sites_[i].if_it_compiles)
      findings_.error_at(one.position, one.pointer, one.message, one.hint, one.source);
  }
}

void Compiler::report_problem(const ExpressionProblem& problem) {
  const Site& site = sites_.at(problem.index);
  if (site.loose) {
    loose_text_.insert(program_.origins[problem.index]);
    must_run_again_ = true;
  } else if (!site.reported) {
    findings_.error_at(site.origin->document->position_in(*site.node, site.begin + problem.offset),
                       program_.origins[problem.index],
                       fmt::format("the expression does not compile: {}", problem.message), {}, site.origin->uri);
  }
}

}  // namespace cairn
