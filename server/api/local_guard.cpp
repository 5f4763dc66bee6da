#include "server/api/api.h"

#include <array>
#include <string_view>

namespace cairn::server {
namespace {

/// "localhost:8420" → "localhost"; "[::1]:8420" → "[::1]".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_local(std::string_view host) {
  constexpr std::array<std::string_view, 3> k_local{"localhost", "127.0.0.1", "[::1]"};
  for (const auto name : k_local) {
    if (without_port(host) == name) return true;
  }
  return false;
}

}  // namespace

Guard local_guard() {
  return [](const Request& request) -> std::optional<Response> {
    const auto host = request.field("Host");
    // A name that leads here today may have led somewhere else when the page that sends this was loaded.
    if (host && !is_local(*host)) {
      return problem(421, "This server answers local programs: address it as localhost or 127.0.0.1.");
    }
    const auto origin = request.field("Origin");
    if (!origin) return std::nullopt;
    const auto scheme = origin->find("://");
    if (scheme != std::string_view::npos && is_local(origin->substr(scheme + 3))) return std::nullopt;
    return problem(403, "This server takes no requests from pages of other sites.");
  };
}

}  // namespace cairn::server
