#include "connectors/broker/incoming.h"

#include "workflows/cloudevents/formats.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

std::string source_of(const IncomingOptions& options) {
  return options.source.empty() ? "urn:cairn:source:" + options.name : options.source;
}

/// The field that has the JSON; nullptr: none has.
const std::string* payload_of(const BrokerMessage& message, const IncomingOptions& options) {
  if (message.fields.size() == 1) return &message.fields.front().second;
  const auto found = std::ranges::find(message.fields, options.field,
                                       [](const auto& field) -> const std::string& { return field.first; });
  return found == message.fields.end() ? nullptr : &found->second;
}

Value event_with(const BrokerMessage& message, std::string source, std::string_view type, std::string_view data_name,
                 Value data) {
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(utf8_lossy(message.id))},
                        {"source", Value::string(std::move(source))},
                        {"type", Value::string(std::string(type))},
                        {data_name, std::move(data)}});
}

Value rejected(const BrokerMessage& message, const IncomingOptions& options, std::string reason) {
  const std::string* payload = payload_of(message, options);
  std::string text;
  if (payload != nullptr) {
    text = *payload;
  } else {
    for (const auto& [name, value] : message.fields) text += name + "=" + value + "\n";
  }
  const std::size_t bytes = text.size();
  std::vector<Member> data{{"reason", Value::string(utf8_lossy(reason))}};
  if (is_valid_utf8(text)) {
    if (bytes > k_rejected_bytes) text.resize(utf8_boundary(text, k_rejected_bytes));
    data.push_back({"message", Value::string(std::move(text))});
  } else {
    text.resize(std::min(bytes, k_rejected_bytes));
    data.push_back({"messageBase64", Value::string(encode_base64(text))});
  }
  data.push_back({"bytes", Value::unsigned_integer(bytes)});
  return event_with(message, "urn:cairn:source:" + options.name, k_rejected_type, "data",
                    Value::object(std::move(data)));
}

Result<std::vector<Value>> structured(const BrokerMessage& message, const IncomingOptions& options) {
  const std::string* payload = payload_of(message, options);
  if (payload == nullptr) {
    return make_error(ErrorCode::invalid_input, fmt::format("it has no field '{}'", options.field));
  }
  CAIRN_TRY(auto events, parse_cloud_events(*payload, "message"));
  if (events.size() > k_events_a_message) {
    return make_error(ErrorCode::limit_exceeded,
                      fmt::format("it holds {} events, and may hold {}", events.size(), k_events_a_message));
  }
  for (auto& event : events) {
    CAIRN_TRY(event, checked_cloud_event(event, "message"));
  }
  return events;
}

Value text_or_bytes(const std::string& text, std::string_view& data_name) {
  if (is_valid_utf8(text)) return Value::string(text);
  data_name = "data_base64";
  return Value::string(encode_base64(text));
}

Result<std::vector<Value>> wrapped(const BrokerMessage& message, const IncomingOptions& options) {
  std::string_view data_name = "data";
  Value data;
  if (const std::string* payload = payload_of(message, options)) {
    auto parsed = parse_json(*payload);
    data = parsed ? std::move(parsed).value() : text_or_bytes(*payload, data_name);
  } else {
    std::vector<Member> members;
    for (const auto& [name, value] : message.fields) {
      members.push_back({utf8_lossy(name), Value::string(utf8_lossy(value))});
    }
    data = Value::object(std::move(members));
  }
  CAIRN_TRY(auto event,
            checked_cloud_event(event_with(message, source_of(options), options.type, data_name, std::move(data)),
                                "message"));
  return std::vector<Value>{std::move(event)};
}

}  // namespace

std::vector<Value> events_of(const BrokerMessage& message, const IncomingOptions& options) {
  auto events = options.type.empty() ? structured(message, options) : wrapped(message, options);
  if (events) return std::move(events).value();
  return {rejected(message, options, events.error().message)};
}

}  // namespace cairn
