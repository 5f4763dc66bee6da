#pragma once
// The policies oauth2 and oidc as data (dsl-reference "OAUTH2 Authentication", "OpenIdConnect Authentication").

#include "connectors/http/or_problem.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct OAuthPolicy {
  enum class Grant { client_credentials, password, refresh_token, token_exchange };
  enum class ClientMethod { secret_basic, secret_post, secret_jwt, private_key_jwt, none };
  struct GivenToken {
    std::string token;
    std::string type;
  };

  std::string authority;       ///< absolute http or https
  bool discovers = false;      ///< the token endpoint stands in a document of the authority
  std::string token_endpoint;  ///< absolute; empty when it is discovered
  Grant grant = Grant::client_credentials;
  ClientMethod method = ClientMethod::secret_post;
  std::string client_id;
  std::string client_secret;
  std::string client_assertion;  ///< a JWT that is signed already, or a private key in PEM to sign some with
  bool json = false;             ///< the encoding of the request
  std::vector<std::string> issuers;
  std::vector<std::string> scopes;
  std::vector<std::string> audiences;
  std::string username;
  std::string password;
  std::optional<GivenToken> subject;  ///< of refresh_token its token is the refresh token
  std::optional<GivenToken> actor;
  std::string key;  ///< the same for equal policies only; says nothing about them

  /// Of {oauth2: {…}} or {oidc: {…}}, evaluated. What is missing or makes no sense is an authentication problem.
  static OrProblem<OAuthPolicy> read(const Value& policy);

  /// Texts that must not come back.
  [[nodiscard]] std::vector<std::string> credentials() const;
  /// Where the document of discovery is.
  [[nodiscard]] std::string discovery_url() const;
  /// Who must say that it is the issuer there.
  [[nodiscard]] std::string expected_issuer() const;
};

}  // namespace cairn
