#pragma once
// CloudEvents as people give them to commands.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <vector>

namespace cairn {

/// The events of `text`: JSON (an event, or an array of them), @FILE, or - for standard input. What is missing of specversion,
/// source and id is filled in; then each must be a CloudEvent 1.0. `option` names it in messages.
Result<std::vector<Value>> read_cloud_events(const std::string& text, const std::string& option);

/// `event` with specversion 1.0, source urn:cairn:cli and an id of its own, as far as it has none.
Value completed_cloud_event(const Value& event);

/// Tells of those that were published before, and therefore not again. `places`: PLACE of service.h.
void print_repeated(const Value& places);

}  // namespace cairn
