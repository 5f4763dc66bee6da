#include "cli/sources.h"

#include "cli/secret_sources.h"
#include "connectors/broker/broker_url.h"
#include "connectors/nats/nats_stream.h"
#include "connectors/redis/redis_stream.h"

#include <utility>

namespace cairn {
namespace {

std::unique_ptr<BrokerConsumer> consumer_of(const SourceSettings& source, BrokerUrl url, std::string password) {
  if (url.scheme == "redis") {
    return make_redis_consumer(
        {{std::move(url), source.user, std::move(password)}, source.group, source.consumer, source.from_now});
  }
  return make_nats_consumer({{std::move(url), source.user, std::move(password)}, source.group, source.from_now});
}

}  // namespace

Result<std::string> broker_password(const Settings& settings, const Value& given, const std::string& secret,
                                    const std::string& whose) {
  if (secret.empty()) return std::string();
  Value found = given.get(secret);
  if (found.is_null()) {
    const auto source = secret_sources(settings);
    CAIRN_TRY(auto looked_up, source->find(secret));
    if (!looked_up) {
      return make_error(ErrorCode::invalid_configuration,
                        "its password needs the secret " + secret + ", which is missing", whose,
                        "Give it " + source->how_to_give(secret));
    }
    found = *std::move(looked_up);
  }
  if (found.is_string()) return found.as_string();
  return make_error(ErrorCode::invalid_configuration, "the secret " + secret + " is no text, as a password must be",
                    whose);
}

Result<void> check_sources(const Settings& settings, const Value& given) {
  for (const auto& source : settings.sources) {
    CAIRN_TRY(broker_password(settings, given, source.password_secret, "source " + source.name));
  }
  return success();
}

Result<std::vector<std::unique_ptr<EventSource>>> begin_sources(const Settings& settings, const Value& given,
                                                                Engine& engine,
                                                                const boost::asio::any_io_executor& executor) {
  std::vector<std::unique_ptr<EventSource>> begun;
  for (const auto& source : settings.sources) {
    CAIRN_TRY(auto url, parse_broker_url(source.url));
    CAIRN_TRY(auto password, broker_password(settings, given, source.password_secret, "source " + source.name));
    begun.push_back(std::make_unique<EventSource>(
        executor, IncomingOptions{source.name, source.field, source.type, source.source},
        consumer_of(source, std::move(url), std::move(password)),
        [&engine](std::vector<Value> events, EventSource::Published published) {
          engine.publish(std::move(events), [published = std::move(published)](const auto& places) {
            published(places ? std::nullopt : std::optional(places.error()));
          });
        }));
  }
  return begun;
}

Result<std::unique_ptr<EventSender>> make_broker_sender_to(const std::string& url, std::string user,
                                                           std::string password,
                                                           const boost::asio::any_io_executor& executor) {
  CAIRN_TRY(auto parsed, parse_broker_url(url));
  if (parsed.scheme == "redis") {
    return make_broker_sender(executor, make_redis_producer({std::move(parsed), std::move(user), std::move(password)}));
  }
  return make_broker_sender(executor, make_nats_producer({std::move(parsed), std::move(user), std::move(password)}));
}

}  // namespace cairn
