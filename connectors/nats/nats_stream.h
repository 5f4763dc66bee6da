#pragma once
// A stream of NATS JetStream: a durable pull consumer, and a producer. Both do what connectors/broker/broker.h says.
//
// Plain NATS (without JetStream) keeps nothing and knows no acknowledgement, so nothing of what a source promises could be kept with it: it is not
// offered. The stream that has the subject must be there.

#include "connectors/broker/broker.h"
#include "connectors/broker/broker_url.h"

#include <memory>
#include <string>

namespace cairn {

struct NatsOptions {
  BrokerUrl url;
  std::string user;      ///< empty: `password` is a token
  std::string password;  ///< empty: none
};

struct NatsConsumerOptions {
  NatsOptions server;
  std::string durable;    ///< name of the consumer; it is made when it is not there
  bool from_now = false;  ///< as RedisConsumerOptions::from_now
};

std::unique_ptr<BrokerConsumer> make_nats_consumer(NatsConsumerOptions options);

/// Events go out with `Nats-Msg-Id`, so that the stream drops one that comes twice within its window.
std::unique_ptr<BrokerProducer> make_nats_producer(NatsOptions options);

}  // namespace cairn
