#pragma once
// HttpExchange: one request on one libcurl handle, hop by hop until there is a response or none can be had.

#include "connectors/http/http_client.h"
#include "connectors/http/url.h"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Not movable: libcurl holds its address.
class HttpExchange {
 public:
  /// `options` must outlive the exchange's transfers.
  HttpExchange(HttpRequest request, const HttpOptions& options);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange() = default;

  /// Prepares the first hop: nothing when handle() is to be run, a failure when the request cannot be sent.
  std::optional<HttpResult> begin();
  /// What libcurl's end of a hop means: nothing when handle() is to be run again for a redirect.
  std::optional<HttpResult> hop_finished(CURLcode code);

  [[nodiscard]] CURL* handle() const { return easy_.get(); }

 private:
  struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  std::optional<HttpResult> prepare_hop();
  void set_method();
  void set_headers();
  void set_tls_and_proxy();
  std::optional<HttpResult> redirect(const std::string& location);
  [[nodiscard]] HttpResult failure(CURLcode code) const;

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int before_request(void* self, char* peer, char* local, int peer_port, int local_port);
  bool take_header(std::string_view line);

  HttpRequest request_;
  const HttpOptions& options_;
  Url url_;
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
  std::unique_ptr<curl_slist, ListDeleter> header_lines_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool headers_complete_ = false;
  bool too_large_ = false;
  bool sent_twice_ = false;
  int times_sent_ = 0;
  int redirects_ = 0;
};

}  // namespace cairn
