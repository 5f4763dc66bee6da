#pragma once
// Absolute http, https and file URLs: parsing, resolution, query, and the forms that may be shown.

#include "workflows/core/error.h"
#include "workflows/value/percent.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

using QueryList = std::vector<std::pair<std::string, std::string>>;

/// A URL in parts, each percent-encoded as it goes on the wire. The fragment is dropped: it is never sent.
struct Url {
  std::string scheme;    ///< "http", "https" or "file", lower case
  std::string userinfo;  ///< "user:password", or empty
  std::string host;      ///< an IPv6 address in brackets; empty for file
  std::string port;      ///< digits, empty when it is the scheme's own
  std::string path;      ///< begins with '/'
  std::string query;     ///< without '?'

  [[nodiscard]] std::string to_string() const;
  /// "https://host:port", for "is this the same server?".
  [[nodiscard]] std::string origin() const;
  /// Origin and path: what messages show. Credentials sit in the userinfo or the query more often than not.
  [[nodiscard]] std::string for_message() const;
  /// What an echoed request shows: no userinfo, and *** for query values whose name says that they are secret.
  [[nodiscard]] std::string for_echo() const;
  /// Adds parameters after those the URL has, each name and value percent-encoded.
  void append_query(const QueryList& parameters);
};

/// An absolute URL with one of the three schemes. Spaces and non-ASCII characters are percent-encoded, what is encoded
/// already stays. Error invalid_input otherwise; the message does not repeat the URL.
Result<Url> parse_url(std::string_view text);

/// `reference` (absolute, or relative to `base`) as an absolute URL.
Result<Url> resolve_url(const Url& base, std::string_view reference);

/// The bytes that `text` encodes; a % without two hex digits stays.
std::string percent_decode(std::string_view text);

/// Whether a header or parameter of this name usually holds a credential: Authorization, Cookie, and names that speak
/// of a token, secret, password, signature, credential or key (the Idempotency-Key is none).
bool is_secret_name(std::string_view name);

}  // namespace cairn
