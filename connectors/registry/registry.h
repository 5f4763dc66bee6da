#pragma once
// All connectors of this binary, over one executor and one HTTP client.

#include "connectors/http/executor.h"
#include "connectors/http/http_client.h"
#include "engine/effects/effect.h"

#include <map>
#include <memory>
#include <string>

namespace cairn {

struct ConnectorOptions {
  HttpOptions http;
};

/// "http", "openapi", "shell" and "script", by the name an EffectRequest has. They share one pool of connections, must
/// be started and destroyed on `executor`, and before its context. SIGPIPE is ignored process-wide from here on.
std::map<std::string, std::unique_ptr<Connector>> make_connectors(const boost::asio::any_io_executor& executor,
                                                                  ConnectorOptions options);

}  // namespace cairn
