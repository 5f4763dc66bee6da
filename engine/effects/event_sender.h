#pragma once
// EventSender: the way to one receiver of events outside (an HTTP endpoint, a subject of a broker). connectors/ implements it, a folder for
// each protocol; engine/runtime/sinks.h decides what is sent, in which order, when again, and remembers how far the receiver has come.

#include "workflows/value/value.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What became of the events of one send().
struct SendResult {
  enum class Kind : std::uint8_t {
    accepted,  ///< the receiver has them all, and keeps them as durably as it keeps anything
    retry,  ///< not all, and the same may go through later: no connection, no answer in time, busy, a failure of its own
    refused,  ///< the receiver will never take the first of those that it has not taken
  };
  Kind kind = Kind::accepted;
  /// When not accepted: so many of the first are known to have been taken; they are not sent again.
  std::size_t taken = 0;
  /// When not accepted: one clause for people, "it answered 503 Service Unavailable". Holds no secret and no event.
  std::string why;
  /// Of `retry`: the receiver asks not to be asked sooner.
  std::optional<std::int64_t> retry_after_ms;
};

/// Events on their way. Destroying it gives them up: `done` is not called any more, and whether they arrived is unknown.
class Sending {
 public:
  virtual ~Sending() = default;
};

/// Created, called and destroyed on the runtime's thread, as Connector is.
class EventSender {
 public:
  virtual ~EventSender() = default;

  using Done = std::function<void(SendResult)>;
  /// Sends CloudEvents 1.0 (objects in the JSON format, checked) so that the receiver gets them in this order. Never blocks, never throws.
  /// `done` is called once, on the same thread, and never before send returns; within a time of the sender's own, however silent
  /// the receiver is (that is `retry`). Nothing is tried twice in here. There is one send() at a time: the next comes after `done`. An event
  /// may come again, after a failure or a crash, with the same source and id: whoever can tell the receiver so lets it drop the second.
  virtual std::unique_ptr<Sending> send(std::vector<Value> events, Done done) = 0;

  /// Events that one send() takes, at most and at least 1. After `refused` of several they are sent one at a time, to find the one.
  [[nodiscard]] virtual std::size_t most() const { return 1; }

  /// Where they go, for people: "https://example.com/hook". No user, password or query.
  [[nodiscard]] virtual std::string destination() const = 0;
};

}  // namespace cairn
