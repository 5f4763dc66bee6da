#include "workflows/program/cloud_event.h"

#include "workflows/core/time.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string_view>

namespace cairn {
namespace {

/// Without a content type data is JSON, says the standard of CloudEvents.
MediaKind kind_of_media(const Value& event) {
  const Value* type = event.find("datacontenttype");
  if (type == nullptr || !type->is_string()) return MediaKind::json;
  return cairn::kind_of_media(std::string_view(type->as_string()));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string must_be(std::string_view name, std::string_view what, const Value& actual) {
  if (actual.is_string() && !actual.as_string().empty()) {
    return fmt::format("attribute '{}' must be {}, got '{}'", name, what, actual.as_string().substr(0, 100));
  }
  return fmt::format("attribute '{}' must be {}, got {}", name, what,
                     actual.is_string() ? "an empty string" : actual.type_name());
}

bool is_text(const Value& value) { return value.is_string() && !value.as_string().empty(); }

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  const auto end = text.substr(0, text.find(';'));
  return slash != std::string_view::npos && slash > 0 && slash + 1 < end.size() &&
         end.find(' ') == std::string_view::npos;
}

/// As far as it can be told without taking a URI apart: no blanks, and no other characters that none has.
bool is_uri_reference(std::string_view text) { return text.find_first_of(" \"<>\\^`{|}") == std::string_view::npos; }

bool is_absolute_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || std::isalpha(static_cast<unsigned char>(text[0])) == 0)
    return false;
  const auto scheme = text.substr(0, colon);
  return is_uri_reference(text) && std::ranges::all_of(scheme, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
         });
}

}  // namespace

MediaKind kind_of_media(std::string_view content_type) {
  std::string media(content_type.substr(0, content_type.find(';')));
  std::erase(media, ' ');
  std::ranges::transform(media, media.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (media.ends_with("/json") || media.ends_with("+json")) return MediaKind::json;
  const bool text = media.starts_with("text/") || media.ends_with("/xml") || media.ends_with("+xml");
  return text ? MediaKind::text : MediaKind::other;
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

std::optional<std::string> complaint_about_attribute(std::string_view name, const Value& value) {
  if (value.is_string() && has_control(value.as_string())) {
    return fmt::format("attribute '{}' holds a control character", name);
  }
  if (name == "id" || name == "type" || name == "subject") {
    if (!is_text(value)) return must_be(name, "a non-empty string", value);
  } else if (name == "source") {
    if (!is_text(value)) return must_be(name, "a non-empty string", value);
    if (!is_uri_reference(value.as_string())) return must_be(name, "a URI reference", value);
  } else if (name == "time") {
    if (!is_text(value)) return must_be(name, "a non-empty string", value);
    if (!parse_timestamp(value.as_string())) return must_be(name, "a time as RFC 3339 writes it", value);
  } else if (name == "datacontenttype") {
    if (!is_text(value) || !is_media_type(value.as_string())) return must_be(name, "a media type", value);
  } else if (name == "dataschema") {
    if (!is_text(value) || !is_absolute_uri(value.as_string())) return must_be(name, "an absolute URI", value);
  } else if (name == "specversion") {
    if (!value.is_string() || value.as_string() != "1.0") return must_be(name, "\"1.0\"", value);
  } else if (!is_attribute_name(name)) {
    return fmt::format("attribute '{}' must have a name of lower-case letters and digits only", name);
  } else if (value.is_integer()) {
    if (value.kind() != Value::Kind::Int || value.as_int() > INT32_MAX || value.as_int() < INT32_MIN) {
      return fmt::format("attribute '{}' must be an integer of 32 bits, got {}", name, to_json(value));
    }
  } else if (!value.is_string() && !value.is_bool()) {
    return must_be(name, "a string, a boolean or an integer", value);
  }
  return std::nullopt;
}

std::optional<std::string> complaint_about(const Value& event) {
  if (!event.is_object()) return fmt::format("an event is an object, got {}", event.type_name());
  if (event.depth() > k_event_depth) return fmt::format("the event nests more than {} levels deep", k_event_depth);
  for (const std::string_view name : {"specversion", "id", "source", "type"}) {
    const Value* value = event.find(name);
    if (value == nullptr || value->is_null()) return fmt::format("attribute '{}' is missing", name);
  }
  for (const auto& [name, value] : event.as_object()) {
    if (name == "data" || value.is_null()) continue;
    if (name == "data_base64") {
      if (!value.is_string()) return must_be(name, "base 64 text", value);
      if (!decode_base64(value.as_string())) return "'data_base64' is not base 64";
      if (event.find("data") != nullptr) return "'data' and 'data_base64' exclude one another";
      continue;
    }
    if (auto complaint = complaint_about_attribute(name, value)) return complaint;
  }
  return std::nullopt;
}

Value data_of(const Value& event) {
  if (const Value* data = event.find("data")) return *data;
  const Value* encoded = event.find("data_base64");
  if (encoded == nullptr || !encoded->is_string()) return {};
  const MediaKind kind = kind_of_media(event);
  if (kind == MediaKind::other) return *encoded;
  auto bytes = decode_base64(encoded->as_string());
  if (!bytes || !is_valid_utf8(bytes.value())) return *encoded;
  if (kind == MediaKind::text) return Value::string(std::move(bytes).value());
  auto parsed = parse_json(bytes.value());
  return parsed && parsed.value().depth() < k_event_depth ? parsed.value() : *encoded;
}

Value read_event(const Value& event, EventRead read) {
  if (read == EventRead::envelope) return event;
  if (read == EventRead::data) return data_of(event);
  if (const Value* encoded = event.find("data_base64"); encoded != nullptr && encoded->is_string()) return *encoded;
  const Value* data = event.find("data");
  if (data == nullptr || data->is_null()) return {};
  const bool as_is = data->is_string() && kind_of_media(event) != MediaKind::json;
  return Value::string(encode_base64(as_is ? data->as_string() : to_json(*data)));
}

}  // namespace cairn
