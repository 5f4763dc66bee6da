// Schedules: what starts by itself.

#include "server/api/api.h"
#include "server/api/input.h"

#include <utility>

namespace cairn::server {
namespace {

void steer(std::string_view what, const Request& request, Reply reply, const Api& api) {
  const auto asked = [&]() -> Result<Value> {
    CAIRN_TRY(check_query(request, {}));
    CAIRN_TRY(const auto body, json_body(request));
    std::vector<Member> members{{"op", Value::string("schedule")},
                                {"schedule", Value::string(std::string(request.parameter("namespace")) + "/" +
                                                           std::string(request.parameter("name")))},
                                {"do", Value::string(std::string(what))},
                                {"secrets", api.secrets}};
    if (body && !body->is_object()) return make_error(ErrorCode::invalid_usage, "the body is an object, or empty");
    if (!body) return Value::object(std::move(members));
    for (const auto& [name, value] : body->as_object()) {
      const bool known = what == "backfill" && (name == "from" || name == "to" || name == "dryRun");
      if (!known) {
        return make_error(ErrorCode::invalid_usage,
                          what == "backfill" ? "the body is {\"from\": TIME, \"to\": TIME, \"dryRun\": BOOLEAN}"
                                             : "this takes no body");
      }
      members.push_back({name, value});
    }
    return Value::object(std::move(members));
  }();
  if (!asked) return reply(problem(asked.error()));
  api.door.ask(asked.value(), std::move(reply));
}

}  // namespace

void add_schedule_routes(Router& router, const Api& api) {
  router.add("GET", "/v1/schedules", [api](const Request& request, Reply reply) {
    if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
    api.door.ask(Value::object({{"op", Value::string("schedules")}}), std::move(reply));
  });
  for (const std::string_view what : {"pause", "continue", "trigger", "backfill"}) {
    router.add("POST", "/v1/schedules/{namespace}/{name}/" + std::string(what),
               [api, what](const Request& request, Reply reply) { steer(what, request, std::move(reply), api); });
  }
}

}  // namespace cairn::server
