// Events: CloudEvents in, and what the bus keeps.

#include "server/api/api.h"
#include "server/api/input.h"
#include "workflows/cloudevents/http_binding.h"
#include "workflows/value/json.h"

#include <utility>

namespace cairn::server {
namespace {

constexpr std::uint64_t k_page = 100;
constexpr std::uint64_t k_largest_page = 1'000;

/// In any of the three modes. A page elsewhere can make a browser send text without asking, but none of these.
Result<std::vector<Value>> events_in(Request request) {
  CloudEventMessage message;
  for (auto& field : request.fields) message.headers.emplace_back(std::move(field.name), std::move(field.value));
  message.body = std::move(request.body);
  return read_message(message, "the body");
}

void publish(Request request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
  auto events = events_in(std::move(request));
  if (!events) return reply(problem(events.error()));
  api.door.ask(Value::object({{"op", Value::string("send")}, {"events", Value::array(std::move(events.value()))}}),
               std::move(reply));
}

void list_events(const Request& request, Reply reply, const Api& api) {
  constexpr std::uint64_t k_largest_number = 1ULL << 53U;
  std::uint64_t page = k_page;
  std::uint64_t after = 0;
  const auto asked = [&]() -> Result<Value> {
    CAIRN_TRY(check_query(request, {"after", "type", "source", "limit"}));
    CAIRN_TRY(const auto given, query_number(request, "after", 0, k_largest_number));
    after = given.value_or(0);
    CAIRN_TRY(const auto limit, query_number(request, "limit", 1, k_largest_page));
    page = limit.value_or(k_page);
    std::vector<Member> members{{"op", Value::string("bus")},
                                {"after", Value::unsigned_integer(after)},
                                {"limit", Value::unsigned_integer(page)}};
    for (const std::string_view name : {"type", "source"}) {
      if (const auto text = request.query_value(name)) {
        members.push_back({std::string(name), Value::string(std::string(*text))});
      }
    }
    return Value::object(std::move(members));
  }();
  if (!asked) return reply(problem(asked.error()));
  api.door.ask(asked.value(), [reply = std::make_shared<Reply>(std::move(reply)), page,
                               after](const Result<std::vector<Value>>& messages) {
    if (!messages) return (*reply)(problem(messages.error()));
    Array events;
    Value next;
    for (const auto& message : messages.value()) {
      const Value published = message.get("published");
      if (!published.is_null()) events.push_back(published);
    }
    const bool more = events.size() == page;
    next = events.empty() ? Value::unsigned_integer(after) : events.back().get("position");
    (*reply)(json_response(
        200,
        Value::object({{"events", Value::array(std::move(events))}, {"next", next}, {"more", Value::boolean(more)}})));
  });
}

/// A page of the lifecycle feed; gaps of what retention has removed stand in it.
void list_lifecycle(const Request& request, Reply reply, const Api& api) {
  std::uint64_t page = k_page;
  const auto asked = [&]() -> Result<Value> {
    CAIRN_TRY(check_query(request, {"after", "run", "workflow", "type", "limit"}));
    CAIRN_TRY(const auto limit, query_number(request, "limit", 1, k_largest_page));
    page = limit.value_or(k_page);
    std::vector<Member> members{{"op", Value::string("lifecycle")}, {"limit", Value::unsigned_integer(page)}};
    Array types;
    for (const auto& [name, text] : request.query) {
      if (name == "type") types.push_back(Value::string(text));
      if (name == "after" || name == "run" || name == "workflow") members.push_back({name, Value::string(text)});
    }
    if (!types.empty()) members.push_back({"types", Value::array(std::move(types))});
    return Value::object(std::move(members));
  }();
  if (!asked) return reply(problem(asked.error()));
  api.door.ask(asked.value(), [reply = std::make_shared<Reply>(std::move(reply)), page,
                               after = std::string(request.query_value("after").value_or("0"))](
                                  const Result<std::vector<Value>>& messages) {
    if (!messages) return (*reply)(problem(messages.error()));
    Array events;
    std::size_t told = 0;
    Value next = Value::string(after);
    for (const auto& message : messages.value()) {
      if (const Value gap = message.get("gap"); !gap.is_null()) {
        events.push_back(Value::object({{"gap", gap}}));
        next = Value::string(to_json(gap.get("through")));
      }
      if (const Value event = message.get("lifecycle"); !event.is_null()) {
        events.push_back(event);
        next = event.get("position");
        ++told;
      }
    }
    (*reply)(json_response(200, Value::object({{"events", Value::array(std::move(events))},
                                               {"next", next},
                                               {"more", Value::boolean(told == page)}})));
  });
}

}  // namespace

void add_event_routes(Router& router, const Api& api) {
  router.add("POST", "/v1/events",
             [api](Request request, Reply reply) { publish(std::move(request), std::move(reply), api); });
  router.add("GET", "/v1/lifecycle",
             [api](const Request& request, Reply reply) { list_lifecycle(request, std::move(reply), api); });
  router.add("GET", "/v1/events",
             [api](const Request& request, Reply reply) { list_events(request, std::move(reply), api); });
}

}  // namespace cairn::server
