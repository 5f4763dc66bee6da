#include "engine/runtime/socket.h"
#include "engine/runtime/socket_address.h"
#include "workflows/value/json.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace cairn {
namespace {

using Local = boost::asio::local::stream_protocol;
using boost::system::error_code;

/// The reading side of one request. Kept alive by its pending operation; let go by the connection.
struct Reader : std::enable_shared_from_this<Reader> {
  explicit Reader(Local::socket connected) : socket(std::move(connected)) {}

  void write(std::string line) {
    output = std::move(line);
    boost::asio::async_write(socket, boost::asio::buffer(output),
                             [self = shared_from_this()](const error_code& error, std::size_t) {
                               self->output.clear();
                               // A refusal may be there to be read although the owner did not read all of the request.
                               static_cast<void>(error);
                             });
  }

  void read() {
    boost::asio::async_read_until(
        socket, boost::asio::dynamic_buffer(input, k_answer_bytes), '\n',
        [self = shared_from_this()](const error_code& error, std::size_t size) { self->on_line(error, size); });
  }

  void on_line(const error_code& error, std::size_t size) {
    if (!answer) return;
    if (error == boost::asio::error::not_found) {
      give_up("an answer of the owner is larger than " + std::to_string(k_answer_bytes) + " bytes");
      return;
    }
    if (error) {
      answer = nullptr;
      if (const auto call = std::exchange(lost, nullptr)) call();
      return;
    }
    const auto line = parse_json(std::string_view(input).substr(0, size));
    if (!line) {
      give_up("an answer of the owner does not read as JSON: " + line.error().message);
      return;
    }
    input.erase(0, size);
    if (const Value* last = line.value().find("last")) {
      const Answer call = std::exchange(answer, nullptr);
      call(*last, true);
      return;
    }
    const Answer call = answer;
    call(line.value().get("message"), false);
    if (answer) read();
  }

  void give_up(const std::string& why) {
    const Answer call = std::exchange(answer, nullptr);
    call(Value::object({{"error", Value::object({{"code", Value::string(std::string(name_of(ErrorCode::internal)))},
                                                 {"message", Value::string(why)}})}}),
         true);
  }

  Local::socket socket;
  std::string input;
  std::string output;
  Answer answer;
  std::function<void()> lost;
};

class Connection final : public OwnerConnection {
 public:
  explicit Connection(std::shared_ptr<Reader> reader) : reader_(std::move(reader)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    reader_->answer = nullptr;
    reader_->lost = nullptr;
    error_code ignored;  // it is over either way
    reader_->socket.close(ignored);
  }

  void send(const Value& request, Answer answer, std::function<void()> lost) override {
    reader_->answer = std::move(answer);
    reader_->lost = std::move(lost);
    reader_->write(to_json(request) + "\n");
    reader_->read();
  }

 private:
  std::shared_ptr<Reader> reader_;
};

Error busy(std::string message) {
  return make_error(ErrorCode::busy, std::move(message), {},
                    "Try again, or end the process that owns the data directory");
}

/// Reads the owner's first line. Nothing: it closed without a word.
Result<std::optional<std::string>> read_greeting(int descriptor) {
  constexpr std::size_t k_longest = 4096;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(k_greeting_timeout_ms);
  std::string line;
  while (line.size() < k_longest) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return busy("the owner of the data directory does not answer");
    char c = 0;
    const auto got = ::recv(descriptor, &c, 1, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return std::optional<std::string>();
    if (c == '\n') return std::optional(line);
    line += c;
  }
  return busy("what listens on the data directory's socket is not cairn");
}

}  // namespace

Result<std::unique_ptr<OwnerConnection>> connect_owner(boost::asio::io_context& io, const std::string& directory) {
  CAIRN_TRY(const auto address, SocketAddress::in(directory));
  Local::socket socket(io);
  error_code error;
  socket.connect(address.endpoint(), error);
  if (error == boost::system::errc::no_such_file_or_directory || error == boost::system::errc::connection_refused) {
    return std::unique_ptr<OwnerConnection>();
  }
  if (error) return make_error(ErrorCode::io, error.message(), directory + "/owner.sock");
  CAIRN_TRY(const auto line, read_greeting(socket.native_handle()));
  if (!line) return std::unique_ptr<OwnerConnection>();
  const auto greeting = parse_json(*line);
  if (!greeting) return busy("what listens on the data directory's socket is not cairn");
  if (const Value* refusal = greeting.value().find("last")) {
    if (auto why = error_in(*refusal)) return *std::move(why);
  }
  if (!(greeting.value().get("protocol") == Value::unsigned_integer(k_socket_protocol))) {
    return busy("the owner of the data directory is another version of cairn");
  }
  return std::make_unique<Connection>(std::make_shared<Reader>(std::move(socket)));
}

}  // namespace cairn
