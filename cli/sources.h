#pragma once
// The brokers of cairn.yaml, at work: events that come in (`sources:`), and senders to them.

#include "cli/settings.h"
#include "connectors/broker/broker_sender.h"
#include "connectors/broker/event_source.h"
#include "engine/runtime/engine.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// The password of a broker; empty when none is asked for. `given`: secrets of the command; others are looked up where the process finds its own.
/// invalid_configuration: it is missing, or no text.
Result<std::string> broker_password(const Settings& settings, const Value& given, const std::string& secret,
                                    const std::string& whose);

/// Whether all sources have what they need: what is missing is told before anything begins.
Result<void> check_sources(const Settings& settings, const Value& given);

/// Begins to take events from all sources, and puts them on the engine's bus. They end when they are destroyed, which must be before the engine.
/// invalid_configuration: a secret. A broker that is away is no error.
Result<std::vector<std::unique_ptr<EventSource>>> begin_sources(const Settings& settings, const Value& given,
                                                                Engine& engine,
                                                                const boost::asio::any_io_executor& executor);

/// To the stream or subject of a broker's URL. invalid_input: it is none.
Result<std::unique_ptr<EventSender>> make_broker_sender_to(const std::string& url, std::string user,
                                                           std::string password,
                                                           const boost::asio::any_io_executor& executor);

}  // namespace cairn
