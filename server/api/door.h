#pragma once
// server/api: what HTTP offers, route by route, on the engine below. One file a group of routes; docs/server.md and
// schemas/openapi.yaml describe them.
//
// Door: how the server's thread asks the engine's.

#include "engine/runtime/service.h"
#include "server/http/router.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace cairn::server {

/// Passes work to the engine's thread. Copies are the same door. What is on its way when the engine goes is dropped, and
/// the replies in it say so.
class Door {
 public:
  /// `io` is the engine's; both outlive the HTTP server.
  Door(boost::asio::io_context& io, Engine& engine, Service& service);

  /// Calls `work` on the engine's thread, soon. Any thread.
  void enter(std::function<void()> work) const;

  /// What a request of the service is answered with, until its last answer; on the engine's thread. An error ends it.
  using Done = std::function<void(Result<std::vector<Value>> messages)>;
  /// Any thread. `most`: after so many answers no more are waited for.
  void ask(Value request, Done done, std::size_t most = k_answers) const;
  /// The same on the engine's thread. What it returns gives the question up: `done` is not called any more.
  [[nodiscard]] std::function<void()> ask_here(const Value& request, Done done) const;
  /// As ask, for one whose only answer is the body, or an error its problem; `part` names the member that is meant, if it
  /// is not all.
  void ask(Value request, Reply reply, std::string_view part = {}) const;

  [[nodiscard]] boost::asio::io_context& io() const { return *io_; }
  [[nodiscard]] Engine& engine() const { return *engine_; }

  static constexpr std::size_t k_answers = 10'000;

 private:
  boost::asio::io_context* io_;
  Engine* engine_;
  Service* service_;
};

}  // namespace cairn::server
