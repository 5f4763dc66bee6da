#pragma once
// What becomes of a broker's message: CloudEvents. Pure.

#include "connectors/broker/broker.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

struct IncomingOptions {
  std::string name;             ///< of the source in cairn.yaml
  std::string field = "event";  ///< where a message with several fields has its JSON
  std::string type;    ///< messages are data, which is wrapped into an event of this type; empty: they are CloudEvents
  std::string source;  ///< of such events; empty: urn:cairn:source:NAME
};

/// The type of the event that stands for a message that is none. Its data: {reason, message | messageBase64, bytes}.
inline constexpr std::string_view k_rejected_type = "io.cairn.source.rejected";
/// So much of such a message is kept.
inline constexpr std::size_t k_rejected_bytes = std::size_t{16} << 10;
/// Events of one message, which may hold a batch.
inline constexpr std::size_t k_events_a_message = 4'096;

/// The events of a message, checked: at least one, except for an empty batch. Events without an id of their own have that of the message.
std::vector<Value> events_of(const BrokerMessage& message, const IncomingOptions& options);

}  // namespace cairn
