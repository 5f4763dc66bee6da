#include "connectors/http/auth/oauth_policy.h"

#include "connectors/http/auth/credentials.h"
#include "connectors/http/http_arguments.h"
#include "connectors/http/url.h"
#include "workflows/core/sha256.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace cairn {

namespace {

constexpr std::string_view k_well_known = "/.well-known/";

template <class T>
struct Named {
  std::string_view name;
  T value;
};

constexpr std::array<Named<OAuthPolicy::Grant>, 4> k_grants{{
    {"client_credentials", OAuthPolicy::Grant::client_credentials},
    {"password", OAuthPolicy::Grant::password},
    {"refresh_token", OAuthPolicy::Grant::refresh_token},
    {"urn:ietf:params:oauth:grant-type:token-exchange", OAuthPolicy::Grant::token_exchange},
}};
constexpr std::array<Named<OAuthPolicy::ClientMethod>, 5> k_methods{{
    {"client_secret_basic", OAuthPolicy::ClientMethod::secret_basic},
    {"client_secret_post", OAuthPolicy::ClientMethod::secret_post},
    {"client_secret_jwt", OAuthPolicy::ClientMethod::secret_jwt},
    {"private_key_jwt", OAuthPolicy::ClientMethod::private_key_jwt},
    {"none", OAuthPolicy::ClientMethod::none},
}};

Problem wrong(std::string detail) { return authentication_problem("Invalid policy", std::move(detail)); }

OrProblem<std::string> text_in(const Value& object, std::string_view name) {
  const Value value = object.get(name);
  if (value.is_null()) return std::string();
  auto text = scalar_text(value, fmt::format("'{}' of the policy", name));
  if (!text) return wrong(text.error().detail);
  return std::move(text.value());
}

OrProblem<std::vector<std::string>> texts_in(const Value& object, std::string_view name) {
  std::vector<std::string> texts;
  const Value value = object.get(name);
  if (value.is_null()) return texts;
  if (!value.is_array()) return wrong(fmt::format("'{}' of the policy is a list of texts", name));
  for (const Value& item : value.as_array()) {
    if (!item.is_string()) return wrong(fmt::format("'{}' of the policy is a list of texts", name));
    texts.push_back(item.as_string());
  }
  return texts;
}

OrProblem<std::optional<OAuthPolicy::GivenToken>> token_in(const Value& object, std::string_view name) {
  const Value value = object.get(name);
  if (value.is_null()) return std::optional<OAuthPolicy::GivenToken>();
  OAuthPolicy::GivenToken token;
  CONNECTOR_TRY(token.token, text_in(value, "token"));
  CONNECTOR_TRY(token.type, text_in(value, "type"));
  if (token.token.empty() || token.type.empty()) {
    return wrong(fmt::format("'{}' of the policy needs 'token' and 'type'", name));
  }
  return std::optional(std::move(token));
}

template <class T, std::size_t N>
OrProblem<T> choice(const std::array<Named<T>, N>& choices, const std::string& text, std::string_view what) {
  for (const auto& one : choices) {
    if (one.name == text) return one.value;
  }
  if (text == "authorization_code") {
    return wrong("the grant authorization_code needs a person with a browser, and nobody is there when a task runs");
  }
  std::string names;
  for (const auto& one : choices) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return wrong(fmt::format("'{}' of the policy is one of {}", what, names));
}

/// The authority's URL with `path` behind it, unless `path` is a URL of its own.
OrProblem<std::string> endpoint_url(const std::string& authority, const std::string& path) {
  const bool absolute = path.find("://") != std::string::npos;
  auto url = parse_url(absolute ? path : authority);
  if (!url || url.value().scheme == "file") {
    return wrong(
        fmt::format("the {} of the policy is no http or https URL", absolute ? "token endpoint" : "authority"));
  }
  Url endpoint = std::move(url).value();
  if (absolute) return endpoint.to_string();
  endpoint.query.clear();
  if (const auto at = endpoint.path.find(k_well_known); at != std::string::npos) endpoint.path.resize(at);
  while (endpoint.path.ends_with('/')) endpoint.path.pop_back();
  endpoint.path += path.starts_with('/') ? path : "/" + path;
  return endpoint.to_string();
}

OrProblem<void> check(const OAuthPolicy& policy) {
  using Method = OAuthPolicy::ClientMethod;
  using Grant = OAuthPolicy::Grant;
  if (policy.method != Method::none && policy.client_id.empty()) return wrong("'client' of the policy has no 'id'");
  const bool by_secret = policy.method == Method::secret_basic || policy.method == Method::secret_post;
  if (by_secret && policy.client_secret.empty()) return wrong("'client' of the policy has no 'secret'");
  if (policy.method == Method::secret_jwt && policy.client_secret.empty() && policy.client_assertion.empty()) {
    return wrong("'client' of the policy has no 'secret' to sign with");
  }
  if (policy.method == Method::private_key_jwt && policy.client_assertion.empty()) {
    return wrong("'client' of the policy has no 'assertion', which private_key_jwt needs");
  }
  if (policy.grant == Grant::password && (policy.username.empty() || policy.password.empty())) {
    return wrong("the grant password needs 'username' and 'password'");
  }
  const bool exchanges = policy.grant == Grant::refresh_token || policy.grant == Grant::token_exchange;
  if (exchanges && !policy.subject) return wrong("the grant of the policy needs 'subject', the token to exchange");
  return boost::outcome_v2::success();
}

}  // namespace

OrProblem<OAuthPolicy> OAuthPolicy::read(const Value& policy) {
  const bool oidc = policy.find("oidc") != nullptr;
  const Value settings = policy.get(oidc ? "oidc" : "oauth2");
  if (!settings.is_object())
    return wrong("the policy is no object: a secret in its place must be one, with 'authority' and so on");
  OAuthPolicy read;
  CONNECTOR_TRY(read.authority, text_in(settings, "authority"));
  if (read.authority.empty()) return wrong("the policy has no 'authority'");
  CONNECTOR_TRY(const auto grant, text_in(settings, "grant"));
  CONNECTOR_TRY(read.grant, choice(k_grants, grant, "grant"));

  const Value client = settings.get("client");
  CONNECTOR_TRY(read.client_id, text_in(client, "id"));
  CONNECTOR_TRY(read.client_secret, text_in(client, "secret"));
  CONNECTOR_TRY(read.client_assertion, text_in(client, "assertion"));
  CONNECTOR_TRY(auto method, text_in(client, "authentication"));
  if (method.empty()) method = client.is_null() ? "none" : "client_secret_post";
  CONNECTOR_TRY(read.method, choice(k_methods, method, "client.authentication"));

  CONNECTOR_TRY(const auto encoding, text_in(settings.get("request"), "encoding"));
  read.json = encoding == "application/json";
  CONNECTOR_TRY(read.issuers, texts_in(settings, "issuers"));
  CONNECTOR_TRY(read.scopes, texts_in(settings, "scopes"));
  CONNECTOR_TRY(read.audiences, texts_in(settings, "audiences"));
  CONNECTOR_TRY(read.username, text_in(settings, "username"));
  CONNECTOR_TRY(read.password, text_in(settings, "password"));
  CONNECTOR_TRY(read.subject, token_in(settings, "subject"));
  CONNECTOR_TRY(read.actor, token_in(settings, "actor"));

  CONNECTOR_TRY(const auto endpoint, text_in(settings.get("endpoints"), "token"));
  read.discovers = oidc || (endpoint.empty() && read.authority.find(k_well_known) != std::string::npos);
  CONNECTOR_TRY(auto url, endpoint_url(read.authority, endpoint.empty() ? "/oauth2/token" : endpoint));
  if (!read.discovers) read.token_endpoint = std::move(url);
  CONNECTOR_TRY(check(read));
  read.key = sha256(to_json(policy)).hex();
  return read;
}

std::vector<std::string> OAuthPolicy::credentials() const {
  std::vector<std::string> texts{client_secret, client_assertion, password};
  if (subject) texts.push_back(subject->token);
  if (actor) texts.push_back(actor->token);
  std::erase(texts, std::string());
  return texts;
}

std::string OAuthPolicy::expected_issuer() const {
  std::string issuer = authority.substr(0, authority.find(k_well_known));
  while (issuer.ends_with('/')) issuer.pop_back();
  return issuer;
}

std::string OAuthPolicy::discovery_url() const {
  if (authority.find(k_well_known) != std::string::npos) return authority;
  return expected_issuer() + std::string(k_well_known) + "openid-configuration";
}

}  // namespace cairn
