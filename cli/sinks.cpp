#include "cli/sinks.h"

#include "cli/definitions.h"
#include "cli/secret_sources.h"
#include "cli/sources.h"
#include "connectors/broker/broker_url.h"
#include "connectors/http/http_sender.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <utility>

namespace cairn {
namespace {

/// Looks secrets of headers up, each time anew.
struct HeaderSecrets {
  Value given;
  std::shared_ptr<SecretSource> source;

  Result<std::string> text_of(const std::string& name, const std::string& header) const {
    Value secret;
    if (const Value* found = given.find(name)) {
      secret = *found;
    } else {
      CAIRN_TRY(auto looked_up, source->find(name));
      if (!looked_up) {
        return make_error(ErrorCode::invalid_configuration,
                          "its header " + header + " needs the secret " + name + ", which is missing", {},
                          "Give it " + source->how_to_give(name));
      }
      secret = *std::move(looked_up);
    }
    if (!secret.is_string() || !is_header_value(secret.as_string())) {
      return make_error(ErrorCode::invalid_configuration,
                        "its header " + header + " cannot hold the secret " + name + ": it is no text of one line");
    }
    return secret.as_string();
  }
};

Result<SenderHeaders> headers_of(const SinkSettings& sink, const HeaderSecrets& secrets) {
  SenderHeaders all;
  for (const auto& header : sink.headers) {
    std::string value = header.text;
    if (!header.secret.empty()) {
      CAIRN_TRY(auto secret, secrets.text_of(header.secret, header.name));
      value += secret;
      all.secrets.push_back(std::move(secret));
    }
    all.headers.emplace_back(header.name, std::move(value));
  }
  return all;
}

Result<std::unique_ptr<EventSender>> make_sender(const SinkSettings& sink, const HeaderSecrets& secrets,
                                                 const std::shared_ptr<HttpClient>& client) {
  CAIRN_TRY(headers_of(sink, secrets));  // what is missing now is told now
  HttpSenderOptions options;
  options.url = sink.url;
  options.mode = sink.mode == "binary"  ? HttpEventMode::binary
                 : sink.mode == "batch" ? HttpEventMode::batch
                                        : HttpEventMode::structured;
  options.headers = [sink, secrets] { return headers_of(sink, secrets); };
  options.timeout_ms = sink.timeout_ms;
  return make_http_sender(client, std::move(options));
}

Result<std::unique_ptr<EventSender>> make_broker_sender(const Settings& settings, const Value& given,
                                                        const SinkSettings& sink,
                                                        const boost::asio::any_io_executor& executor) {
  CAIRN_TRY(auto password, broker_password(settings, given, sink.password_secret, "sink " + sink.name));
  return make_broker_sender_to(sink.url, sink.user, std::move(password), executor);
}

}  // namespace

Result<std::vector<SinkOptions>> make_sinks(const Settings& settings, const Value& given,
                                            const boost::asio::any_io_executor& executor) {
  std::vector<SinkOptions> sinks;
  if (settings.sinks.empty()) return sinks;
  const HeaderSecrets secrets{given, secret_sources(settings)};
  const auto client = std::make_shared<HttpClient>(executor, http_options(settings));
  for (const auto& sink : settings.sinks) {
    SinkOptions options;
    options.name = sink.name;
    if (sink.lifecycle) options.feeds.insert(SinkFeed::lifecycle);
    if (sink.events) options.feeds.insert(SinkFeed::events);
    options.filter.types = sink.types;
    options.filter.sources = sink.sources;
    options.filter.workflows = sink.workflows;
    options.from_beginning = sink.from_beginning;
    options.holds_refused = sink.holds_refused;
    auto sender = is_broker_url(sink.url) ? make_broker_sender(settings, given, sink, executor)
                                          : make_sender(sink, secrets, client);
    if (!sender) {
      Error error = sender.error();
      error.where = "sink " + sink.name;
      return error;
    }
    options.sender = std::move(sender).value();
    sinks.push_back(std::move(options));
  }
  return sinks;
}

}  // namespace cairn
