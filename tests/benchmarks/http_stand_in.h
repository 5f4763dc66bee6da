#pragma once
// An HTTP service on the loopback interface, on a thread of its own: answers every request with the same small JSON.

#include <memory>
#include <string>

namespace cairn::bench {

class HttpStandIn {
 public:
  HttpStandIn();
  HttpStandIn(const HttpStandIn&) = delete;
  HttpStandIn& operator=(const HttpStandIn&) = delete;
  ~HttpStandIn();
  /// "http://127.0.0.1:PORT"
  [[nodiscard]] std::string address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn::bench
