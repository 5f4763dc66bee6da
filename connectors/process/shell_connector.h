#pragma once
// `run: shell`.

#include "connectors/http/executor.h"
#include "engine/effects/effect.h"

#include <memory>

namespace cairn {

/// `/bin/sh -c COMMAND sh ARGUMENTS…`: the arguments are $1, $2 …
std::unique_ptr<Connector> make_shell_connector(const boost::asio::any_io_executor& executor);

}  // namespace cairn
