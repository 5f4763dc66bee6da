#include "connectors/nats/nats_stream.h"

#include "connectors/nats/nats_session.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

/// What a server refuses for good: a message that is larger than it takes.
constexpr int k_message_too_large = 10054;

class NatsConsumer final : public BrokerConsumer {
 public:
  explicit NatsConsumer(NatsConsumerOptions options) : options_(std::move(options)), nats_(options_.server) {}
  NatsConsumer(const NatsConsumer&) = delete;
  NatsConsumer& operator=(const NatsConsumer&) = delete;
  ~NatsConsumer() override { forget(); }

  Result<void> connect() override {
    forget();
    subscription_.reset();
    CAIRN_TRY(nats_.connect());
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Config.AckPolicy = js_AckExplicit;
    // A consumer that is made while this one runs has replaced one that was there: all of the stream is new to it.
    options.Config.DeliverPolicy = options_.from_now && !was_there_ ? js_DeliverNew : js_DeliverAll;
    natsSubscription* made = nullptr;
    jsErrCode code{};
    auto status = js_PullSubscribe(&made, nats_.stream(), options_.server.url.stream.c_str(), options_.durable.c_str(),
                                   nullptr, &options, &code);
    if (status == NATS_INVALID_ARG || status == NATS_ERR) {
      // The consumer is there, and was made in another way: it is used as it is.
      jsSubOptions_Init(&options);
      status = js_PullSubscribe(&made, nats_.stream(), options_.server.url.stream.c_str(), options_.durable.c_str(),
                                nullptr, nullptr, &code);
    }
    if (status == NATS_NOT_FOUND) {
      return make_error(ErrorCode::unavailable,
                        fmt::format("the NATS server at {} has no stream with subject {}; make one there",
                                    options_.server.url.address(), options_.server.url.stream));
    }
    if (status != NATS_OK) return nats_.failed("no consumer " + options_.durable, status, code);
    subscription_.reset(made);
    was_there_ = true;
    return success();
  }

  Result<std::vector<BrokerMessage>> read(std::size_t most, std::chrono::milliseconds patience) override {
    forget();
    std::vector<BrokerMessage> messages;
    jsErrCode code{};
    natsMsgList list{};
    const auto status =
        natsSubscription_Fetch(&list, subscription_.get(), static_cast<int>(most), patience.count(), &code);
    if (status == NATS_TIMEOUT) return messages;
    if (status != NATS_OK) return nats_.failed("reading", status, code);
    given_ = list;
    for (int i = 0; i < given_.Count; ++i) {
      natsMsg* one = given_.Msgs[i];
      jsMsgMetaData* meta = nullptr;
      if (const auto read = natsMsg_GetMetaData(&meta, one); read != NATS_OK) return nats_.failed("reading", read);
      BrokerMessage message;
      // A stream that is made again counts from 1 again: the time tells its messages from those of before.
      message.id =
          fmt::format("{}:{}@{}", meta->Stream == nullptr ? "" : meta->Stream, meta->Sequence.Stream, meta->Timestamp);
      jsMsgMetaData_Destroy(meta);
      message.fields.emplace_back(
          std::string(), std::string(natsMsg_GetData(one), static_cast<std::size_t>(natsMsg_GetDataLength(one))));
      messages.push_back(std::move(message));
    }
    return messages;
  }

  Result<void> acknowledge() override {
    for (int i = 0; i < given_.Count; ++i) {
      jsErrCode code{};
      const auto status = natsMsg_AckSync(given_.Msgs[i], nullptr, &code);
      if (status != NATS_OK) return nats_.failed("acknowledging", status, code);
    }
    forget();
    return success();
  }

  [[nodiscard]] std::string place() const override { return nats_.place(); }

 private:
  void forget() {
    if (given_.Msgs != nullptr) natsMsgList_Destroy(&given_);
    given_ = {};
  }

  NatsConsumerOptions options_;
  NatsSession nats_;
  std::unique_ptr<natsSubscription, FreeNats> subscription_;  ///< goes before its connection
  natsMsgList given_{};
  bool was_there_ = false;
};

class NatsProducer final : public BrokerProducer {
 public:
  explicit NatsProducer(NatsOptions options) : nats_(std::move(options)) {}

  Result<void> connect() override { return nats_.connect(); }
  Result<void> append(const OutgoingMessage& message) override {
    if (!nats_.connected()) return nats_.failed("there is no connection", NATS_CONNECTION_CLOSED);
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MsgId = message.id.c_str();
    jsPubAck* answer = nullptr;
    jsErrCode code{};
    const auto status = js_Publish(&answer, nats_.stream(), nats_.options().url.stream.c_str(), message.body.data(),
                                   static_cast<int>(message.body.size()), &options, &code);
    if (answer != nullptr) jsPubAck_Destroy(answer);
    if (status == NATS_OK) return success();
    if (status == NATS_MAX_PAYLOAD || static_cast<int>(code) == k_message_too_large) {
      return make_error(ErrorCode::limit_exceeded, fmt::format("the NATS server at {} takes no message of {} bytes",
                                                               nats_.options().url.address(), message.body.size()));
    }
    if (status == NATS_NO_RESPONDERS) {
      return make_error(ErrorCode::unavailable,
                        fmt::format("the NATS server at {} has no stream with subject {}; make one there",
                                    nats_.options().url.address(), nats_.options().url.stream));
    }
    return nats_.failed("publishing", status, code);
  }
  [[nodiscard]] std::string place() const override { return nats_.place(); }

 private:
  NatsSession nats_;
};

}  // namespace

std::unique_ptr<BrokerConsumer> make_nats_consumer(NatsConsumerOptions options) {
  return std::make_unique<NatsConsumer>(std::move(options));
}
std::unique_ptr<BrokerProducer> make_nats_producer(NatsOptions options) {
  return std::make_unique<NatsProducer>(std::move(options));
}

}  // namespace cairn
