#include "connectors/nats/nats_session.h"

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr std::int64_t k_connect_ms = 3'000;
constexpr std::int64_t k_answer_ms = 5'000;

}  // namespace

std::string NatsSession::place() const {
  return "NATS subject " + options_.url.stream + " at " + options_.url.address();
}

Error NatsSession::failed(const std::string& what, natsStatus status, jsErrCode code) const {
  std::string why = natsStatus_GetText(status);
  // The library's own words say more, where it has some.
  natsStatus last = NATS_OK;
  if (const char* detail = nats_GetLastError(&last); detail != nullptr && last == status && *detail != '\0') {
    why += fmt::format(" ({})", detail);
  }
  if (code != 0) why += fmt::format(", JetStream error {}", static_cast<int>(code));
  return make_error(ErrorCode::unavailable,
                    fmt::format("the NATS server at {}: {}: {}", options_.url.address(), what, why));
}

Result<void> NatsSession::connect() {
  stream_.reset();
  connection_.reset();
  natsOptions* made = nullptr;
  auto status = natsOptions_Create(&made);
  const std::unique_ptr<natsOptions, FreeNats> options(made);
  const std::string url = "nats://" + options_.url.address();
  if (status == NATS_OK) status = natsOptions_SetURL(made, url.c_str());
  if (status == NATS_OK) status = natsOptions_SetName(made, "cairn");
  if (status == NATS_OK) status = natsOptions_SetTimeout(made, k_connect_ms);
  if (status == NATS_OK) status = natsOptions_SetAllowReconnect(made, false);
  if (status == NATS_OK && !options_.password.empty()) {
    status = options_.user.empty() ? natsOptions_SetToken(made, options_.password.c_str())
                                   : natsOptions_SetUserInfo(made, options_.user.c_str(), options_.password.c_str());
  }
  natsConnection* connection = nullptr;
  if (status == NATS_OK) status = natsConnection_Connect(&connection, made);
  if (status != NATS_OK) return failed("no connection", status);
  connection_.reset(connection);
  jsOptions stream_options;
  jsOptions_Init(&stream_options);
  stream_options.Wait = k_answer_ms;
  jsCtx* stream = nullptr;
  status = natsConnection_JetStream(&stream, connection, &stream_options);
  if (status != NATS_OK) return failed("no JetStream", status);
  stream_.reset(stream);
  return success();
}

}  // namespace cairn
