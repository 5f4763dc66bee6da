#include "connectors/http/http_exchange.h"

#include "workflows/core/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

HttpResult fail(HttpFailure::Kind kind, std::string reason) { return HttpFailure{kind, std::move(reason)}; }

HttpFailure::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return HttpFailure::Kind::timeout;
    case CURLE_URL_MALFORMAT: return HttpFailure::Kind::invalid_request;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return HttpFailure::Kind::untrusted;
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9: the URL itself has been checked
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return HttpFailure::Kind::bad_response;
    default: return HttpFailure::Kind::unreachable;
  }
}

/// Whether sending it twice does what sending it once does (RFC 9110, 9.2).
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const auto begin = text.find_first_not_of(k_blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_blank) - begin + 1);
}

}  // namespace

HttpExchange::HttpExchange(HttpRequest request, const HttpOptions& options)
    : request_(std::move(request)),
      options_(options),
      deadline_(std::chrono::steady_clock::now() +
                std::chrono::milliseconds(
                    std::min(request_.timeout_ms.value_or(options.total_timeout_ms), options.total_timeout_ms))),
      easy_(curl_easy_init()) {
  CAIRN_ASSERT(easy_ != nullptr, "libcurl gives no easy handle");
}

std::optional<HttpResult> HttpExchange::begin() {
  using Kind = HttpFailure::Kind;
  if (!is_http_token(request_.method)) return fail(Kind::invalid_request, "the method is not one word");
  for (const auto& [name, value] : request_.headers) {
    if (!is_http_token(name)) return fail(Kind::invalid_request, "a header's name is not one word");
    if (!is_header_value(value)) return fail(Kind::invalid_request, "the header " + name + " holds a line break");
  }
  auto url = parse_url(request_.url);
  if (!url) return fail(Kind::invalid_request, url.error().to_string());
  if (url.value().scheme == "file") return fail(Kind::invalid_request, "only http and https can be called");
  url_ = std::move(url).value();
  return prepare_hop();
}

std::optional<HttpResult> HttpExchange::prepare_hop() {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  if (left.count() <= 0) return fail(HttpFailure::Kind::timeout, "no answer in time");
  response_ = {};
  header_bytes_ = 0;
  headers_complete_ = false;
  times_sent_ = 0;

  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url_.to_string().c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout_ms));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // whatever this libcurl can decode
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpExchange::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpExchange::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &HttpExchange::before_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  set_method();
  set_headers();
  set_tls_and_proxy();
  if (request_.digest) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_DIGEST));
    curl_easy_setopt(easy, CURLOPT_USERNAME, request_.digest->username.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request_.digest->password.c_str());
  }
  return std::nullopt;
}

void HttpExchange::set_method() {
  CURL* easy = easy_.get();
  const std::string& method = request_.method;
  if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool expects_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (request_.body || expects_body) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body ? request_.body->size() : 0));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body ? request_.body->c_str() : "");
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void HttpExchange::set_headers() {
  curl_slist* lines = nullptr;
  const auto append = [&lines](const std::string& line) {
    curl_slist* longer = curl_slist_append(lines, line.c_str());
    CAIRN_ASSERT(longer != nullptr, "out of memory");
    lines = longer;
  };
  for (const auto& [name, value] : request_.headers) {
    const auto text = trimmed(value);
    // libcurl's way to write a header without a value is a semicolon.
    append(text.empty() ? name + ";" : fmt::format("{}: {}", name, text));
  }
  // libcurl would add a content type to what looks like a form, and wait for 100-continue before large bodies.
  if (find_header(request_.headers, "Content-Type") == nullptr) append("Content-Type:");
  if (find_header(request_.headers, "Expect") == nullptr) append("Expect:");
  header_lines_.reset(lines);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy_.get(), CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  curl_easy_setopt(easy_.get(), CURLOPT_USERAGENT, options_.user_agent.c_str());
}

void HttpExchange::set_tls_and_proxy() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.client_cert.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options_.client_cert.c_str());
    const std::string& key = options_.client_key.empty() ? options_.client_cert : options_.client_key;
    curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
  }
  if (options_.proxy) curl_easy_setopt(easy, CURLOPT_PROXY, options_.proxy->c_str());
}

std::optional<HttpResult> HttpExchange::hop_finished(CURLcode code) {
  if (too_large_ || sent_twice_ || code != CURLE_OK) return failure(code);
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (request_.follow_redirects && is_redirect(response_.status)) {
    if (const std::string* location = find_header(response_.headers, "Location"))
      return redirect(std::string(*location));
  }
  return std::move(response_);
}

std::optional<HttpResult> HttpExchange::redirect(const std::string& location) {
  using Kind = HttpFailure::Kind;
  if (++redirects_ > k_max_redirects) {
    return fail(Kind::bad_response, fmt::format("more than {} redirects", k_max_redirects));
  }
  auto target = resolve_url(url_, location);
  if (!target || target.value().scheme == "file") {
    return fail(Kind::bad_response, "redirects to what is not an http or https URL");
  }
  if (url_.scheme == "https" && target.value().scheme == "http") {
    return fail(Kind::bad_response,
                "redirects from https to " + target.value().for_message() + ", which is not encrypted");
  }
  const int status = response_.status;
  if ((status == 303 && request_.method != "HEAD") || (status < 303 && request_.method == "POST")) {
    request_.method = "GET";
    request_.body.reset();
    std::erase_if(request_.headers,
                  [](const auto& header) { return canonical_header_name(header.first).starts_with("Content-"); });
  }
  if (target.value().origin() != url_.origin()) {
    request_.digest.reset();
    std::erase_if(request_.headers, [](const auto& header) {
      return is_secret_name(header.first) || same_header_name(header.first, "Host");
    });
  }
  url_ = std::move(target).value();
  return prepare_hop();
}

HttpResult HttpExchange::failure(CURLcode code) const {
  if (too_large_) {
    return fail(HttpFailure::Kind::too_large,
                headers_complete_
                    ? fmt::format("the response is larger than {} bytes", request_.max_response_bytes)
                    : fmt::format("the response's headers are larger than {} bytes", k_max_response_header_bytes));
  }
  if (sent_twice_) {
    return fail(HttpFailure::Kind::unreachable,
                "the connection was closed before an answer; the request may have been processed");
  }
  std::string reason = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  return fail(kind_of(code), std::string(trimmed(reason)));
}

std::size_t HttpExchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  const std::size_t bytes = size * count;
  if (bytes > exchange.request_.max_response_bytes - exchange.response_.body.size()) {
    exchange.too_large_ = true;
    return bytes + 1;  // any other number than `bytes` aborts
  }
  exchange.response_.body.append(data, bytes);
  return bytes;
}

std::size_t HttpExchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  const std::size_t bytes = size * count;
  return static_cast<HttpExchange*>(self)->take_header({data, bytes}) ? bytes : bytes + 1;
}

bool HttpExchange::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > k_max_response_header_bytes) {
    too_large_ = true;
    headers_complete_ = false;
    return false;
  }
  if (line.starts_with("HTTP/")) {  // also after a 1xx response: what came before does not count
    response_.headers.clear();
    headers_complete_ = false;
    times_sent_ = 0;  // it was answered: what libcurl sends next is the answer to a challenge, not a repetition
    const auto after_version = trimmed(line.substr(std::min(line.find(' '), line.size())));
    response_.reason = std::string(trimmed(after_version.substr(std::min<std::size_t>(3, after_version.size()))));
    return true;
  }
  if (headers_complete_) return true;  // a trailer
  const auto text = trimmed(line);
  if (text.empty()) {
    headers_complete_ = true;
    return true;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return true;  // libcurl has let it pass; it is no field
  response_.headers.emplace_back(std::string(trimmed(text.substr(0, colon))),
                                 std::string(trimmed(text.substr(colon + 1))));
  return true;
}

int HttpExchange::before_request(void* self, char* /*peer*/, char* /*local*/, int /*peer_port*/, int /*local_port*/) {
  // libcurl sends again, on a new connection, what a kept connection swallowed without an answer. That is right for
  // what may be repeated and wrong for the rest: the server may have acted.
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (++exchange.times_sent_ > 1 && !exchange.request_.repeatable && !is_idempotent(exchange.request_.method)) {
    exchange.sent_twice_ = true;
    return CURL_PREREQFUNC_ABORT;
  }
  return CURL_PREREQFUNC_OK;
}

}  // namespace cairn
