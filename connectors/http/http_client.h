#pragma once
// HttpClient: the process's one pool of connections. libcurl's multi interface, driven by Asio.

#include "connectors/http/executor.h"
#include "connectors/http/headers.h"
#include "workflows/core/limits.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace cairn {

struct HttpOptions {
  std::int64_t connect_timeout_ms = 10'000;  ///< name look-up, TCP and TLS of one connection
  std::int64_t total_timeout_ms = 300'000;   ///< one request with its redirects, waiting for a free connection included
  std::string ca_file;                       ///< PEM, instead of the system's; empty: the system's
  std::string client_cert;                   ///< PEM, for mutual TLS; empty: none
  std::string client_key;                    ///< PEM; empty: inside client_cert
  std::optional<std::string> proxy;  ///< URL; "" for none; absent: http_proxy, https_proxy, no_proxy of the environment
  std::string user_agent = "cairn/" CAIRN_VERSION;
  long max_connections = 256;  ///< open at once; further requests wait for one
  long max_per_host = 64;
};

/// A user who answers an HTTP Digest challenge (RFC 7616).
struct DigestLogin {
  std::string username;
  std::string password;
};

class TokenSource;

/// One request. The caller has checked method and headers (is_http_token, is_header_value); bad ones fail as
/// invalid_request.
struct HttpRequest {
  std::string method;  ///< as sent, e.g. "GET"
  std::string url;     ///< absolute, http or https
  HeaderList headers;
  std::optional<std::string> body;
  /// Follow up to k_max_redirects redirects: 303, and 301/302 of a POST, become a GET without body; never from https to
  /// http; credentials (is_secret_name) and Host are not sent on to another origin. Otherwise a redirect is the
  /// response.
  bool follow_redirects = false;
  std::size_t max_response_bytes = limits::k_effect_result_bytes;  ///< of the decoded body
  std::optional<DigestLogin> digest;                               ///< of the first origin, never of another
  std::optional<std::int64_t> timeout_ms;                          ///< less than HttpOptions::total_timeout_ms
  bool repeatable = false;  ///< sending it twice does what once does, whatever its method
};

inline constexpr int k_max_redirects = 10;
inline constexpr std::size_t k_max_response_header_bytes = 256U << 10;

struct HttpResponse {
  int status = 0;
  std::string reason;  ///< as the server wrote it; empty in HTTP/2
  HeaderList headers;  ///< of the last response, as received
  std::string body;    ///< content coding undone
};

/// No response, or none that can be trusted.
struct HttpFailure {
  enum class Kind {
    invalid_request,  ///< not sent: bad URL, method or header
    unreachable,      ///< no connection, or it ended before the response began
    timeout,
    untrusted,     ///< TLS: certificate, host name, protocol
    bad_response,  ///< cut short, not HTTP, broken content coding, or a redirect that must not be followed
    too_large,     ///< beyond max_response_bytes or k_max_response_header_bytes
  };
  Kind kind = Kind::unreachable;
  std::string reason;  ///< one clause for people; holds no header value and no query
};

using HttpResult = std::variant<HttpResponse, HttpFailure>;

/// A request under way; destroying it aborts the request, and its callback is not called any more.
class HttpTransfer {
 public:
  virtual ~HttpTransfer() = default;
};

/// All calls, callbacks and destructors happen on the executor (one thread at a time).
/// Nothing is retried: a request goes out once. (Only a safe or idempotent method may go out again, when a kept
/// connection turns out to have been closed by the peer before any answer.) TLS peers are always verified.
class HttpClient {
 public:
  HttpClient(const boost::asio::any_io_executor& executor, HttpOptions options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  /// Aborts what is under way; those callbacks are not called.
  ~HttpClient();

  /// Sends; `callback` is called once from the executor, never before send returns.
  std::unique_ptr<HttpTransfer> send(HttpRequest request, std::function<void(HttpResult)> callback);

  /// The access tokens of this client's requests (connectors/http/auth).
  TokenSource& tokens();

  [[nodiscard]] const HttpOptions& options() const;
  [[nodiscard]] const boost::asio::any_io_executor& executor() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
  std::unique_ptr<TokenSource> tokens_;  // before the client goes, which it uses
};

}  // namespace cairn
