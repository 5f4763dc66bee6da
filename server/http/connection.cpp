#include "server/http/connection.h"

#include "server/http/http_server.h"
#include "workflows/value/json.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

namespace cairn::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

/// What a stream's bytes are read into before they are a message; a longer line is no line of HTTP.
constexpr std::size_t k_buffer_bytes = k_head_bytes + (std::size_t{64} << 10);

/// "Sat, 21 Nov 2026 17:44:00 GMT", made once a second.
const std::string& http_date() {
  thread_local std::time_t of = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != of) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char out[64];
    text.assign(out, std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    of = now;
  }
  return text;
}

/// What is wrong with a head that Beast took, as far as this server goes; RFC 9112, 3.2 and 6.1.
std::optional<Response> refusal_of(const http::request<http::string_body>& head) {
  const auto hosts = head.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11)) return problem(400, "A request has exactly one Host.");
  const auto encodings = head.count(http::field::transfer_encoding);
  const auto lengths = head.count(http::field::content_length);
  // Two readers that disagree about where a request ends can be made to see different requests.
  const auto length = head[http::field::content_length];
  const bool is_number = std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; });
  if (lengths > 1 || !is_number || (lengths == 1 && encodings != 0)) {
    return problem(400, "A request has one Content-Length, or Transfer-Encoding: chunked, or neither.");
  }
  if (encodings > 1 || (encodings == 1 && !beast::iequals(head[http::field::transfer_encoding], "chunked"))) {
    return problem(400, "The only transfer coding here is chunked.");
  }
  if (encodings == 1 && head.version() < 11) return problem(400, "HTTP/1.0 has no transfer codings.");
  const auto expectation = head[http::field::expect];
  if (!expectation.empty() && !beast::iequals(expectation, "100-continue")) {
    return problem(417, "The only expectation met here is 100-continue.");
  }
  return std::nullopt;
}

/// The answer to what Beast does not take; nothing: the client has gone, or is too slow.
std::optional<Response> refusal_of(const error_code& error) {
  if (error == http::error::end_of_stream) return std::nullopt;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return problem(431, fmt::format("The request line and its fields are longer than {} bytes.", k_head_bytes));
  }
  if (error == http::error::body_limit) {
    return problem(413, fmt::format("The body is longer than {} bytes.", k_body_bytes));
  }
  if (error == http::error::bad_version) return problem(400, "HTTP/1.1 and HTTP/1.0 are spoken here.");
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return problem(400, fmt::format("This is no HTTP request: {}.", error.message()));
  }
  return std::nullopt;
}

}  // namespace

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(const std::shared_ptr<asio::io_context>& io, std::shared_ptr<Shared> shared, asio::ip::tcp::socket socket)
      : io_(io), shared_(std::move(shared)), stream_(std::move(socket)) {
    error_code ignored;  // of a client that has gone already
    const auto peer = stream_.socket().remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    ++shared_->open;
    shared_->connections.insert(this);
  }
  ~Connection() {
    if (under_way_) --shared_->under_way;
    --shared_->open;
    shared_->connections.erase(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void await_request() {
    parser_.emplace();
    parser_->header_limit(k_head_bytes);
    parser_->body_limit(k_body_bytes);
    if (buffer_.size() > 0) {
      read_head();
      return;
    }
    if (shared_->draining) {
      close();
      return;
    }
    idle_ = true;
    stream_.expires_after(milliseconds(k_idle_timeout_ms));
    constexpr std::size_t k_first_read = 4'096;
    stream_.async_read_some(buffer_.prepare(k_first_read),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->idle_ = false;
                              if (error) return;
                              self->buffer_.commit(size);
                              self->read_head();
                            });
  }

  void turn_away() {
    keep_alive_ = false;
    send(problem(503, "There are too many connections."));
  }

  void end_when_idle() {
    if (idle_) close();
    keep_alive_ = false;
  }

  void answer(Response response) {
    if (shared_->draining) keep_alive_ = false;
    send(std::move(response));
  }

 private:
  void read_head() {
    stream_.expires_after(milliseconds(k_head_timeout_ms));
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const error_code& error, std::size_t) { self->on_head(error); });
  }

  void on_head(const error_code& error) {
    if (error) {
      refuse(error);
      return;
    }
    keep_alive_ = parser_->get().keep_alive();
    is_head_ = parser_->get().method() == http::verb::head;
    if (auto refused = refusal_of(parser_->get())) {
      refuse(std::move(*refused));
      return;
    }
    if (parser_->is_done()) {
      handle();
      return;
    }
    if (parser_->get().version() >= 11 && !parser_->get()[http::field::expect].empty()) {
      static constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(k_continue),
                        [self = shared_from_this()](const error_code& failed, std::size_t) {
                          if (!failed) self->read_body();
                        });
      return;
    }
    read_body();
  }

  void read_body() {
    stream_.expires_after(milliseconds(k_body_timeout_ms));
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](const error_code& failed, std::size_t) {
      if (failed) {
        self->refuse(failed);
        return;
      }
      self->handle();
    });
  }

  void handle() {
    stream_.expires_never();
    ++shared_->requests;
    auto message = parser_->release();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.peer = peer_;
    for (const auto& field : message) {
      request.fields.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    request.body = std::move(message.body());
    ++shared_->under_way;
    under_way_ = true;
    // Moved on, not copied: the last holder of a client lets it go on this thread, whoever answers.
    Reply reply([door = Door{io_.lock(), shared_from_this()}](Response response) mutable {
      asio::dispatch(*door.io, [client = std::move(door.client), response = std::move(response)]() mutable {
        client->answer(std::move(response));
      });
    });
    if (auto read = read_target(request); !read) {
      reply(problem(400, read.error().message + "."));
      return;
    }
    shared_->router.route(std::move(request), std::move(reply));
  }

  /// The stream cannot be trusted to be at the beginning of a request any more.
  void refuse(Response response) {
    ++shared_->refused;
    keep_alive_ = false;
    send(std::move(response));
  }

  void refuse(const error_code& error) {
    if (auto response = refusal_of(error)) {
      refuse(std::move(*response));
      return;
    }
    if (error == beast::error::timeout) ++shared_->refused;
  }

  void send(Response response) {
    constexpr unsigned k_version = 11;
    auto& message = sent_.emplace(static_cast<http::status>(response.status), k_version);
    if (const auto reason = reason_of(response.status); !reason.empty()) message.reason(reason);
    for (auto& field : response.fields) message.insert(field.name, field.value);
    message.set(http::field::date, http_date());
    message.set("X-Content-Type-Options", "nosniff");
    message.keep_alive(keep_alive_);
    if (const auto* value = std::get_if<Value>(&response.body)) {
      if (response.has_body) message.body() = to_json(*value) + "\n";
    } else {
      message.body() = std::move(std::get<std::string>(response.body));
    }
    constexpr unsigned k_not_modified = 304;
    if (response.has_body) {
      message.content_length(message.body().size());
    } else if (response.status != 204 && response.status != k_not_modified) {
      message.content_length(0);
    }
    stream_.expires_after(milliseconds(k_write_timeout_ms));
    serializer_.emplace(message);
    auto written = [self = shared_from_this()](const error_code& error, std::size_t) { self->on_written(error); };
    if (is_head_) {
      http::async_write_header(stream_, *serializer_, std::move(written));
    } else {
      http::async_write(stream_, *serializer_, std::move(written));
    }
  }

  void on_written(const error_code& error) {
    serializer_.reset();
    sent_.reset();
    if (std::exchange(under_way_, false)) --shared_->under_way;
    if (error) return;
    if (!keep_alive_) {
      close();
      return;
    }
    await_request();
  }

  void close() {
    error_code ignored;  // it is gone either way
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (idle_) {
      stream_.cancel();
      return;
    }
    // What the client still sends is read and dropped, so that a reset does not overtake the answer.
    stream_.expires_after(milliseconds(k_linger_ms));
    linger();
  }

  void linger() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(k_linger_bytes),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->lingered_ += size;
                              if (!error && self->lingered_ < k_body_bytes) self->linger();
                            });
  }

  /// What an answer needs, wherever it is given: its client, whose socket needs the io_context. A client does not hold
  /// that itself, since it is held by what is pending there.
  struct Door {
    std::shared_ptr<asio::io_context> io;
    std::shared_ptr<Connection> client;
  };

  static constexpr int k_linger_ms = 2'000;
  static constexpr std::size_t k_linger_bytes = 16'384;

  std::weak_ptr<asio::io_context> io_;
  std::shared_ptr<Shared> shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{k_buffer_bytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> sent_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::string peer_;
  std::size_t lingered_ = 0;
  bool idle_ = false;
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool under_way_ = false;
};

void serve_connection(const std::shared_ptr<asio::io_context>& io, std::shared_ptr<Shared> shared,
                      asio::ip::tcp::socket socket) {
  std::make_shared<Connection>(io, std::move(shared), std::move(socket))->await_request();
}

void turn_away(const std::shared_ptr<asio::io_context>& io, std::shared_ptr<Shared> shared,
               asio::ip::tcp::socket socket) {
  std::make_shared<Connection>(io, std::move(shared), std::move(socket))->turn_away();
}

void end_when_idle(Connection& connection) { connection.end_when_idle(); }

}  // namespace cairn::server
