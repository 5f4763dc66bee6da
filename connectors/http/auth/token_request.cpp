#include "connectors/http/auth/token_request.h"

#include "connectors/http/auth/credentials.h"
#include "connectors/http/auth/jwt.h"
#include "connectors/http/http_outcome.h"
#include "connectors/http/url.h"
#include "engine/effects/redaction.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cairn {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using Method = OAuthPolicy::ClientMethod;
using Grant = OAuthPolicy::Grant;

constexpr std::size_t k_said_bytes = 300;
constexpr std::int64_t k_longest_lifetime_s = 365LL * 86'400;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

void add_grant(const OAuthPolicy& policy, Fields& fields) {
  switch (policy.grant) {
    case Grant::client_credentials: fields.emplace_back("grant_type", "client_credentials"); break;
    case Grant::password:
      fields.emplace_back("grant_type", "password");
      fields.emplace_back("username", policy.username);
      fields.emplace_back("password", policy.password);
      break;
    case Grant::refresh_token:
      fields.emplace_back("grant_type", "refresh_token");
      fields.emplace_back("refresh_token", policy.subject->token);
      break;
    case Grant::token_exchange:
      fields.emplace_back("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
      fields.emplace_back("subject_token", policy.subject->token);
      fields.emplace_back("subject_token_type", policy.subject->type);
      if (policy.actor) {
        fields.emplace_back("actor_token", policy.actor->token);
        fields.emplace_back("actor_token_type", policy.actor->type);
      }
      break;
  }
}

OrProblem<std::string> assertion(const OAuthPolicy& policy, const std::string& endpoint, std::int64_t now_s) {
  const std::string& given = policy.client_assertion;
  if (!given.empty() && (policy.method == Method::secret_jwt || given.find("-----BEGIN") == std::string::npos)) {
    return given;
  }
  const Value claims = Value::object({{"iss", Value::string(policy.client_id)},
                                      {"sub", Value::string(policy.client_id)},
                                      {"aud", Value::string(endpoint)},
                                      {"jti", Value::string(random_token_id())},
                                      {"iat", Value::integer(now_s)},
                                      {"exp", Value::integer(now_s + k_assertion_lifetime_s)}});
  if (policy.method == Method::secret_jwt) return sign_jwt_with_secret(claims, policy.client_secret);
  auto jwt = sign_jwt_with_key(claims, given);
  if (!jwt) return authentication_problem("Invalid policy", "'client.assertion' of the policy: " + jwt.error().message);
  return std::move(jwt.value());
}

OrProblem<void> add_client(const OAuthPolicy& policy, const std::string& endpoint, std::int64_t now_s, Fields& fields,
                           HttpRequest& request) {
  const bool by_header = policy.method == Method::secret_basic;
  if (!policy.client_id.empty() && !by_header) fields.emplace_back("client_id", policy.client_id);
  switch (policy.method) {
    case Method::secret_basic:
      // Each part is a form's field before it is joined (RFC 6749, 2.3.1).
      request.headers.emplace_back("Authorization", "Basic " + encode_base64(percent_encode(policy.client_id) + ":" +
                                                                             percent_encode(policy.client_secret)));
      break;
    case Method::secret_post: fields.emplace_back("client_secret", policy.client_secret); break;
    case Method::secret_jwt:
    case Method::private_key_jwt: {
      CONNECTOR_TRY(auto jwt, assertion(policy, endpoint, now_s));
      fields.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      fields.emplace_back("client_assertion", std::move(jwt));
      break;
    }
    case Method::none: break;
  }
  return boost::outcome_v2::success();
}

std::string as_form(const Fields& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
  }
  return form;
}

std::string as_json(const Fields& fields) {
  std::vector<Member> members;
  for (const auto& [name, value] : fields) {
    const auto known = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
    if (known == members.end()) {
      members.push_back({name, Value::string(value)});
    } else if (known->value.is_array()) {
      known->value.append(Value::string(value));
    } else {
      known->value = Value::array({known->value, Value::string(value)});
    }
  }
  return to_json(Value::object(std::move(members)));
}

/// `expires_in`, a number or, with some, a text.
std::optional<std::int64_t> lifetime_of(const Value& answer) {
  const Value given = answer.get("expires_in");
  double seconds = -1;
  if (given.is_number()) seconds = given.as_double();
  if (given.is_string()) {
    const std::string& text = given.as_string();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  if (!(seconds >= 0)) return std::nullopt;
  return static_cast<std::int64_t>(std::min(seconds, static_cast<double>(k_longest_lifetime_s)));
}

bool is_usable(const std::string& token) {
  return !token.empty() && std::ranges::all_of(token, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

OrProblem<void> check_issuer(const OAuthPolicy& policy, const Value& answer, const std::string& what) {
  if (policy.issuers.empty()) return boost::outcome_v2::success();
  std::string issuer;
  for (const std::string_view name : {"access_token", "id_token"}) {
    const Value token = answer.get(name);
    const auto claims = token.is_string() ? jwt_claims(token.as_string()) : std::nullopt;
    if (claims && claims->get("iss").is_string() && issuer.empty()) issuer = claims->get("iss").as_string();
  }
  if (std::ranges::find(policy.issuers, issuer) != policy.issuers.end()) return boost::outcome_v2::success();
  const std::string who = issuer.empty() ? "names no issuer" : fmt::format("is issued by {}", quote_json(issuer));
  return authentication_problem(
      "Untrusted token", fmt::format("the token of {} {}, and 'issuers' of the policy admits others only", what, who));
}

/// What an answer says of an error, in short.
std::string said_in(const HttpResponse& response) {
  const auto parsed = parse_json(response.body);
  if (parsed && parsed.value().get("error").is_string()) {
    std::string said = parsed.value().get("error").as_string();
    const Value description = parsed.value().get("error_description");
    if (description.is_string()) said += ": " + description.as_string();
    return said;
  }
  return response.body;
}

}  // namespace

OrProblem<HttpRequest> token_request(const OAuthPolicy& policy, const std::string& endpoint,
                                     const std::string& refresh_token, std::int64_t now_s) {
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint;
  request.timeout_ms = k_token_timeout_ms;
  request.max_response_bytes = k_token_response_bytes;
  request.repeatable = true;
  Fields fields;
  if (refresh_token.empty()) {
    add_grant(policy, fields);
  } else {
    fields.emplace_back("grant_type", "refresh_token");
    fields.emplace_back("refresh_token", refresh_token);
  }
  if (!policy.scopes.empty()) fields.emplace_back("scope", joined(policy.scopes));
  for (const auto& audience : policy.audiences) fields.emplace_back("audience", audience);
  CONNECTOR_TRY(add_client(policy, endpoint, now_s, fields, request));
  request.headers.emplace_back("Content-Type", policy.json ? "application/json" : "application/x-www-form-urlencoded");
  request.headers.emplace_back("Accept", "application/json");
  request.body = policy.json ? as_json(fields) : as_form(fields);
  return request;
}

OrProblem<Token> read_token(const OAuthPolicy& policy, const std::string& endpoint, const HttpResult& result) {
  HttpRequest asked;
  asked.method = "POST";
  asked.url = endpoint;
  const std::string what = describe(asked);
  if (const auto* failure = std::get_if<HttpFailure>(&result)) return authority_problem(*failure, what);
  const auto& response = std::get<HttpResponse>(result);
  if (response.status < 200 || response.status > 299) return authority_problem(response, what, policy);
  const auto invalid = [&](std::string_view why) {
    return authentication_problem("Invalid token response", fmt::format("{} answered {}", what, why), 502);
  };
  const auto parsed = parse_json(response.body);
  if (!parsed || !parsed.value().is_object()) return invalid("with what is no JSON object");
  const Value& answer = parsed.value();
  if (answer.find("error") != nullptr) return authority_problem(response, what, policy);
  const Value token = answer.get("access_token");
  if (!token.is_string() || !is_usable(token.as_string())) return invalid("without a usable 'access_token'");
  const Value type = answer.get("token_type");
  // An exchange may give a token that is no access token of its own ("N_A"); it is sent as a bearer's all the same.
  if (type.is_string() && !same_header_name(type.as_string(), "Bearer") && !same_header_name(type.as_string(), "N_A")) {
    return invalid(fmt::format("with a token of the type {}, which is no Bearer token", quote_json(type.as_string())));
  }
  CONNECTOR_TRY(check_issuer(policy, answer, what));
  const Value refresh = answer.get("refresh_token");
  return Token{token.as_string(), lifetime_of(answer), refresh.is_string() ? refresh.as_string() : std::string()};
}

Problem authority_problem(const HttpFailure& failure, const std::string& what) {
  const bool late = failure.kind == HttpFailure::Kind::timeout;
  const bool absent = failure.kind == HttpFailure::Kind::unreachable;
  return authentication_problem("No token", what + ": " + utf8_lossy(failure.reason), late ? 504 : absent ? 503 : 502);
}

Problem authority_problem(const HttpResponse& response, const std::string& what, const OAuthPolicy& policy) {
  std::string said = utf8_lossy(said_in(response));
  said = Redactor(policy.credentials(), "***").text(std::move(said));
  if (said.size() > k_said_bytes) said = utf8_lossy(said.substr(0, k_said_bytes)) + "…";
  return authentication_problem(
      "No token", fmt::format("{} answered {}{}{}", what, response.status, said.empty() ? "" : ": ", said));
}

}  // namespace cairn
