#pragma once
// Where the owner's socket is, for bind and connect. Private to engine/runtime.

#include "workflows/core/error.h"

#include <boost/asio/local/stream_protocol.hpp>

#include <string>

namespace cairn {

/// DIRECTORY/owner.sock by way of a descriptor of the directory: a socket's address holds 107 bytes, paths may be
/// longer.
class SocketAddress {
 public:
  static Result<SocketAddress> in(const std::string& directory);
  SocketAddress(SocketAddress&& other) noexcept;
  SocketAddress& operator=(SocketAddress&&) = delete;
  SocketAddress(const SocketAddress&) = delete;
  SocketAddress& operator=(const SocketAddress&) = delete;
  ~SocketAddress();

  /// Valid as long as this lives.
  [[nodiscard]] boost::asio::local::stream_protocol::endpoint endpoint() const;
  /// Removes the socket's file, if there is one.
  void remove() const;

 private:
  explicit SocketAddress(int directory) : directory_(directory) {}
  int directory_ = -1;
};

}  // namespace cairn
