#pragma once
// connectors/http/auth/: authentication policies (dsl-reference "Authentication") become requests.
//
//   credentials   what a policy comes to for one request; basic, bearer and digest, which need nobody's help
//   jwt           JSON Web Tokens: signed assertions, and the claims of somebody else's
//   oauth_policy  the policies oauth2 and oidc
//   token_request the request to a token endpoint, and what its answer means
//   token_source  tokens: fetched once for all who want one, kept in memory, renewed ahead of their end
//   authorized    one exchange under a policy, with a new token when the old one is refused

#include "connectors/http/http_client.h"
#include "connectors/http/or_problem.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What a request proves itself with. Never recorded or printed.
struct Credentials {
  std::string scheme;     ///< "Basic", "Bearer", "Digest"; empty: there is no policy
  std::string parameter;  ///< of the Authorization header; empty with Digest, whose parameter answers a challenge
  std::optional<DigestLogin> digest;

  /// "SCHEME PARAMETER", or "".
  [[nodiscard]] std::string header() const;
  /// What $authorization is: {scheme, parameter}.
  [[nodiscard]] Value descriptor() const;
  /// Texts that must not come back.
  [[nodiscard]] std::vector<std::string> texts() const;
};

/// Whether a policy needs a token that has to be fetched: {oauth2: …} or {oidc: …}.
bool needs_token(const Value* policy);

/// Of {basic: {username, password}}, {bearer: {token}} (or {bearer: text}), {digest: {username, password}}; nothing of no
/// policy. Members that are missing are validation problems, other schemes an authentication problem.
OrProblem<Credentials> credentials_of(const Value* policy);

/// A problem of the standard's type `authentication`.
Problem authentication_problem(std::string title, std::string detail, std::int64_t status = 401);

}  // namespace cairn
