#include "engine/runtime/service_impl.h"
#include "engine/runtime/socket.h"
#include "engine/runtime/socket_address.h"
#include "workflows/value/json.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <deque>
#include <set>
#include <utility>

namespace cairn {
namespace {

using Local = boost::asio::local::stream_protocol;
using boost::system::error_code;

constexpr auto k_patience = std::chrono::milliseconds(k_request_timeout_ms);

std::string greeting() {
  return to_json(Value::object(
             {{"cairn", Value::string(CAIRN_VERSION)}, {"protocol", Value::unsigned_integer(k_socket_protocol)}})) +
         "\n";
}

std::string line_of(std::string_view name, const Value& message) {
  return to_json(Value::object({{name, message}})) + "\n";
}

/// Whether a request only waits for news, once it has been answered so far.
bool follows(const Value& request) {
  const Value follow = request.get("follow");
  return follow.truthy() || request.get("op") == Value::string("follow");
}

}  // namespace

/// One connection: reads a request, hands it to the service, writes the answers. Kept alive by its pending operations.
class Guest final : public std::enable_shared_from_this<Guest> {
 public:
  Guest(Local::socket socket, Service& service, std::function<void(const Guest&)> on_close)
      : socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        service_(service),
        on_close_(std::move(on_close)) {}

  void begin(bool welcome) {
    if (!welcome) {
      put(line_of("last",
                  error_message(make_error(ErrorCode::busy, "the owner of the data directory has too many guests", {},
                                           "Try again when some of them are done"))));
      finished_ = true;
      return;
    }
    put(greeting());
    give_patience();
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(input_, k_request_bytes), '\n',
        [self = shared_from_this()](const error_code& error, std::size_t size) { self->on_request(error, size); });
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    exchange_.reset();
    deadline_.cancel();
    error_code ignored;  // it is gone either way
    socket_.close(ignored);
    on_close_(*this);
  }

  [[nodiscard]] bool closed() const { return closed_; }
  /// Whether the owner should stay for it.
  [[nodiscard]] bool needs_owner() const { return !closed_ && !(waits_for_news_ && queue_.empty()); }

 private:
  void on_request(const error_code& error, std::size_t size) {
    if (closed_) return;
    if (error == boost::asio::error::not_found) {
      refuse(make_error(ErrorCode::limit_exceeded,
                        "the request is larger than " + std::to_string(k_request_bytes) + " bytes"));
      return;
    }
    if (error) {
      close();
      return;
    }
    deadline_.cancel();
    const auto request = parse_json(std::string_view(input_).substr(0, size));
    if (!request) {
      refuse(request.error());
      return;
    }
    input_.clear();
    watch_for_farewell();
    answering_ = true;
    waits_for_news_ = follows(request.value());
    // Answers may come while the exchange is being made; more() is asked for once it is there.
    exchange_ = service_.handle(request.value(), [this](const Value& message, bool last) { on_answer(message, last); });
    if (closed_) exchange_.reset();
  }

  void refuse(const Error& error) { on_answer(error_message(error), true); }

  void on_answer(const Value& message, bool last) {
    if (closed_ || finished_) return;
    answering_ = true;
    finished_ = last;
    put(line_of(last ? "last" : "message", message));
  }

  void put(std::string line) {
    waiting_bytes_ += line.size();
    const bool idle = queue_.empty();
    queue_.push_back(std::move(line));
    if (waiting_bytes_ > k_waiting_bytes && queue_.size() > 1) {
      spdlog::warn("a guest was dropped: it does not take its answers");
      // Not at once: the service is telling us something right now.
      boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
      return;
    }
    if (idle) write_next();
  }

  void write_next() {
    if (answering_) give_patience();
    boost::asio::async_write(
        socket_, boost::asio::buffer(queue_.front()),
        [self = shared_from_this()](const error_code& error, std::size_t) { self->on_written(error); });
  }

  void on_written(const error_code& error) {
    if (closed_) return;
    if (error) {
      close();
      return;
    }
    waiting_bytes_ -= queue_.front().size();
    queue_.pop_front();
    if (!queue_.empty()) {
      write_next();
      return;
    }
    if (finished_) {
      close();
      return;
    }
    if (exchange_ != nullptr) {
      deadline_.cancel();
      exchange_->more();
    }
  }

  /// The guest sends nothing more: whatever arrives now, even the end of the stream, is its farewell.
  void watch_for_farewell() {
    socket_.async_wait(Local::socket::wait_read, [self = shared_from_this()](const error_code& error) {
      if (!error) self->close();
    });
  }

  void give_patience() {
    deadline_.expires_after(k_patience);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->close();
    });
  }

  Local::socket socket_;
  boost::asio::steady_timer deadline_;
  Service& service_;
  std::function<void(const Guest&)> on_close_;
  std::string input_;
  std::deque<std::string> queue_;
  std::size_t waiting_bytes_ = 0;
  std::unique_ptr<Exchange> exchange_;
  bool answering_ = false;  ///< the request is read: now it is the guest's turn to read
  bool waits_for_news_ = false;
  bool finished_ = false;
  bool closed_ = false;
};

struct SocketServer::Impl : std::enable_shared_from_this<SocketServer::Impl> {
  Impl(boost::asio::io_context& io, SocketAddress the_address, Service& the_service)
      : address(std::move(the_address)), acceptor(io), service(the_service) {}

  Result<void> listen() {
    address.remove();
    error_code error;
    const auto failed = [&error] { return make_error(ErrorCode::io, error.message(), "owner.sock"); };
    acceptor.open(Local(), error);
    if (error) return failed();
    // The mode counts from the moment the file exists.
    const auto mask = ::umask(0177);
    acceptor.bind(address.endpoint(), error);
    ::umask(mask);
    if (error) return failed();
    acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) return failed();
    return success();
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, Local::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (!error) self->admit(std::move(socket));
      self->accept();
    });
  }

  void admit(Local::socket socket) {
    const auto guest =
        std::make_shared<Guest>(std::move(socket), service, [self = weak_from_this()](const Guest& closed) {
          if (const auto server = self.lock()) server->forget(closed);
        });
    guests.insert(guest);
    guest->begin(guests.size() <= k_max_guests);
  }

  void forget(const Guest& closed) {
    std::erase_if(guests, [&closed](const auto& guest) { return guest.get() == &closed; });
  }

  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (const auto& guest : guests) count += guest->needs_owner() ? 1U : 0U;
    return count;
  }

  void close() {
    error_code ignored;  // nothing to be done about a descriptor that does not close
    acceptor.close(ignored);
    address.remove();
    for (const auto all = guests; const auto& guest : all) guest->close();
  }

  SocketAddress address;
  Local::acceptor acceptor;
  Service& service;
  std::set<std::shared_ptr<Guest>> guests;
};

Result<std::unique_ptr<SocketServer>> SocketServer::open(boost::asio::io_context& io, const std::string& directory,
                                                         Service& service) {
  CAIRN_TRY(auto address, SocketAddress::in(directory));
  auto impl = std::make_shared<Impl>(io, std::move(address), service);
  CAIRN_TRY(impl->listen());
  impl->accept();
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(impl)));
}

SocketServer::SocketServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
SocketServer::~SocketServer() { impl_->close(); }

std::size_t SocketServer::guests() const { return impl_->count(); }

}  // namespace cairn
