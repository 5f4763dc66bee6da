#pragma once
// What the connections of one server have in common. Private to server/http.

#include "server/http/router.h"

#include <atomic>
#include <cstdint>
#include <set>

namespace cairn::server {

class Connection;

struct Shared {
  explicit Shared(Router the_router) : router(std::move(the_router)) {}

  const Router router;
  std::atomic<bool> draining = false;
  std::atomic<std::uint64_t> under_way = 0;  ///< requests that are read and not answered
  std::atomic<std::uint64_t> open = 0;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::set<Connection*> connections;  ///< on the server's thread
};

}  // namespace cairn::server
