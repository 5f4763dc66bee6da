#pragma once
// `run: shell`.

#include "engine/effects/effect.h"

#include <memory>

namespace boost::asio {
class any_io_executor;
}

namespace cairn {

/// `/bin/sh -c COMMAND sh ARGUMENTS…`: the arguments are $1, $2 …
std::unique_ptr<Connector> make_shell_connector(const boost::asio::any_io_executor& executor);

}  // namespace cairn
