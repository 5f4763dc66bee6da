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

OrProblem<Value> evaluated(std::string_view jq, const Value& secrets) {
  const std::array sources{ExpressionSource{std::string(jq), {std::string(k_secrets)}}};
  const auto compiled = compile_expressions(sources);
  const auto* program = std::get_if<std::shared_ptr<const ExpressionProgram>>(&compiled);
  if (program == nullptr) {
    return unusable("credentials for what is fetched before a run can read $secrets, and nothing else");
  }
  const std::array bindings{Binding{std::string(k_secrets), secrets}};
  auto result = (*program)->evaluate(ExpressionId{0}, {}, bindings, {});
  auto* value = std::get_if<Value>(&result);
  if (value == nullptr || value->is_null()) {
    return unusable(fmt::format("`{}` gives nothing: a secret that it reads was not given; give it with --secret", jq));
  }
  return std::move(*value);
}

OrProblem<Value> filled(const std::string& text, const Value& secrets) {
  const ExpressionParts parts = find_expressions(text, Dialect::text);
  std::string whole;
  std::size_t at = 0;
  for (const EmbeddedExpression& part : parts.expressions) {
    CONNECTOR_TRY(
        auto value,
        evaluated(std::string_view(text).substr(part.inner_begin, part.inner_end - part.inner_begin), secrets));
    if (parts.whole) return value;
    whole += text.substr(at, part.begin - at);
    whole += value.is_string() ? value.as_string() : to_json(value);
    at = part.end;
  }
  return Value::string(whole + text.substr(at));
}

}  // namespace

OrProblem<Value> with_secrets(const Value& policy, const Value& secrets) {
  if (policy.is_string()) return filled(policy.as_string(), secrets);
  if (!policy.is_object()) return policy;
  if (const Value* use = policy.find("use"); use != nullptr && use->is_string()) {
    const Value* secret = secrets.is_object() ? secrets.find(use->as_string()) : nullptr;
    if (secret == nullptr) {
      return unusable(fmt::format("the secret '{0}' was not given; give it with --secret {0}=VALUE", use->as_string()));
    }
    return *secret;
  }
  std::vector<Member> members;
  for (const auto& [name, value] : policy.as_object()) {
    CONNECTOR_TRY(auto member, with_secrets(value, secrets));
    members.push_back({name, std::move(member)});
  }
  return Value::object(std::move(members));
}

}  // namespace cairn
