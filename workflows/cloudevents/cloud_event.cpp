#include "workflows/cloudevents/cloud_event.h"

#include "workflows/core/time.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cairn {
namespace {

constexpr std::string_view k_version = "1.0";
constexpr std::size_t k_shown = 60;

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, k_shown)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return text.size() > k_shown ? out + "…" : out;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Blanks and control characters are in no URI, whatever its scheme.
bool may_be_uri(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

bool may_be_media_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size();
}

std::optional<std::string> fault_of_text(std::string_view name, const Value& value) {
  if (!value.is_string()) return fmt::format("'{}' must be a string, and is of type {}", name, value.type_name());
  const std::string& text = value.as_string();
  if (text.empty()) return fmt::format("'{}' is empty", name);
  if (name == "specversion" && text != k_version) {
    return fmt::format("'specversion' is '{}', and only '{}' is understood", shown(text), k_version);
  }
  if ((name == "source" || name == "dataschema") && !may_be_uri(text)) {
    return fmt::format("'{}' is no URI: '{}' holds blanks or control characters", name, shown(text));
  }
  if (name == "datacontenttype" && !may_be_media_type(text)) {
    return fmt::format("'datacontenttype' is no media type: '{}'", shown(text));
  }
  if (name == "time" && !parse_timestamp(text)) {
    return fmt::format("'time' is no RFC 3339 date and time: '{}'", shown(text));
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_extension(std::string_view name, const Value& value) {
  if (!is_plain_name(name)) {
    return fmt::format("'{}' is no attribute's name: those are lower-case letters and digits", shown(name));
  }
  if (value.is_string() || value.is_bool()) return std::nullopt;
  if (value.kind() == Value::Kind::Int && value.as_int() >= INT32_MIN && value.as_int() <= INT32_MAX)
    return std::nullopt;
  return fmt::format("'{}' must be a string, a boolean or an integer of 32 bits; anything else belongs into 'data'",
                     name);
}

std::optional<std::string> fault_of_member(std::string_view name, const Value& value) {
  static constexpr std::string_view k_texts[] = {"id",   "source",     "specversion",     "type",
                                                 "time", "dataschema", "datacontenttype", "subject"};
  if (name == "data" || value.is_null()) return std::nullopt;
  if (name == "data_base64") {
    if (!value.is_string()) return "'data_base64' must be a string";
    if (!decode_base64(value.as_string())) return "'data_base64' is not Base64";
    return std::nullopt;
  }
  if (std::ranges::find(k_texts, name) != std::end(k_texts)) return fault_of_text(name, value);
  return fault_of_extension(name, value);
}

}  // namespace

std::optional<std::string> cloud_event_fault(const Value& event) {
  if (!event.is_object()) return fmt::format("an event is an object, and this is of type {}", event.type_name());
  for (const auto* required : {"specversion", "id", "source", "type"}) {
    if (event.get(required).is_null()) return fmt::format("'{}' is missing", required);
  }
  for (const auto& [name, value] : event.as_object()) {
    if (auto fault = fault_of_member(name, value)) return fault;
  }
  if (event.find("data") != nullptr && !event.get("data_base64").is_null()) {
    return "it has both 'data' and 'data_base64'";
  }
  return std::nullopt;
}

Result<Value> checked_cloud_event(const Value& event, std::string_view where) {
  if (const auto fault = cloud_event_fault(event)) {
    return make_error(ErrorCode::invalid_input, "no CloudEvent 1.0: " + *fault, std::string(where));
  }
  if (event.approximate_bytes() > k_cloud_event_bytes) {
    return make_error(ErrorCode::limit_exceeded,
                      fmt::format("an event may hold {} bytes, and this one is larger", k_cloud_event_bytes),
                      std::string(where), "Store what is large elsewhere, and send where it is");
  }
  std::vector<Member> members;
  for (const auto& [name, value] : event.as_object()) {
    if (!value.is_null() || name == "data") members.push_back({name, value});
  }
  return Value::object(std::move(members));
}

Result<std::vector<Value>> parse_cloud_events(std::string_view json, std::string_view where) {
  if (json.size() > k_cloud_event_batch_bytes) {
    return make_error(ErrorCode::limit_exceeded,
                      fmt::format("{} bytes of events; at once {} can be", json.size(), k_cloud_event_batch_bytes),
                      std::string(where), "Send them in smaller batches");
  }
  auto parsed = parse_json(json);
  if (!parsed) {
    auto error = std::move(parsed).error();
    error.where = error.where.empty() ? std::string(where) : fmt::format("{}: {}", where, error.where);
    return error;
  }
  if (parsed.value().is_array()) return std::vector<Value>(parsed.value().as_array());
  if (parsed.value().is_object()) return std::vector<Value>{std::move(parsed).value()};
  return make_error(
      ErrorCode::invalid_input,
      fmt::format("an event is an object and a batch an array, and this is of type {}", parsed.value().type_name()),
      std::string(where));
}

std::string_view cloud_event_text(const Value& event, std::string_view attribute) {
  const Value* value = event.find(attribute);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

}  // namespace cairn
