#include "server/api/server.h"

#include "server/api/api.h"
#include "server/api/waiting_room.h"
#include "server/http/http_server.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::server {

struct Server::Impl {
  Api api;
  std::unique_ptr<HttpServer> http;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(boost::asio::io_context& io, Engine& engine, Service& service,
                                             const ServerOptions& options) {
  CAIRN_TRY(const bool local, is_loopback(options.address));
  if (!local && !options.insecure) {
    return make_error(
        ErrorCode::invalid_configuration,
        fmt::format("{} can be reached by other machines, and the server knows no keys yet", options.address), {},
        "Listen at 127.0.0.1 behind a proxy that authenticates, or say --insecure");
  }
  auto impl = std::make_unique<Impl>(Impl{Api{Door(io, engine, service),
                                              std::make_shared<Deployed>(),
                                              std::make_shared<WaitingRoom>(),
                                              options.secrets,
                                              {}},
                                          nullptr});
  // Filled in before the first request can be asked for it: routes are made from a copy.
  const auto counts = std::make_shared<std::function<HttpCounts()>>();
  impl->api.status = [counts] {
    const HttpCounts now = *counts ? (*counts)() : HttpCounts{};
    return Value::object({{"connections", Value::unsigned_integer(now.connections)},
                          {"accepted", Value::unsigned_integer(now.accepted)},
                          {"requests", Value::unsigned_integer(now.requests)},
                          {"refused", Value::unsigned_integer(now.refused)}});
  };
  Router router = make_router(impl->api);
  if (local) router.guard(local_guard());
  CAIRN_TRY(impl->http, HttpServer::listen(options.address, std::move(router)));
  *counts = [http = impl->http.get()] { return http->counts(); };
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::deploy(const std::vector<DefinitionText>& workflows) { impl_->api.deployed->replace(workflows); }

void Server::drain() {
  impl_->http->drain();
  impl_->api.waiting->leave();
}

bool Server::drained() const { return impl_->http->drained(); }

const std::string& Server::address() const { return impl_->http->address(); }

}  // namespace cairn::server
