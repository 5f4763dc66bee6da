#include "server/http/http_server.h"

#include "server/http/connection.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

namespace cairn::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

Result<tcp::endpoint> endpoint_of(const std::string& address) {
  const auto bad = [&address] {
    return make_error(ErrorCode::invalid_configuration, fmt::format("'{}' is no address to listen at", address), {},
                      "Write HOST:PORT with an IP address, for example 127.0.0.1:8420 or [::1]:8420");
  };
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return bad();
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [rest, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (failed != std::errc() || rest != port.data() + port.size()) return bad();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error || ip.is_v6() != bracketed) return bad();
  return tcp::endpoint(ip, number);
}

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

struct HttpServer::Core {
  explicit Core(Router router) : shared(std::make_shared<Shared>(std::move(router))) {}
  ~Core() {
    io->stop();
    if (thread.joinable()) thread.join();
  }

  Result<void> open(const std::string& wanted) {
    CAIRN_TRY(const auto endpoint, endpoint_of(wanted));
    error_code error;
    const auto failed = [&] {
      return make_error(ErrorCode::io, fmt::format("cannot listen at {}: {}", wanted, error.message()), {},
                        "End what listens there, or choose another address with --listen");
    };
    acceptor.open(endpoint.protocol(), error);
    if (error) return failed();
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (error) return failed();
    acceptor.bind(endpoint, error);
    if (error) return failed();
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return failed();
    address = text_of(acceptor.local_endpoint());
    accept();
    thread = std::thread([this] { io->run(); });
    return success();
  }

  void accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (error) {
        // Out of descriptors, most likely: the next one may find some.
        spdlog::warn("a connection could not be accepted: {}", error.message());
        pause.expires_after(std::chrono::milliseconds(k_pause_ms));
        pause.async_wait([this](const error_code& cancelled) {
          if (!cancelled) accept();
        });
        return;
      }
      ++shared->accepted;
      if (shared->open >= k_connections) {
        ++shared->refused;
        turn_away(io, shared, std::move(socket));
      } else {
        serve_connection(io, shared, std::move(socket));
      }
      accept();
    });
  }

  static constexpr int k_pause_ms = 100;

  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  /// Without it the thread would end when every client waits for an answer.
  asio::executor_work_guard<asio::io_context::executor_type> work{io->get_executor()};
  std::shared_ptr<Shared> shared;
  tcp::acceptor acceptor{*io};
  asio::steady_timer pause{*io};
  std::string address;
  std::thread thread;
};

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const std::string& address, Router router) {
  auto core = std::make_unique<Core>(std::move(router));
  CAIRN_TRY(core->open(address));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

void HttpServer::drain() {
  core_->shared->draining = true;
  asio::post(*core_->io, [core = core_.get()] {
    error_code ignored;  // nothing comes in either way
    core->acceptor.close(ignored);
    const auto connections = core->shared->connections;
    for (auto* connection : connections) end_when_idle(*connection);
  });
}

bool HttpServer::drained() const { return core_->shared->under_way == 0; }

const std::string& HttpServer::address() const { return core_->address; }

HttpCounts HttpServer::counts() const {
  const Shared& shared = *core_->shared;
  return {shared.open, shared.accepted, shared.requests, shared.refused};
}

Result<bool> is_loopback(const std::string& address) {
  CAIRN_TRY(const auto endpoint, endpoint_of(address));
  return endpoint.address().is_loopback();
}

}  // namespace cairn::server
