#include "connectors/bundle/credentials.h"

#include "workflows/definition/expression_text.h"
#include "workflows/expressions/expression.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

namespace {

constexpr std::string_view k_secrets = "secrets";

Problem unusable(std::string detail) {
  return make_problem(StandardError::authentication, "Credentials missing", std::move(detail));
}

OrProblem<Value> evaluated(std::string_view jq, const SecretLookup& secret) {
  std::vector<Member> named;
  for (const VariableUse& use : free_variables(jq)) {
    if (use.name != k_secrets || use.member.empty()) {
      return unusable(fmt::format("`{}`: what is fetched before a run can read $secrets.NAME, and nothing else", jq));
    }
    CONNECTOR_TRY(auto value, secret(std::string(use.member)));
    named.push_back({std::string(use.member), std::move(value)});
  }
  const Value secrets = Value::object(std::move(named));
  const std::array sources{ExpressionSource{std::string(jq), {std::string(k_secrets)}}};
  const auto compiled = compile_expressions(sources);
  const auto* program = std::get_if<std::shared_ptr<const ExpressionProgram>>(&compiled);
  if (program == nullptr) return unusable(fmt::format("`{}` does not compile", jq));
  const std::array bindings{Binding{k_secrets, secrets}};
  auto result = (*program)->evaluate(ExpressionId{0}, {}, bindings, {});
  auto* value = std::get_if<Value>(&result);
  if (value == nullptr) return unusable(fmt::format("`{}` fails", jq));
  return std::move(*value);
}

OrProblem<Value> filled(const std::string& text, const SecretLookup& secret) {
  const ExpressionParts parts = find_expressions(text, Dialect::text);
  std::string whole;
  std::size_t at = 0;
  for (const EmbeddedExpression& part : parts.expressions) {
    CONNECTOR_TRY(
        auto value,
        evaluated(std::string_view(text).substr(part.inner_begin, part.inner_end - part.inner_begin), secret));
    if (parts.whole) return value;
    whole += text.substr(at, part.begin - at);
    whole += value.is_string() ? value.as_string() : to_json(value);
    at = part.end;
  }
  return Value::string(whole + text.substr(at));
}

}  // namespace

OrProblem<Value> with_secrets(const Value& policy, const SecretLookup& secret) {
  if (policy.is_string()) return filled(policy.as_string(), secret);
  if (policy.is_array()) {
    Array items;
    for (const Value& item : policy.as_array()) {
      CONNECTOR_TRY(auto value, with_secrets(item, secret));
      items.push_back(std::move(value));
    }
    return Value::array(std::move(items));
  }
  if (!policy.is_object()) return policy;
  if (const Value* use = policy.find("use"); use != nullptr && use->is_string()) return secret(use->as_string());
  std::vector<Member> members;
  for (const auto& [name, value] : policy.as_object()) {
    CONNECTOR_TRY(auto member, with_secrets(value, secret));
    // `bearer: TOKEN` is short for {token: TOKEN}.
    if (name == "bearer" && member.is_string()) member = Value::object({{"token", std::move(member)}});
    members.push_back({name, std::move(member)});
  }
  return Value::object(std::move(members));
}

}  // namespace cairn
