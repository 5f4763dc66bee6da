#include "connectors/http/http_sender.h"

#include "connectors/http/url.h"
#include "engine/effects/redaction.h"
#include "workflows/cloudevents/http_binding.h"
#include "workflows/value/utf8.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace cairn {
namespace {

/// Nobody reads what an endpoint says beyond its status.
constexpr std::size_t k_response_bytes = std::size_t{1} << 20;

constexpr std::array k_about_the_endpoint{401, 402, 403, 404, 405, 406, 407, 408, 410, 411, 415, 425, 429, 451};

/// Seconds, or a date (RFC 9110); nothing when it is neither.
std::optional<std::int64_t> retry_after_ms(const HeaderList& headers) {
  const std::string* text = find_header(headers, "Retry-After");
  if (text == nullptr) return std::nullopt;
  constexpr std::int64_t k_most_seconds = 86'400;
  std::int64_t seconds = 0;
  const auto [rest, wrong] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (wrong != std::errc() || rest != text->data() + text->size()) {
    const auto date = curl_getdate(text->c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = date - std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  }
  return 1'000 * std::clamp<std::int64_t>(seconds, 0, k_most_seconds);
}

SendResult result_of(const HttpResult& result) {
  using Kind = SendResult::Kind;
  if (const auto* failure = std::get_if<HttpFailure>(&result)) return {Kind::retry, 0, failure->reason, {}};
  const auto& response = std::get<HttpResponse>(result);
  const int status = response.status;
  constexpr int k_ok = 200;
  constexpr int k_redirect = 300;
  constexpr int k_client_error = 400;
  constexpr int k_server_error = 500;
  if (status >= k_ok && status < k_redirect) return {};
  std::string why = fmt::format("it answered {}", status);
  if (!response.reason.empty()) why += " " + utf8_lossy(response.reason);
  if (status >= k_redirect && status < k_client_error) why += ", and redirects are not followed";
  const bool about_the_event = status >= k_client_error && status < k_server_error &&
                               std::ranges::find(k_about_the_endpoint, status) == k_about_the_endpoint.end();
  return {about_the_event ? Kind::refused : Kind::retry, 0, std::move(why), retry_after_ms(response.headers)};
}

/// A request, or an answer that is on its way without one.
struct HttpSending final : Sending {
  std::unique_ptr<HttpTransfer> transfer;
  std::shared_ptr<EventSender::Done> waiting;
};

class HttpSender final : public EventSender {
 public:
  HttpSender(std::shared_ptr<HttpClient> client, HttpSenderOptions options, std::string destination)
      : client_(std::move(client)), options_(std::move(options)), destination_(std::move(destination)) {}

  std::unique_ptr<Sending> send(std::vector<Value> events, Done done) override {
    auto sending = std::make_unique<HttpSending>();
    SenderHeaders more;
    if (options_.headers) {
      auto given = options_.headers();
      if (!given) {
        sending->waiting = std::make_shared<Done>(std::move(done));
        boost::asio::post(client_->executor(),
                          [waiting = std::weak_ptr(sending->waiting), why = given.error().to_string()] {
                            if (const auto told = waiting.lock()) {
                              const Done call = *told;  // what it calls may let go of us
                              call({SendResult::Kind::retry, 0, why, {}});
                            }
                          });
        return sending;
      }
      more = std::move(given).value();
    }
    CloudEventMessage message = options_.mode == HttpEventMode::batch    ? batch_message(events)
                                : options_.mode == HttpEventMode::binary ? binary_message(events.front())
                                                                         : structured_message(events.front());
    HttpRequest request;
    request.method = "POST";
    request.url = options_.url;
    request.headers = std::move(message.headers);
    request.headers.insert(request.headers.end(), more.headers.begin(), more.headers.end());
    request.body = std::move(message.body);
    request.timeout_ms = options_.timeout_ms;
    request.max_response_bytes = k_response_bytes;
    request.repeatable = true;  // the receiver tells events apart by source and id
    sending->transfer =
        client_->send(std::move(request),
                      [done = std::move(done), redactor = Redactor(more.secrets, "***")](const HttpResult& result) {
                        SendResult told = result_of(result);
                        told.why = redactor.text(std::move(told.why));
                        done(std::move(told));
                      });
    return sending;
  }

  [[nodiscard]] std::size_t most() const override { return options_.mode == HttpEventMode::batch ? k_batch_events : 1; }
  [[nodiscard]] std::string destination() const override { return destination_; }

 private:
  std::shared_ptr<HttpClient> client_;
  HttpSenderOptions options_;
  std::string destination_;
};

}  // namespace

Result<std::unique_ptr<EventSender>> make_http_sender(std::shared_ptr<HttpClient> client, HttpSenderOptions options) {
  const auto url = parse_url(options.url);
  if (!url || url.value().scheme == "file") {
    return make_error(ErrorCode::invalid_configuration, "its url is not that of an HTTP endpoint", {},
                      "Write for example https://example.com/events");
  }
  std::string destination = url.value().for_message();
  return std::unique_ptr<EventSender>(
      std::make_unique<HttpSender>(std::move(client), std::move(options), std::move(destination)));
}

}  // namespace cairn
