#include "workflows/cloudevents/http_binding.h"

#include "workflows/cloudevents/formats.h"
#include "workflows/program/cloud_event.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace cairn {
namespace {

constexpr std::string_view k_prefix = "ce-";
constexpr std::string_view k_utf8 = "; charset=UTF-8";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_of(std::string_view content_type) {
  std::string media = lower_case(content_type.substr(0, content_type.find(';')));
  std::erase_if(media, [](char c) { return c == ' ' || c == '\t'; });
  return media;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// What a quoted string of HTTP holds.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

/// The body as a member of the event; nothing: it has no data.
Result<std::optional<Member>> data_member(const std::string& body, const std::string* content_type,
                                          std::string_view where) {
  if (body.empty()) return std::optional<Member>();
  const MediaKind kind = content_type == nullptr ? MediaKind::other : kind_of_media(std::string_view(*content_type));
  if (kind == MediaKind::other) return std::optional(Member{"data_base64", Value::string(encode_base64(body))});
  if (kind == MediaKind::text) {
    if (is_valid_utf8(body)) return std::optional(Member{"data", Value::string(body)});
    return std::optional(Member{"data_base64", Value::string(encode_base64(body))});  // of another charset: as it is
  }
  auto parsed = parse_json(body);
  if (!parsed) {
    Error error = parsed.error();
    error.where = error.where.empty() ? std::string(where) : fmt::format("{}: {}", where, error.where);
    return error;
  }
  return std::optional(Member{"data", std::move(parsed).value()});
}

Result<Value> read_binary(const CloudEventMessage& message, const std::string* content_type, std::string_view where) {
  std::vector<Member> members;
  for (const auto& [header, text] : message.headers) {
    const std::string name = lower_case(header);
    if (!name.starts_with(k_prefix)) continue;
    const std::string attribute = name.substr(k_prefix.size());
    const auto complain = [&](std::string_view what) {
      return make_error(ErrorCode::invalid_input, fmt::format("header '{}' {}", name, what), std::string(where));
    };
    if (attribute == "datacontenttype" || attribute == "data" || attribute == "data_base64") {
      return complain("is none: the body is the data, and Content-Type its type");
    }
    if (std::ranges::find(members, attribute, &Member::name) != members.end()) return complain("comes twice");
    std::string decoded = decode_attribute(text);
    if (!is_valid_utf8(decoded)) return complain("is not UTF-8");
    members.push_back({attribute, Value::string(std::move(decoded))});
  }
  if (content_type != nullptr) {
    if (!is_valid_utf8(*content_type)) {
      return make_error(ErrorCode::invalid_input, "the Content-Type is not UTF-8", std::string(where));
    }
    members.push_back({"datacontenttype", Value::string(*content_type)});
  }
  CAIRN_TRY(auto data, data_member(message.body, content_type, where));
  if (data) members.push_back(std::move(*data));
  return Value::object(std::move(members));
}

}  // namespace

std::string encode_attribute(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '"' && c != '%') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

std::string decode_attribute(std::string_view text) {
  const std::string inner = unquoted(text);
  std::string out;
  out.reserve(inner.size());
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const auto high = inner[i] == '%' && i + 2 < inner.size() ? hex_digit(inner[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(inner[i + 2]) : std::nullopt;
    if (low) {
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += inner[i];
    }
  }
  return out;
}

CloudEventMessage binary_message(const Value& event) {
  CloudEventMessage message;
  const Value raw = read_event(event, EventRead::raw);
  if (raw.is_string()) message.body = decode_base64(raw.as_string()).value();
  const Value* type = event.find("datacontenttype");
  if (type != nullptr && type->is_string()) {
    message.headers.emplace_back("Content-Type", type->as_string());
  } else if (event.find("data") != nullptr) {
    message.headers.emplace_back("Content-Type", "application/json");  // what the JSON format leaves unsaid
  }
  for (const auto& [name, value] : event.as_object()) {
    if (name == "data" || name == "data_base64" || name == "datacontenttype" || value.is_null()) continue;
    const std::string text = value.is_string() ? value.as_string() : to_json(value);
    message.headers.emplace_back(std::string(k_prefix) + name, encode_attribute(text));
  }
  return message;
}

CloudEventMessage structured_message(const Value& event) {
  return {{{"Content-Type", std::string(k_structured_media).append(k_utf8)}}, to_json(event)};
}

CloudEventMessage batch_message(const std::vector<Value>& events) {
  return {{{"Content-Type", std::string(k_batch_media).append(k_utf8)}},
          to_json(Value::array(Array(events.begin(), events.end())))};
}

Result<std::vector<Value>> read_message(const CloudEventMessage& message, std::string_view where) {
  const std::string* content_type = nullptr;
  bool has_attributes = false;
  for (const auto& [header, text] : message.headers) {
    const std::string name = lower_case(header);
    if (name == "content-type") content_type = &text;
    has_attributes = has_attributes || name.starts_with(k_prefix);
  }
  const std::string media = content_type == nullptr ? std::string() : media_of(*content_type);
  if (media == k_structured_media || media == k_batch_media) {
    CAIRN_TRY(auto events, parse_cloud_events(message.body, where));
    const auto first = message.body.find_first_not_of(" \t\r\n");
    const bool is_array = first != std::string::npos && message.body[first] == '[';
    if (is_array == (media == k_batch_media)) return events;
    return make_error(ErrorCode::invalid_input,
                      is_array ? "an array of events, and the Content-Type says that it is one event"
                               : "one event, and the Content-Type says that it is an array of them",
                      std::string(where),
                      fmt::format("An array is {}, one event {}", k_batch_media, k_structured_media));
  }
  if (media.starts_with("application/cloudevents")) {
    return make_error(ErrorCode::invalid_input, fmt::format("events of the format {} cannot be read", media),
                      std::string(where), "Send them as JSON");
  }
  if (!has_attributes) {
    return make_error(
        ErrorCode::invalid_input,
        "no CloudEvent: there are no headers ce-…, and the Content-Type is not " + std::string(k_structured_media),
        std::string(where), "Say ce-specversion, ce-id, ce-source and ce-type in headers, or send the event as JSON");
  }
  if (message.body.size() > k_cloud_event_bytes) {
    return make_error(ErrorCode::limit_exceeded,
                      fmt::format("an event may hold {} bytes, and this one is larger", k_cloud_event_bytes),
                      std::string(where), "Store what is large elsewhere, and send where it is");
  }
  CAIRN_TRY(auto event, read_binary(message, content_type, where));
  return std::vector<Value>{std::move(event)};
}

}  // namespace cairn
