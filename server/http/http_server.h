#pragma once
// HttpServer: listens, reads requests (RFC 9112), writes answers. HTTP/1.1 with keep-alive and pipelining, 1.0 too.
//
// Threads: one of its own, on which all connections live and handlers are called; answers may come from any thread.
// Limits are below; what exceeds one gets a problem with its status and, where the stream cannot be trusted any more, the
// end of its connection. A client that is slow costs its connection only, and that ends in time.

#include "server/http/router.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cairn::server {

inline constexpr std::size_t k_head_bytes = 32U << 10;  ///< request line and fields; more: 431
inline constexpr std::size_t k_body_bytes = 17U << 20;  ///< more: 413
inline constexpr std::size_t k_connections = 20'000;    ///< at once; more: 503
inline constexpr int k_idle_timeout_ms = 75'000;        ///< between two requests
inline constexpr int k_head_timeout_ms = 10'000;        ///< from a request's first byte to the end of its head
inline constexpr int k_body_timeout_ms = 60'000;        ///< for its body
inline constexpr int k_write_timeout_ms = 60'000;       ///< for the client to take an answer

struct HttpCounts {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;  ///< malformed, too large, too slow, too many
};

class HttpServer {
 public:
  /// Binds HOST:PORT ("127.0.0.1:8420", "[::1]:0"; port 0: any that is free) and begins to take requests. `router` is
  /// fixed from now on. invalid_configuration: no such address; io: the system refused, for example since another process
  /// listens there.
  static Result<std::unique_ptr<HttpServer>> listen(const std::string& address, Router router);

  /// Ends every connection and the thread; answers that come later go nowhere.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// From now on takes no connections and no further requests; those under way are answered. Any thread.
  void drain();
  /// No request is under way. Any thread.
  [[nodiscard]] bool drained() const;

  /// Where it listens, "127.0.0.1:8420".
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] HttpCounts counts() const;

  struct Core;

 private:
  explicit HttpServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

/// Whether `address` (HOST:PORT) names the loopback interface only. invalid_configuration: it is no address.
Result<bool> is_loopback(const std::string& address);

}  // namespace cairn::server
