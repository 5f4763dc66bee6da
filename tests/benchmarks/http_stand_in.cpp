#include "tests/benchmarks/http_stand_in.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string_view>
#include <thread>
#include <utility>

namespace cairn::bench {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view k_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{\"ok\":true,\"number\":17}";

/// One connection, kept open; requests have no body.
class Caller final : public std::enable_shared_from_this<Caller> {
 public:
  explicit Caller(tcp::socket socket) : socket_(std::move(socket)) {}
  void serve() {
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(input_), "\r\n\r\n",
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          if (error) return;
          self->input_.erase(0, size);
          self->answer();
        });
  }

 private:
  void answer() {
    boost::asio::async_write(socket_, boost::asio::buffer(k_answer),
                             [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                               if (!error) self->serve();
                             });
  }

  tcp::socket socket_;
  std::string input_;
};

}  // namespace

struct HttpStandIn::Impl {
  void accept() {
    acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Caller>(std::move(socket))->serve();
      accept();
    });
  }

  boost::asio::io_context io{1};
  tcp::acceptor acceptor{io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::thread thread;
};

HttpStandIn::HttpStandIn() : impl_(std::make_unique<Impl>()) {
  impl_->accept();
  impl_->thread = std::thread([this] { impl_->io.run(); });
}

HttpStandIn::~HttpStandIn() {
  impl_->io.stop();
  impl_->thread.join();
}

std::string HttpStandIn::address() const {
  return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

}  // namespace cairn::bench
