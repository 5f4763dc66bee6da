#include "engine/runtime/socket_address.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cairn {

namespace {
constexpr const char* k_name = "owner.sock";
}  // namespace

Result<SocketAddress> SocketAddress::in(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return make_error(ErrorCode::io, std::generic_category().message(errno), directory);
  return SocketAddress(descriptor);
}

SocketAddress::SocketAddress(SocketAddress&& other) noexcept : directory_(std::exchange(other.directory_, -1)) {}
SocketAddress::~SocketAddress() {
  if (directory_ >= 0) ::close(directory_);
}

boost::asio::local::stream_protocol::endpoint SocketAddress::endpoint() const {
  return {"/proc/self/fd/" + std::to_string(directory_) + "/" + k_name};
}

void SocketAddress::remove() const { ::unlinkat(directory_, k_name, 0); }

}  // namespace cairn
