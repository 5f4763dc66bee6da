#pragma once
// Where a stream of a broker is: redis://HOST:PORT/STREAM, nats://HOST:PORT/SUBJECT.

#include "workflows/core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

struct BrokerUrl {
  std::string scheme;  ///< "redis" or "nats"
  std::string host;
  std::uint16_t port = 0;
  std::string stream;  ///< of Redis the key of the stream, of NATS the subject

  /// "127.0.0.1:6379".
  [[nodiscard]] std::string address() const;
};

/// Whether it is meant for a broker, right or wrong: redis:, rediss:, nats: or tls:.
bool is_broker_url(std::string_view text);

/// A port that is left out is the broker's usual one. invalid_input: what is wrong, and what to write.
Result<BrokerUrl> parse_broker_url(std::string_view text);

}  // namespace cairn
