#pragma once
// connectors/broker: events from message brokers and to them. A broker's own folder (connectors/redis, connectors/nats) implements the two
// clients below, which may block; what is here puts each on a thread of its own, turns messages into CloudEvents, and tries again.
// Called by cli. Includes engine/effects and workflows only.

#include "workflows/core/error.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

/// A message as a broker gives it.
struct BrokerMessage {
  std::string id;  ///< the broker's own, the same each time that it is delivered
  /// What it holds: pairs in a Redis stream; with NATS one, without a name.
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Takes messages from one stream, as one consumer of a group. Of one thread.
class BrokerConsumer {
 public:
  virtual ~BrokerConsumer() = default;

  /// Connects, and makes the group if it is not there. May be called again at any time, and then begins anew: messages that were given and not
  /// acknowledged are given again. unavailable (says broker and address) and others; within ten seconds.
  virtual Result<void> connect() = 0;
  /// The next messages, in order, `most` at most; none when there are none within `patience`. An error: connect() again.
  virtual Result<std::vector<BrokerMessage>> read(std::size_t most, std::chrono::milliseconds patience) = 0;
  /// The broker need not keep what the last read() has come by for this group any more; nothing to do when it was nothing. An error: connect() again.
  virtual Result<void> acknowledge() = 0;

  /// "Redis stream orders at 127.0.0.1:6379".
  [[nodiscard]] virtual std::string place() const = 0;
};

/// An event on its way out.
struct OutgoingMessage {
  std::string id;    ///< of its source and id: equal for the same event, so that a broker that can may drop the second
  std::string body;  ///< a CloudEvent in the JSON format
};

/// Appends to one stream. Of one thread.
class BrokerProducer {
 public:
  virtual ~BrokerProducer() = default;
  /// As BrokerConsumer::connect().
  virtual Result<void> connect() = 0;
  /// What has become of a message. limit_exceeded: the broker will never take it. Any other error: connect() again.
  virtual Result<void> append(const OutgoingMessage& message) = 0;
  [[nodiscard]] virtual std::string place() const = 0;
};

}  // namespace cairn
