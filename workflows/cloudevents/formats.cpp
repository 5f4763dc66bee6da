#include "workflows/cloudevents/formats.h"

#include "workflows/program/cloud_event.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
Result<Value> checked_cloud_event(const Value& event, std::string_view where) {
  if (const auto complaint = complaint_about(event)) {
    return make_error(ErrorCode::invalid_input, "no CloudEvent 1.0: " + *complaint, std::string(where));
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
