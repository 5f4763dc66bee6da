#pragma once
// A Redis stream: a consumer of one of its groups, and a producer. Both do what connectors/broker/broker.h says.
//
// The consumer has one name, so that what it was given and has not acknowledged is given to it again after a crash, before anything new. Two processes must
// not be the same consumer of a group at once.

#include "connectors/broker/broker.h"
#include "connectors/redis/redis_connection.h"

#include <memory>
#include <string>

namespace cairn {

struct RedisConsumerOptions {
  RedisOptions server;
  std::string group;
  std::string consumer;
  bool from_now =
      false;  ///< a group that is made begins with what comes from then on; else with all that the stream has
};

std::unique_ptr<BrokerConsumer> make_redis_consumer(RedisConsumerOptions options);

/// An entry has one field, `event`, with the event as JSON.
std::unique_ptr<BrokerProducer> make_redis_producer(RedisOptions options);

}  // namespace cairn
