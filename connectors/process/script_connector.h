#pragma once
// `run: script`.

#include "engine/effects/effect.h"

#include <memory>

namespace cairn {

class HttpClient;

/// JavaScript by node, Python by python3, both as found on the script's PATH. `client` fetches `source` and gives the
/// executor.
std::unique_ptr<Connector> make_script_connector(std::shared_ptr<HttpClient> client);

}  // namespace cairn
