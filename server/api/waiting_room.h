#pragma once
// WaitingRoom: who waits for the end of a run, so that all can be sent away when the server ends. On the engine's thread.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace cairn::server {

class WaitingRoom {
 public:
  using Ticket = std::uint64_t;

  /// `leave` is called when everybody has to; at once when that has been said.
  Ticket enter(std::function<void()> leave) {
    const Ticket ticket = ++last_;
    if (closed_) {
      leave();
    } else {
      inside_.emplace(ticket, std::move(leave));
    }
    return ticket;
  }
  void exit(Ticket ticket) { inside_.erase(ticket); }

  /// Everybody leaves, and whoever comes from now on.
  void leave() {
    closed_ = true;
    for (const auto& [ticket, go] : std::exchange(inside_, {})) go();
  }

 private:
  std::map<Ticket, std::function<void()>> inside_;
  Ticket last_ = 0;
  bool closed_ = false;
};

}  // namespace cairn::server
