#pragma once
// CloudEvents 1.0 in the JSON format, as values: what makes one, and how it is read.

#include "workflows/program/listening.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Nesting of an event; an event that nests deeper matches nothing, and is to be refused where it comes in.
inline constexpr std::size_t k_event_depth = 490;

/// What keeps `event` from being a CloudEvent, naming the attribute: "attribute 'type' must be a non-empty string, got a
/// number". Nothing: it is one.
std::optional<std::string> complaint_about(const Value& event);

/// The same of one attribute, which is neither `data` nor `data_base64`.
std::optional<std::string> complaint_about_attribute(std::string_view name, const Value& value);
/// Whether CloudEvents can have an attribute of this name: lower-case letters and digits.
bool is_attribute_name(std::string_view name);

/// What data of a content type is: "Application/Cloud+JSON; charset=utf-8" is json.
enum class MediaKind : std::uint8_t { json, text, other };
MediaKind kind_of_media(std::string_view content_type);

/// The event's data: the member `data`, or what the bytes of `data_base64` say when the content type is JSON or text, or that
/// base 64 text. Null: it has none.
Value data_of(const Value& event);

/// What of the event becomes data of a run. `raw` is the base 64 of the data's bytes, which are the compact JSON of data that
/// is no text; null without data.
Value read_event(const Value& event, EventRead read);

}  // namespace cairn
