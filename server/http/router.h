#pragma once
// Router: which handler a request is for.

#include "server/http/message.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::server {

/// Takes the answer to one request. Call it once, from any thread; destroyed uncalled it answers 503, so that no client
/// waits for an answer that nobody will give.
class Reply {
 public:
  using Sink = std::function<void(Response)>;
  explicit Reply(Sink sink) : sink_(std::move(sink)) {}
  Reply(Reply&& other) noexcept : sink_(std::exchange(other.sink_, nullptr)) {}
  Reply& operator=(Reply&&) = delete;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply();

  void operator()(Response response);

 private:
  Sink sink_;
};

/// Called on the server's thread; must not block it.
using Handler = std::function<void(Request request, Reply reply)>;

/// Looks at each request before its handler does; what it returns is the answer instead. Called on the server's thread.
using Guard = std::function<std::optional<Response>(const Request& request)>;

class Router {
 public:
  /// `pattern`: "/v1/runs/{run}/events"; a name in braces stands for one segment that is not empty. Of two patterns that
  /// fit, the one that was added first is taken.
  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// Guards are asked in the order in which they were added, of paths without a route, too.
  void guard(Guard guard);

  /// Passes the request to its handler, with its parameters. 404 without a route; 405 with `Allow` when there is one for
  /// other methods only. HEAD goes where GET goes; who sends the answer leaves its body out. OPTIONS is answered with what is
  /// allowed.
  void route(Request request, Reply reply) const;

  /// "GET /v1/runs" of all routes, in their order.
  [[nodiscard]] std::vector<std::string> routes() const;

 private:
  struct Segment {
    std::string text;  ///< or the name of what stands here
    bool is_name = false;
  };
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<Segment> segments;
    Handler handler;
  };
  [[nodiscard]] static bool fits(const Route& route, const std::vector<std::string>& path);

  std::vector<Guard> guards_;
  std::vector<Route> routes_;
};

}  // namespace cairn::server
