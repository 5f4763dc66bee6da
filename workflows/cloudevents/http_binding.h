#pragma once
// CloudEvents 1.0 over HTTP, in its three modes: binary (attributes are headers, data is the body), structured and batch (the JSON
// format is the body). Both ways: what sinks send, and what a door that lets events in receives. Pure.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

inline constexpr std::string_view k_structured_media = "application/cloudevents+json";
inline constexpr std::string_view k_batch_media = "application/cloudevents-batch+json";

struct CloudEventMessage {
  std::vector<std::pair<std::string, std::string>> headers;  ///< Content-Type first, if there is one
  std::string body;
};

// `event`, `events`: checked CloudEvents.

/// Attributes become headers "ce-NAME", percent-encoded where HTTP or the binding wants it; data becomes the body as it is, JSON as compact text.
CloudEventMessage binary_message(const Value& event);
CloudEventMessage structured_message(const Value& event);
CloudEventMessage batch_message(const std::vector<Value>& events);

/// The events of a message, none of them checked (checked_cloud_event), and which mode it is in. Names of headers in any spelling. A message of
/// another content type without "ce-" headers, JSON that is none, text that is not UTF-8: invalid_input; too much: limit_exceeded.
Result<std::vector<Value>> read_message(const CloudEventMessage& message, std::string_view where);

/// A header's value as the binding wants it: the characters space, ", % and all but visible ASCII as %XX of their UTF-8 bytes.
std::string encode_attribute(std::string_view text);
/// The reverse; quotes around the whole (as HTTP allows them) are taken off first. A % without two hex digits stays.
std::string decode_attribute(std::string_view text);

}  // namespace cairn
