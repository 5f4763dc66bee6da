#pragma once
// The owner's socket: DIRECTORY/owner.sock, through which other processes use the owner's Service.
//
// One connection is one request. Lines of JSON, each at most k_request_bytes (the guest's) or k_answer_bytes (the
// owner's):
//   owner  {"cairn": VERSION, "protocol": 1}        a greeting: from here on the request will be handled
//   guest  REQUEST                                  service.h
//   owner  {"message": MESSAGE}* {"last": MESSAGE}  then the connection is closed
// A guest that closes early gives up its answers, not what it started. A line that is no request gets an error and is
// closed.

#include "engine/runtime/service.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace cairn {

inline constexpr std::uint64_t k_socket_protocol = 1;
inline constexpr std::size_t k_request_bytes = 32U << 20;  ///< one request
inline constexpr std::size_t k_answer_bytes = 256U << 20;  ///< one answer
inline constexpr std::size_t k_waiting_bytes = 64U << 20;  ///< answers not yet taken by a guest; beyond it is dropped
inline constexpr std::size_t k_max_guests = 64;            ///< connections at once; more are told to come back
inline constexpr int k_request_timeout_ms = 30'000;        ///< for a guest to bring its request, or to take an answer
inline constexpr int k_greeting_timeout_ms = 10'000;       ///< for an owner to greet

/// Listens for guests. Everything on the thread of `io`.
class SocketServer {
 public:
  /// Binds DIRECTORY/owner.sock (mode 0600), replacing what an owner before left there; the caller holds the OwnerLock.
  /// `service` outlives the server.
  static Result<std::unique_ptr<SocketServer>> open(boost::asio::io_context& io, const std::string& directory,
                                                    Service& service);
  /// Closes every connection and removes the socket.
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  /// Guests that the owner should not leave: those whose request is being read or handled or whose answers are not all
  /// taken. Not those that only wait for news of runs: Engine::hosted() counts what they wait for.
  [[nodiscard]] std::size_t guests() const;

 private:
  struct Impl;
  explicit SocketServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// A connection to the owner, greeted and ready for one request.
class OwnerConnection {
 public:
  virtual ~OwnerConnection() = default;
  /// Sends the request; `answer` gets what comes. `lost` is called once instead of a last answer when the owner goes
  /// away. Destroying the connection ends both. Once only.
  virtual void send(const Value& request, Answer answer, std::function<void()> lost) = 0;
};

/// Connects to the owner of `directory`. Nothing: nobody listens there (any more). busy: somebody does and does not
/// greet, has too many guests or speaks another protocol. Blocks for at most k_greeting_timeout_ms.
Result<std::unique_ptr<OwnerConnection>> connect_owner(boost::asio::io_context& io, const std::string& directory);

}  // namespace cairn
