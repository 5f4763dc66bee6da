#include "connectors/http/curl_loop.h"

#include "workflows/core/assert.h"

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

namespace cairn {

namespace asio = boost::asio;
using Descriptor = asio::posix::descriptor_base;

namespace {

void initialise_curl() {
  static std::once_flag once;
  std::call_once(
      once, [] { CAIRN_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl does not initialise"); });
}

}  // namespace

CurlLoop::CurlLoop(asio::any_io_executor executor, long max_connections, long max_per_host, Finished finished)
    : executor_(std::move(executor)), timer_(executor_), finished_(std::move(finished)) {
  initialise_curl();
  multi_ = curl_multi_init();
  CAIRN_ASSERT(multi_ != nullptr, "libcurl gives no multi handle");
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, max_per_host);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_connections);
}

CurlLoop::~CurlLoop() {
  // Closes the kept connections, which calls on_socket for each.
  curl_multi_cleanup(multi_);
}

void CurlLoop::add(CURL* easy) {
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  CAIRN_ASSERT(code == CURLM_OK, curl_multi_strerror(code));
}

void CurlLoop::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

int CurlLoop::on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* /*watch*/) {
  return static_cast<CurlLoop*>(self)->watch_socket(socket, what);
}

int CurlLoop::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  static_cast<CurlLoop*>(self)->set_timer(timeout_ms);
  return 0;
}

int CurlLoop::watch_socket(curl_socket_t socket, int what) {
  const auto known = watches_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (known == watches_.end()) return 0;
    known->second->wanted = CURL_POLL_REMOVE;
    known->second->descriptor.release();
    watches_.erase(known);
    return 0;
  }
  std::shared_ptr<Watch> watch;
  if (known != watches_.end()) {
    watch = known->second;
  } else {
    watch = std::make_shared<Watch>(executor_, socket);
    boost::system::error_code error;
    watch->descriptor.assign(socket, error);
    if (error) return -1;
    watches_.emplace(socket, watch);
  }
  watch->wanted = what;
  arm(watch);
  return 0;
}

void CurlLoop::set_timer(long timeout_ms) {
  if (timeout_ms < 0) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::arm(const std::shared_ptr<Watch>& watch) {
  const bool reads = watch->wanted == CURL_POLL_IN || watch->wanted == CURL_POLL_INOUT;
  const bool writes = watch->wanted == CURL_POLL_OUT || watch->wanted == CURL_POLL_INOUT;
  if (reads) wait(watch, Descriptor::wait_read, CURL_CSELECT_IN, &Watch::waiting_read);
  if (writes) wait(watch, Descriptor::wait_write, CURL_CSELECT_OUT, &Watch::waiting_write);
}

void CurlLoop::wait(const std::shared_ptr<Watch>& watch, Descriptor::wait_type type, int curl_event,
                    bool Watch::* waiting) {
  if ((*watch).*waiting) return;
  (*watch).*waiting = true;
  watch->descriptor.async_wait(
      type, [weak = weak_from_this(), watch, curl_event, waiting](boost::system::error_code error) {
        (*watch).*waiting = false;
        const auto self = weak.lock();
        if (!self || watch->wanted == CURL_POLL_REMOVE || error == asio::error::operation_aborted) return;
        const int wanted = curl_event == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
        if ((watch->wanted & wanted) == 0) return;  // libcurl has changed its mind meanwhile
        self->act(watch->socket, error ? CURL_CSELECT_ERR : curl_event);
        if (watch->wanted != CURL_POLL_REMOVE) self->arm(watch);
      });
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  // A message dies with the next call on its handle, so all are read before anybody is told.
  std::vector<std::pair<CURL*, CURLcode>> done;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) done.emplace_back(message->easy_handle, message->data.result);
  }
  for (const auto& [easy, code] : done) {
    curl_multi_remove_handle(multi_, easy);
    finished_(easy, code);
  }
}

}  // namespace cairn
