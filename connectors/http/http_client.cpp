#include "connectors/http/http_client.h"

#include "connectors/http/auth/token_source.h"
#include "connectors/http/curl_loop.h"
#include "connectors/http/http_exchange.h"

#include <boost/asio/post.hpp>

#include <csignal>
#include <map>
#include <utility>

namespace cairn {

namespace {

/// One request and who waits for it. Shared by the client while under way, the handle and the posted callback.
struct Ongoing {
  Ongoing(HttpRequest request, const HttpOptions& options) : exchange(std::move(request), options) {}
  HttpExchange exchange;
  std::function<void(HttpResult)> callback;  // empty once called or cancelled
};

}  // namespace

class HttpClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const boost::asio::any_io_executor& executor, HttpOptions options) : options_(std::move(options)) {
    // A TLS peer that went away must be an error of that request, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    loop_ = std::make_shared<CurlLoop>(executor, options_.max_connections, options_.max_per_host,
                                       [this](CURL* easy, CURLcode code) { on_finished(easy, code); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& [easy, ongoing] : ongoing_) loop_->remove(easy);
  }

  std::shared_ptr<Ongoing> send(HttpRequest request, std::function<void(HttpResult)> callback) {
    auto ongoing = std::make_shared<Ongoing>(std::move(request), options_);
    ongoing->callback = std::move(callback);
    advance(ongoing, ongoing->exchange.begin());
    return ongoing;
  }

  void cancel(const std::shared_ptr<Ongoing>& ongoing) {
    ongoing->callback = nullptr;
    if (ongoing_.erase(ongoing->exchange.handle()) > 0) loop_->remove(ongoing->exchange.handle());
  }

  const HttpOptions& options() const { return options_; }
  const boost::asio::any_io_executor& executor() const { return loop_->executor(); }

 private:
  void on_finished(CURL* easy, CURLcode code) {
    const auto found = ongoing_.find(easy);
    if (found == ongoing_.end()) return;
    const auto ongoing = found->second;
    ongoing_.erase(found);
    advance(ongoing, ongoing->exchange.hop_finished(code));
  }

  // Either another hop begins, or the result is on its way to the caller.
  void advance(const std::shared_ptr<Ongoing>& ongoing, std::optional<HttpResult> result) {
    if (!result) {
      ongoing_.emplace(ongoing->exchange.handle(), ongoing);
      loop_->add(ongoing->exchange.handle());
      return;
    }
    boost::asio::post(loop_->executor(), [ongoing, result = std::move(*result)]() mutable {
      if (const auto callback = std::exchange(ongoing->callback, nullptr)) callback(std::move(result));
    });
  }

  HttpOptions options_;
  std::shared_ptr<CurlLoop> loop_;
  std::map<CURL*, std::shared_ptr<Ongoing>> ongoing_;
};

HttpClient::HttpClient(const boost::asio::any_io_executor& executor, HttpOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))), tokens_(std::make_unique<TokenSource>(*this)) {}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpTransfer> HttpClient::send(HttpRequest request, std::function<void(HttpResult)> callback) {
  class Handle final : public HttpTransfer {
   public:
    Handle(std::weak_ptr<Impl> client, std::shared_ptr<Ongoing> ongoing)
        : client_(std::move(client)), ongoing_(std::move(ongoing)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override {
      if (const auto client = client_.lock()) {
        client->cancel(ongoing_);
      } else {
        ongoing_->callback = nullptr;
      }
    }

   private:
    std::weak_ptr<Impl> client_;
    std::shared_ptr<Ongoing> ongoing_;
  };
  auto ongoing = impl_->send(std::move(request), std::move(callback));
  return std::make_unique<Handle>(impl_, std::move(ongoing));
}

TokenSource& HttpClient::tokens() { return *tokens_; }
const HttpOptions& HttpClient::options() const { return impl_->options(); }
const boost::asio::any_io_executor& HttpClient::executor() const { return impl_->executor(); }

}  // namespace cairn
