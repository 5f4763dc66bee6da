#pragma once
// The sinks of cairn.yaml, ready to be hosted.

#include "cli/settings.h"
#include "connectors/http/executor.h"
#include "engine/runtime/sinks.h"

#include <vector>

namespace cairn {

/// `given`: secrets of the command, an object; others are looked up where the process finds its own. invalid_configuration: a secret that a sink
/// needs is missing, or is no text that a header can hold.
Result<std::vector<SinkOptions>> make_sinks(const Settings& settings, const Value& given,
                                            const boost::asio::any_io_executor& executor);

}  // namespace cairn
