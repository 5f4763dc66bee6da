#pragma once
// An EventSender to a broker: a BrokerProducer on a thread of its own.

#include "connectors/broker/broker.h"
#include "engine/effects/event_sender.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace cairn {

/// Events are appended one after the other, each when the broker has the one before.
std::unique_ptr<EventSender> make_broker_sender(boost::asio::any_io_executor executor,
                                                std::unique_ptr<BrokerProducer> producer);

}  // namespace cairn
