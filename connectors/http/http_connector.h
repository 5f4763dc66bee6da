#pragma once
// `call: http`.

#include "engine/effects/effect.h"

#include <memory>

namespace cairn {

class HttpClient;

/// A connector over `client`, which must outlive it and its effects' reports.
std::unique_ptr<Connector> make_http_connector(std::shared_ptr<HttpClient> client);

}  // namespace cairn
