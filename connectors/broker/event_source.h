#pragma once
// EventSource: brings the messages of a broker's stream onto the bus, on a thread of its own.
//
// A message is acknowledged when its events are durable, and not before; so a crash on either side lets it come again, and the bus knows an event
// by its source and id. What is no event comes onto the bus as one that says so (incoming.h), and is acknowledged: no message blocks those behind it.
// A broker that is away is tried again, first soon and then every half a minute; that it is away, and that it is back, is said in the process's log.

#include "connectors/broker/incoming.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {

class EventSource {
 public:
  /// `error`: nothing is published, and the same may be tried again later.
  using Published = std::function<void(const std::optional<Error>& error)>;
  /// Called on the executor's thread, with events that are checked.
  using Publish = std::function<void(std::vector<Value> events, Published published)>;

  EventSource(boost::asio::any_io_executor executor, IncomingOptions options, std::unique_ptr<BrokerConsumer> consumer,
              Publish publish);
  /// Ends the thread: what was not acknowledged comes again. Waits for a call of the client, ten seconds at most.
  ~EventSource();
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cairn
