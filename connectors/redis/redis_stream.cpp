#include "connectors/redis/redis_stream.h"

#include <hiredis/hiredis.h>

#include <span>
#include <string_view>
#include <utility>

namespace cairn {
namespace {

constexpr std::string_view k_field = "event";

std::string place_of(const RedisOptions& options) {
  return "Redis stream " + options.url.stream + " at " + options.url.address();
}

std::span<redisReply*> parts_of(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ARRAY ? std::span(reply.element, reply.elements) : std::span<redisReply*>();
}
std::string text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string() : std::string(reply.str, reply.len);
}

/// What a server says to a command that it should have carried out.
Error refused(const RedisOptions& options, const Error& error) {
  if (error.code == ErrorCode::unavailable) return error;
  return make_error(ErrorCode::unavailable, "the server at " + options.url.address() + " answers: " + error.message);
}

class RedisConsumer final : public BrokerConsumer {
 public:
  explicit RedisConsumer(RedisConsumerOptions options) : options_(std::move(options)), redis_(options_.server) {}

  Result<void> connect() override {
    given_.clear();
    pending_from_ = "0";
    CAIRN_TRY(redis_.connect());
    // A stream that went away while this consumer was there is read from its beginning: what is in it is new.
    const std::string from = options_.from_now && !was_there_ ? "$" : "0";
    const auto made = redis_.command({"XGROUP", "CREATE", stream(), options_.group, from, "MKSTREAM"});
    if (!made && made.error().message.rfind("BUSYGROUP", 0) != 0) return refused(options_.server, made.error());
    was_there_ = true;
    return success();
  }

  Result<std::vector<BrokerMessage>> read(std::size_t most, std::chrono::milliseconds patience) override {
    std::vector<std::string> words{"XREADGROUP",      "GROUP", options_.group,
                                   options_.consumer, "COUNT", std::to_string(most)};
    const bool pending = !pending_from_.empty();
    if (!pending) words.insert(words.end(), {"BLOCK", std::to_string(patience.count())});
    words.insert(words.end(), {"STREAMS", stream(), pending ? pending_from_ : ">"});
    const auto reply = redis_.command(words);
    if (!reply) return refused(options_.server, reply.error());
    given_.clear();
    std::vector<BrokerMessage> messages;
    for (const auto* of_stream : parts_of(*reply.value())) {
      const auto pair = parts_of(*of_stream);
      if (pair.size() != 2) continue;
      for (const auto* entry : parts_of(*pair[1])) take(*entry, messages);
    }
    if (pending) pending_from_ = given_.empty() ? "" : given_.back();
    return messages;
  }

  Result<void> acknowledge() override {
    if (given_.empty()) return success();
    std::vector<std::string> words{"XACK", stream(), options_.group};
    words.insert(words.end(), given_.begin(), given_.end());
    const auto reply = redis_.command(words);
    if (!reply) return refused(options_.server, reply.error());
    given_.clear();
    return success();
  }

  [[nodiscard]] std::string place() const override { return place_of(options_.server); }

 private:
  [[nodiscard]] const std::string& stream() const { return options_.server.url.stream; }

  void take(const redisReply& entry, std::vector<BrokerMessage>& messages) {
    const auto parts = parts_of(entry);
    if (parts.size() != 2) return;
    given_.push_back(text_of(*parts[0]));
    // Entries of two streams that come in one millisecond have one id.
    BrokerMessage message{stream() + ":" + given_.back(), {}};
    const auto fields = parts_of(*parts[1]);
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
      message.fields.emplace_back(text_of(*fields[i]), text_of(*fields[i + 1]));
    }
    // One without fields was deleted after it had been given.
    if (!message.fields.empty()) messages.push_back(std::move(message));
  }

  RedisConsumerOptions options_;
  RedisConnection redis_;
  bool was_there_ = false;
  std::string pending_from_;  ///< behind this one, what was given before and not acknowledged; empty: all that was
  std::vector<std::string> given_;  ///< by the last read
};

class RedisProducer final : public BrokerProducer {
 public:
  explicit RedisProducer(RedisOptions options) : redis_(std::move(options)) {}

  Result<void> connect() override { return redis_.connect(); }
  Result<void> append(const OutgoingMessage& message) override {
    const auto reply = redis_.command({"XADD", redis_.options().url.stream, "*", std::string(k_field), message.body});
    if (!reply) return refused(redis_.options(), reply.error());
    return success();
  }
  [[nodiscard]] std::string place() const override { return place_of(redis_.options()); }

 private:
  RedisConnection redis_;
};

}  // namespace

std::unique_ptr<BrokerConsumer> make_redis_consumer(RedisConsumerOptions options) {
  return std::make_unique<RedisConsumer>(std::move(options));
}
std::unique_ptr<BrokerProducer> make_redis_producer(RedisOptions options) {
  return std::make_unique<RedisProducer>(std::move(options));
}

}  // namespace cairn
