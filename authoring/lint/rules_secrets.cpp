// Rules about secrets: places where they would be seen. (What would be recorded is an error of the definition already.)

#include "workflows/definition/expression_text.h"
#include "workflows/source/pointer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "authoring/lint/linter.h"

namespace cairn::authoring {
namespace {

bool has_expression(const Value& text) {
  return text.is_string() && !find_expressions(text.as_string(), Dialect::text).expressions.empty();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Members that hold what nobody should read.
bool is_confidential_member(const std::string& policy, const std::string& name) {
  if (name == "password") return policy == "basic" || policy == "digest" || policy == "oauth2" || policy == "oidc";
  if (name == "token") return policy == "bearer";
  return name == "secret" && policy == "client";
}

bool is_confidential_header(const std::string& name) {
  constexpr std::array<std::string_view, 4> k_headers{"authorization", "proxy-authorization", "x-api-key", "api-key"};
  return std::ranges::find(k_headers, lower(name)) != k_headers.end();
}

}  // namespace

bool reads_secret(const Value& text) {
  if (text.is_array()) return std::ranges::any_of(text.as_array(), reads_secret);
  if (text.is_object()) {
    return std::ranges::any_of(text.as_object(), [](const Member& member) { return reads_secret(member.value); });
  }
  if (!text.is_string()) return false;
  const ExpressionParts parts = find_expressions(text.as_string(), Dialect::text);
  return std::ranges::any_of(parts.expressions, [&](const EmbeddedExpression& one) {
    const auto uses =
        free_variables(std::string_view(text.as_string()).substr(one.inner_begin, one.inner_end - one.inner_begin));
    return std::ranges::any_of(
        uses, [](const VariableUse& use) { return use.name == "secrets" || use.name == "authorization"; });
  });
}

void Linter::secrets() {
  for (const Node& one : program_.nodes) secrets_of_call(one);
  literal_secrets(program_.definition, "");
}

void Linter::secrets_of_call(const Node& call) {
  const auto look = [&](std::string_view rule, const Value& value, const std::string& pointer, std::string_view where,
                        std::string_view hint) {
    if (!reads_secret(value)) return;
    report(rule, call.reference + pointer, fmt::format("'{}' puts a secret into its {}", call.name, where),
           std::string(hint));
  };
  constexpr std::string_view k_header = "send it in a header, or as `authentication`";
  constexpr std::string_view k_environment = "give it as `environment` or `stdin`";
  const Value with = call.definition.get("with");
  const Value endpoint = with.get("endpoint");
  if (endpoint.is_string()) look("secret-in-url", endpoint, "/with/endpoint", "address", k_header);
  look("secret-in-url", endpoint.get("uri"), "/with/endpoint/uri", "address", k_header);
  if (call.definition.get("call") == Value::string("http")) {
    look("secret-in-url", with.get("query"), "/with/query", "query", k_header);
  }
  const Value shell = call.definition.get("run").get("shell");
  look("secret-in-command", shell.get("command"), "/run/shell/command", "command line", k_environment);
  look("secret-in-command", shell.get("arguments"), "/run/shell/arguments", "arguments", k_environment);
  look("secret-in-command", call.definition.get("run").get("script").get("arguments"), "/run/script/arguments",
       "arguments", k_environment);
}

void Linter::literal_secrets(const Value& value, const std::string& pointer) {
  const auto below = [&](std::string_view name) {
    std::string place = pointer;
    append_pointer_segment(place, name);
    return place;
  };
  if (value.is_array()) {
    const Array& items = value.as_array();
    for (std::size_t i = 0; i < items.size(); ++i) literal_secrets(items[i], below(std::to_string(i)));
  }
  if (!value.is_object()) return;
  const std::string policy = pointer.substr(pointer.rfind('/') + 1);
  const bool in_policy = pointer.find("/authentication") != std::string::npos;
  for (const auto& [name, member] : value.as_object()) {
    const bool secret =
        (in_policy && is_confidential_member(policy, name)) || (policy == "headers" && is_confidential_header(name));
    if (secret && member.is_string() && !member.as_string().empty() && !has_expression(member)) {
      report("secret-in-text", below(name), fmt::format("'{}' is written in the definition", name),
             "declare a secret in use.secrets, and read it with ${ $secrets.NAME }");
    } else if (name != "schema") {
      literal_secrets(member, below(name));
    }
  }
}

}  // namespace cairn::authoring
