// Endpoints, external resources and authentication.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace cairn {

Draft Compiler::endpoint(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  if (place.value().is_string()) {
    const std::string& text = place.value().as_string();
    Draft address = uri_text(place, text, view);
    if (find_expressions(text, Dialect::text).whole) return address;  // may give an object; the connector tells
    members.emplace_back("uri", std::move(address));
    return object_draft(std::move(members));
  }
  if (!is_object(findings_, place, "an endpoint (a URI or an object with 'uri')"))
    return Draft::constant(Value::null());
  Fields fields(findings_, place, "an endpoint");
  if (const auto address = fields.require("uri")) members.emplace_back("uri", uri(*address, view));
  if (const auto policy = fields.take("authentication"))
    members.emplace_back("authentication", authentication(*policy, view));
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::resource(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  if (!is_object(findings_, place, "a resource (an object with 'endpoint')")) return Draft::constant(Value::null());
  Fields fields(findings_, place, "a resource");
  if (const auto name = fields.take("name")) read_string(findings_, *name);
  if (const auto found = fields.require("endpoint")) members.emplace_back("endpoint", endpoint(*found, view));
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::authentication(const Place& place, const View& view) {
  // What authorizes is not authorized itself: $authorization has no value in here.
  View inner = view;
  inner.authorization = false;
  std::erase(inner.names, "authorization");

  std::optional<std::string> name;
  std::optional<Place> name_place;
  if (place.value().is_string()) {
    name = place.value().as_string();
    name_place = place;
  } else if (place.node->find("use") != nullptr) {
    Fields fields(findings_, place, "an authentication");
    const std::string_view kind = fields.exactly_one({"use", "basic", "bearer", "digest", "oauth2", "oidc"});
    fields.done();
    if (kind != "use") return authentication_policy(place, inner);
    name_place = fields.take("use");
    name = read_string(findings_, *name_place);
  }
  if (!name_place) return authentication_policy(place, inner);
  if (!name) return {Value::null(), true};
  const Place* policy = find_component(authentications_, *name_place, *name, "authentication");
  return policy == nullptr ? Draft{Value::null(), true} : authentication_policy(*policy, inner);
}

Draft Compiler::authentication_policy(const Place& place, const View& view) {
  Draft nothing{Value::null(), true};
  if (!is_object(findings_, place, "an authentication (an object, or the name of one in use.authentications)"))
    return nothing;
  Fields fields(findings_, place, "an authentication");
  if (const SourceMember* use = place.node->find("use")) {
    findings_.error_at_key(place.member(*use), "an authentication in use.authentications cannot 'use' another",
                           "define the policy here");
    fields.take("use");
    return nothing;
  }
  const std::string_view kind = fields.exactly_one({"basic", "bearer", "digest", "oauth2", "oidc"});
  fields.done();
  if (kind.empty()) return nothing;
  const Place policy = *fields.take(kind);
  Draft draft = nothing;
  if (kind == "basic" || kind == "digest") {
    draft = login_policy(policy, view, kind);
  } else if (kind == "bearer") {
    draft = bearer_policy(policy, view);
  } else {
    draft = oauth2_policy(policy, view, kind == "oauth2");
  }
  draft.confidential = true;
  std::vector<std::pair<std::string, Draft>> members;
  members.emplace_back(kind, std::move(draft));
  Draft whole = object_draft(std::move(members));
  whole.confidential = true;
  return whole;
}

std::optional<std::string> Compiler::secret_reference(const Place& place) {
  if (!place.value().is_object() || place.node->find("use") == nullptr) return std::nullopt;
  Fields fields(findings_, place, "a reference to a secret");
  const Place use = *fields.take("use");
  fields.done();
  auto name = read_string(findings_, use, "the name of a secret (a string)");
  if (!name) return std::string();
  if (!secrets_.contains(*name)) {
    const UnknownSecret unknown = unknown_secret(*name);
    findings_.error(use, unknown.message, unknown.hint);
  }
  return name;
}

Draft Compiler::credential(const Place& place, const View& view) {
  const Value& value = place.value();
  if (value.is_string()) {
    Draft draft = free_string(place, view, Dialect::text, false);
    draft.confidential = true;
    return draft;
  }
  // A password of digits is a number to YAML; what counts is how it is written.
  if (const std::string_view written = source_.written(*place.node); value.is_number() && !written.empty()) {
    return {Value::string(std::string(written)), true};
  }
  wrong_type(findings_, place, "a string");
  return {Value::null(), true};
}

Draft Compiler::login_policy(const Place& place, const View& view, std::string_view kind) {
  std::vector<std::pair<std::string, Draft>> members;
  if (const auto secret = secret_reference(place)) {
    members.emplace_back("use", Draft{Value::string(*secret), true});
    return object_draft(std::move(members));
  }
  Fields fields(findings_, place, fmt::format("{} authentication", kind));
  for (const std::string_view key : {"username", "password"}) {
    if (const auto found = fields.require(key)) members.emplace_back(key, credential(*found, view));
  }
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::bearer_policy(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  if (const auto secret = secret_reference(place)) {
    members.emplace_back("use", Draft{Value::string(*secret), true});
    return object_draft(std::move(members));
  }
  if (place.value().is_string()) {
    members.emplace_back("token", credential(place, view));
    return object_draft(std::move(members));
  }
  Fields fields(findings_, place, "bearer authentication");
  if (const auto token = fields.require("token")) members.emplace_back("token", credential(*token, view));
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::oauth2_policy(const Place& place, const View& view, bool with_endpoints) {
  std::vector<std::pair<std::string, Draft>> members;
  if (const auto secret = secret_reference(place)) {
    members.emplace_back("use", Draft{Value::string(*secret), true});
    return object_draft(std::move(members));
  }
  Fields fields(findings_, place, with_endpoints ? "oauth2 authentication" : "oidc authentication");
  if (const auto authority = fields.require("authority")) members.emplace_back("authority", uri(*authority, view));
  std::string grant;
  if (const auto found = fields.require("grant")) {
    grant = oauth2_grant(*found);
    members.emplace_back("grant", Draft::constant(Value::string(grant)));
  }
  if (const auto endpoints = with_endpoints ? fields.take("endpoints") : std::nullopt) {
    std::vector<std::pair<std::string, Draft>> paths;
    Fields given(findings_, *endpoints, "'endpoints'");
    for (const std::string_view key : {"token", "revocation", "introspection"}) {
      if (const auto path = given.take(key)) paths.emplace_back(key, uri(*path, view));
    }
    given.done();
    members.emplace_back("endpoints", object_draft(std::move(paths)));
  }
  const auto client = fields.take("client");
  if (client) members.emplace_back("client", oauth2_client(*client, view));
  if (!client && grant == "client_credentials") {
    findings_.error(place, "the grant client_credentials needs 'client'", "give the client's id and secret");
  }
  if (const auto request = fields.take("request")) {
    Fields given(findings_, *request, "'request'");
    if (const auto encoding = given.take("encoding")) {
      const auto chosen = read_choice(findings_, *encoding, {"application/x-www-form-urlencoded", "application/json"});
      members.emplace_back("request",
                           Draft::constant(Value::object({{"encoding", Value::string(chosen.value_or(""))}})));
    }
    given.done();
  }
  for (const std::string_view key : {"issuers", "scopes", "audiences"}) {
    const auto found = fields.take(key);
    if (!found || !is_list(findings_, *found, "a list of strings")) continue;
    std::vector<Draft> items;
    for (std::size_t i = 0; i < found->node->items.size(); ++i) {
      const Place item = found->item(i);
      if (read_string(findings_, item)) items.push_back(free_string(item, view, Dialect::text, false));
    }
    members.emplace_back(key, array_draft(std::move(items)));
  }
  for (const std::string_view key : {"username", "password"}) {
    const auto found = grant == "password" ? fields.require(key) : fields.take(key);
    if (found) members.emplace_back(key, credential(*found, view));
  }
  const bool exchanges = grant == "refresh_token" || grant.ends_with("token-exchange");
  if (const auto found = exchanges ? fields.require("subject") : fields.take("subject")) {
    members.emplace_back("subject", oauth2_token(*found, view));
  }
  if (const auto found = fields.take("actor")) members.emplace_back("actor", oauth2_token(*found, view));
  fields.done();
  return object_draft(std::move(members));
}

std::string Compiler::oauth2_grant(const Place& place) {
  const auto grant = read_choice(findings_, place,
                                 {"authorization_code", "client_credentials", "password", "refresh_token",
                                  "urn:ietf:params:oauth:grant-type:token-exchange"});
  if (grant == "authorization_code") {
    findings_.error(place,
                    "the grant authorization_code needs a person with a browser, and nobody is there when a task runs",
                    "use client_credentials, or the refresh_token that a person's sign-in has given");
  }
  return grant.value_or("");
}

Draft Compiler::oauth2_client(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  Fields fields(findings_, place, "'client'");
  std::string method = "client_secret_post";
  if (const auto found = fields.take("authentication")) {
    method = read_choice(findings_, *found,
                         {"client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"})
                 .value_or("none");
    members.emplace_back("authentication", Draft::constant(Value::string(method)));
  }
  const bool proves = method != "none";
  if (const auto found = proves ? fields.require("id") : fields.take("id")) {
    members.emplace_back("id", credential(*found, view));
  }
  const bool by_secret = method == "client_secret_basic" || method == "client_secret_post";
  if (const auto found = by_secret ? fields.require("secret") : fields.take("secret")) {
    members.emplace_back("secret", credential(*found, view));
  }
  if (const auto found = method == "private_key_jwt" ? fields.require("assertion") : fields.take("assertion")) {
    members.emplace_back("assertion", credential(*found, view));
  }
  if (method == "client_secret_jwt" && !fields.has("secret") && !fields.has("assertion")) {
    findings_.error(place, "client_secret_jwt needs 'secret' to sign with, or a signed 'assertion'");
  }
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::oauth2_token(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  Fields fields(findings_, place, "a token");
  for (const std::string_view key : {"token", "type"}) {
    if (const auto found = fields.require(key)) members.emplace_back(key, credential(*found, view));
  }
  fields.done();
  return object_draft(std::move(members));
}

}  // namespace cairn
