#pragma once
// HttpSender: CloudEvents to an HTTP endpoint, by POST.

#include "connectors/http/http_client.h"
#include "engine/effects/event_sender.h"
#include "workflows/core/error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// How events go over the wire (workflows/cloudevents/http_binding.h).
enum class HttpEventMode : std::uint8_t { structured, binary, batch };

/// Headers of one request, with the texts in them that are secret.
struct SenderHeaders {
  HeaderList headers;
  std::vector<std::string> secrets;
};

struct HttpSenderOptions {
  std::string url;  ///< absolute, http or https
  HttpEventMode mode = HttpEventMode::structured;
  /// Asked for each request, so that a secret may change while the process runs. What it cannot give is tried again. May be empty.
  std::function<Result<SenderHeaders>()> headers;
  std::int64_t timeout_ms = 10'000;  ///< of one request, connecting included
};

/// Events of one request in batch mode.
inline constexpr std::size_t k_batch_events = 100;

/// invalid_configuration: the URL is none.
///
/// Accepted: 2xx. Refused: 400, 413, 422 and whatever else of 4xx says that it is about this event. To be tried again: no answer, 5xx, 408, 425, 429 (with
/// Retry-After), redirects (which are not followed), and what says that the endpoint or its credentials are not what they should be: 401, 402, 403,
/// 404, 405, 406, 407, 410, 411, 415, 451; no event is given up for those.
Result<std::unique_ptr<EventSender>> make_http_sender(std::shared_ptr<HttpClient> client, HttpSenderOptions options);

}  // namespace cairn
