#pragma once
// Connection: one client's stream, request after request. Private to server/http.

#include "server/http/shared.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace cairn::server {

/// Serves the client until it leaves, misbehaves or is idle for too long. Everything on the thread of `io`, which lives
/// as long as an answer may come.
void serve_connection(const std::shared_ptr<boost::asio::io_context>& io, std::shared_ptr<Shared> shared,
                      boost::asio::ip::tcp::socket socket);

/// Answers one request with 503 and closes.
void turn_away(const std::shared_ptr<boost::asio::io_context>& io, std::shared_ptr<Shared> shared,
               boost::asio::ip::tcp::socket socket);

/// Of Shared::connections: closes it unless a request is under way; that one is its last.
void end_when_idle(Connection& connection);

}  // namespace cairn::server
