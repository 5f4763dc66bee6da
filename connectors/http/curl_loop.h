#pragma once
// CurlLoop: libcurl's multi handle as a guest of an Asio executor. Knows sockets and timers, nothing of HTTP.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>

namespace cairn {

/// Held by a shared_ptr: waits under way keep only weak references, so that dropping it ends everything.
/// One thread at a time, like the executor.
class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  /// `finished` gets every easy handle that is done, already removed; it may add it again. It must not drop the loop.
  using Finished = std::function<void(CURL*, CURLcode)>;

  CurlLoop(boost::asio::any_io_executor executor, long max_connections, long max_per_host, Finished finished);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  /// Every easy handle must have been removed.
  ~CurlLoop();

  /// Starts a transfer; nothing happens before the executor runs again.
  void add(CURL* easy);
  /// Aborts a transfer that `finished` has not been told about.
  void remove(CURL* easy);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  // One socket of libcurl's. We wait for it but never own it: released before libcurl closes it.
  struct Watch {
    Watch(const boost::asio::any_io_executor& executor, curl_socket_t fd) : descriptor(executor), socket(fd) {}
    boost::asio::posix::stream_descriptor descriptor;
    curl_socket_t socket;
    int wanted = CURL_POLL_NONE;  // CURL_POLL_IN, _OUT, _INOUT; _REMOVE once libcurl has let go
    bool waiting_read = false;
    bool waiting_write = false;
  };

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watch);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  int watch_socket(curl_socket_t socket, int what);
  void set_timer(long timeout_ms);
  void arm(const std::shared_ptr<Watch>& watch);
  void wait(const std::shared_ptr<Watch>& watch, boost::asio::posix::descriptor_base::wait_type type, int curl_event,
            bool Watch::* waiting);
  void act(curl_socket_t socket, int events);

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  Finished finished_;
  CURLM* multi_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
};

}  // namespace cairn
