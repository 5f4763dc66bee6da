#pragma once
// The request to a token endpoint (RFC 6749, RFC 7523, RFC 8693), and what its answer means.

#include "connectors/http/auth/oauth_policy.h"
#include "connectors/http/http_client.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

inline constexpr std::int64_t k_token_timeout_ms = 30'000;  ///< one request to an authority
inline constexpr std::size_t k_token_response_bytes = std::size_t{256} << 10U;
inline constexpr std::int64_t k_assertion_lifetime_s = 300;  ///< of an assertion that is signed here

struct Token {
  std::string access_token;
  std::optional<std::int64_t> lifetime_s;
  std::string refresh_token;  ///< empty: none was given
};

/// What `policy` asks for at `endpoint`; with `refresh_token`, that is used instead of the policy's own grant. `now_s`:
/// seconds since 1970, for assertions. A key that does not sign is an authentication problem.
OrProblem<HttpRequest> token_request(const OAuthPolicy& policy, const std::string& endpoint,
                                     const std::string& refresh_token, std::int64_t now_s);

/// The token in an answer, or the authentication problem that names the endpoint and what it said, without the policy's
/// credentials. A token whose issuer is not among those of the policy is refused.
OrProblem<Token> read_token(const OAuthPolicy& policy, const std::string& endpoint, const HttpResult& result);

/// The problem of an authority that did not give what it should: `what` is "POST https://host/token".
Problem authority_problem(const HttpFailure& failure, const std::string& what);
/// Of a status outside 200–299; `said` is cleared of credentials.
Problem authority_problem(const HttpResponse& response, const std::string& what, const OAuthPolicy& policy);

}  // namespace cairn
