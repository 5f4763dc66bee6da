#pragma once
// Server: the API, listening. What `cairn serve` opens beside the engine.

#include "engine/runtime/service.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::server {

struct ServerOptions {
  std::string address = "127.0.0.1:8420";
  bool insecure = false;  ///< listens where other machines reach it, though it knows no keys yet
  Value secrets;          ///< of the runs that it starts: as StartOptions::secrets
};

/// On the engine's thread, but for what happens inside. Ends before the engine does.
class Server {
 public:
  /// Listens at once; what is asked for before deploy() is not found. invalid_configuration: no address, or one that is
  /// not of this machine alone, without `insecure`; io: the system refused.
  static Result<std::unique_ptr<Server>> open(boost::asio::io_context& io, Engine& engine, Service& service,
                                              const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// These may be started by name from now on, in the place of those before. The log knows them (Engine::know).
  void deploy(const std::vector<DefinitionText>& workflows);

  /// From now on takes no requests. Clients that wait for the end of a run are told that it has started.
  void drain();
  /// All that were asked have been answered.
  [[nodiscard]] bool drained() const;

  /// "127.0.0.1:8420"
  [[nodiscard]] const std::string& address() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn::server
