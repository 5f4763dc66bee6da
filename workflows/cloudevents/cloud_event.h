#pragma once
// CloudEvents 1.0 as Values. An event is a Value in the structured form of the JSON format: an object whose members are its
// attributes, with `data` or `data_base64`. Everything that lets an event in (a command, a task that emits, a server) asks
// here what is wrong with it. Pure.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What one event may hold (Value::approximate_bytes), and a batch as text.
inline constexpr std::size_t k_cloud_event_bytes = std::size_t{1} << 20;
inline constexpr std::size_t k_cloud_event_batch_bytes = std::size_t{16} << 20;

/// What makes `event` no CloudEvent 1.0, as a sentence that names the attribute: "'source' is missing". Nothing: it is one.
/// An attribute that is null counts as absent (the JSON format's rule).
std::optional<std::string> cloud_event_fault(const Value& event);

/// `event` without attributes that are null; invalid_input or limit_exceeded (`where` names it) when it is no CloudEvent.
Result<Value> checked_cloud_event(const Value& event, std::string_view where);

/// The events of a JSON text: one object, or a batch (an array, possibly empty). None of them is checked:
/// checked_cloud_event() is for the caller. invalid_input when it is neither.
Result<std::vector<Value>> parse_cloud_events(std::string_view json, std::string_view where);

/// Its `type`, `source`, `id`: "" when it has none that is a string.
std::string_view cloud_event_text(const Value& event, std::string_view attribute);

}  // namespace cairn
