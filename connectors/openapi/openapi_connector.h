#pragma once
// `call: openapi`.

#include "engine/effects/effect.h"

#include <memory>

namespace cairn {

class HttpClient;

/// A connector over `client`, which fetches the documents and makes the calls.
std::unique_ptr<Connector> make_openapi_connector(std::shared_ptr<HttpClient> client);

}  // namespace cairn
