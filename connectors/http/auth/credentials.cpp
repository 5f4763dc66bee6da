#include "connectors/http/auth/credentials.h"

#include "connectors/http/http_arguments.h"
#include "workflows/value/base64.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

OrProblem<std::string> required_text(const Value& policy, std::string_view member, std::string_view what) {
  const Value* value = policy.find(member);
  if (value == nullptr || value->is_null()) return invalid_argument(fmt::format("{} has no '{}'", what, member));
  return scalar_text(*value, fmt::format("'{}' of {}", member, what));
}

OrProblem<Credentials> basic(const Value& policy) {
  CONNECTOR_TRY(const auto username, required_text(policy, "username", "basic authentication"));
  CONNECTOR_TRY(const auto password, required_text(policy, "password", "basic authentication"));
  if (username.find(':') != std::string::npos) {
    return invalid_argument("the user name of basic authentication cannot hold a colon");
  }
  return Credentials{"Basic", encode_base64(username + ":" + password), std::nullopt};
}

OrProblem<Credentials> bearer(const Value& policy) {
  if (policy.is_string()) return Credentials{"Bearer", policy.as_string(), std::nullopt};
  CONNECTOR_TRY(auto token, required_text(policy, "token", "bearer authentication"));
  return Credentials{"Bearer", std::move(token), std::nullopt};
}

OrProblem<Credentials> digest(const Value& policy) {
  DigestLogin login;
  CONNECTOR_TRY(login.username, required_text(policy, "username", "digest authentication"));
  CONNECTOR_TRY(login.password, required_text(policy, "password", "digest authentication"));
  return Credentials{"Digest", {}, std::move(login)};
}

}  // namespace

std::string Credentials::header() const { return parameter.empty() ? std::string() : scheme + " " + parameter; }

Value Credentials::descriptor() const {
  if (scheme.empty()) return {};
  return Value::object(
      {{"scheme", Value::string(scheme)}, {"parameter", parameter.empty() ? Value() : Value::string(parameter)}});
}

std::vector<std::string> Credentials::texts() const {
  std::vector<std::string> texts;
  if (!parameter.empty()) texts.push_back(parameter);
  return texts;
}

bool needs_token(const Value* policy) {
  return policy != nullptr && (policy->find("oauth2") != nullptr || policy->find("oidc") != nullptr);
}

OrProblem<Credentials> credentials_of(const Value* policy) {
  if (policy == nullptr || policy->is_null()) return Credentials{};
  if (const Value* found = policy->find("basic")) return basic(*found);
  if (const Value* found = policy->find("bearer")) return bearer(*found);
  if (const Value* found = policy->find("digest")) return digest(*found);
  std::string scheme = "of an unknown kind";
  if (policy->is_object() && !policy->as_object().empty()) scheme = "'" + policy->as_object().begin()->name + "'";
  return authentication_problem(
      "Unsupported authentication",
      fmt::format("authentication {} is none of basic, bearer, digest, oauth2, oidc", scheme));
}

Problem authentication_problem(std::string title, std::string detail, std::int64_t status) {
  Problem problem = make_problem(StandardError::authentication, std::move(title), std::move(detail));
  problem.status = status;
  return problem;
}

}  // namespace cairn
