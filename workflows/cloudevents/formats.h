#pragma once
// The forms in which CloudEvents 1.0 come in: structured (an object) and batches (an array), in the JSON format. Every door
// that lets events in asks here. What makes an object an event is workflows/program/cloud_event.h. Pure.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace cairn {

/// What one event may hold (Value::approximate_bytes), and a batch as text.
inline constexpr std::size_t k_cloud_event_bytes = std::size_t{1} << 20;
inline constexpr std::size_t k_cloud_event_batch_bytes = std::size_t{16} << 20;

/// `event` without attributes that are null (the JSON format's word for absent); invalid_input or limit_exceeded (`where` names
/// it) when it is no CloudEvent.
Result<Value> checked_cloud_event(const Value& event, std::string_view where);

/// The events of a JSON text: one object, or a batch (an array, possibly empty). None of them is checked. invalid_input when it
/// is neither.
Result<std::vector<Value>> parse_cloud_events(std::string_view json, std::string_view where);

/// Its `type`, `source`, `id`: "" when it has none that is a string.
std::string_view cloud_event_text(const Value& event, std::string_view attribute);

}  // namespace cairn
