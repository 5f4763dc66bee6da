#pragma once
// A connection to a NATS server with its JetStream context. Calls wait for their answers; of one thread.

#include "connectors/nats/nats_stream.h"

#include <nats/nats.h>

#include <memory>
#include <string>

namespace cairn {

struct FreeNats {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
  void operator()(natsSubscription* subscription) const { natsSubscription_Destroy(subscription); }
};

class NatsSession {
 public:
  explicit NatsSession(NatsOptions options) : options_(std::move(options)) {}

  /// Closes what was open, and connects. Reconnecting is the caller's, who knows what is unacknowledged.
  Result<void> connect();
  [[nodiscard]] jsCtx* stream() const { return stream_.get(); }
  [[nodiscard]] bool connected() const { return stream_ != nullptr; }
  /// unavailable: which server, and what went wrong.
  [[nodiscard]] Error failed(const std::string& what, natsStatus status, jsErrCode code = {}) const;
  [[nodiscard]] const NatsOptions& options() const { return options_; }
  [[nodiscard]] std::string place() const;

 private:
  NatsOptions options_;
  std::unique_ptr<natsConnection, FreeNats> connection_;
  std::unique_ptr<jsCtx, FreeNats> stream_;
};

}  // namespace cairn
