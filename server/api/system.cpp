// The server itself: is it well, what does it do, what does it offer.

#include "server/api/api.h"
#include "server/api/input.h"
#include "server/api/metrics.h"
#include "server/api/openapi.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::server {
namespace {

/// What keeps the engine from taking work; on its thread.
std::optional<Error> unready(const Engine& engine) {
  if (engine.stopped_by()) return engine.stopped_by();
  return engine.trouble();
}

void ready(Reply reply, const Api& api) {
  api.door.enter([door = api.door, reply = std::make_shared<Reply>(std::move(reply))] {
    const auto trouble = unready(door.engine());
    (*reply)(trouble ? problem(*trouble) : json_response(200, Value::object({{"status", Value::string("ready")}})));
  });
}

void metrics(Reply reply, const Api& api) {
  api.door.enter([api, reply = std::make_shared<Reply>(std::move(reply))] {
    (*reply)(text_response(200, "text/plain; version=0.0.4; charset=utf-8",
                           metrics_text(api.door.engine(), api.status(), api.deployed->all().size())));
  });
}

}  // namespace

void add_system_routes(Router& router, const Api& api) {
  router.add("GET", "/healthz", [](const Request&, Reply reply) {
    reply(json_response(
        200, Value::object({{"status", Value::string("alive")}, {"version", Value::string(CAIRN_VERSION)}})));
  });
  router.add("GET", "/readyz", [api](const Request&, Reply reply) { ready(std::move(reply), api); });
  router.add("GET", "/metrics", [api](const Request&, Reply reply) { metrics(std::move(reply), api); });
  router.add("GET", "/openapi.json",
             [](const Request&, Reply reply) { reply(json_response(200, openapi_document())); });
  router.add("GET", "/v1/sinks", [api](const Request& request, Reply reply) {
    if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
    api.door.ask(Value::object({{"op", Value::string("sinks")}}), std::move(reply));
  });
  router.add("GET", "/v1/limits", [api](const Request& request, Reply reply) {
    if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
    api.door.ask(Value::object({{"op", Value::string("limits")}}), std::move(reply));
  });
  router.add("GET", "/v1/faults", [api](const Request& request, Reply reply) {
    if (auto checked = check_query(request, {"workflow"}); !checked) return reply(problem(checked.error()));
    std::vector<Member> members{{"op", Value::string("faults")}};
    if (const auto workflow = request.query_value("workflow")) {
      members.push_back({"workflow", Value::string(std::string(*workflow))});
    }
    api.door.ask(Value::object(std::move(members)), std::move(reply));
  });
}

Router make_router(const Api& api) {
  Router router;
  router.guard([](const Request& request) -> std::optional<Response> {
    const auto coding = request.field("Content-Encoding");
    if (!coding || *coding == "identity") return std::nullopt;
    return problem(415, "Bodies are taken as they are, without a content coding.");
  });
  add_start_routes(router, api);
  add_run_routes(router, api);
  add_workflow_routes(router, api);
  add_event_routes(router, api);
  add_schedule_routes(router, api);
  add_approval_routes(router, api);
  add_system_routes(router, api);
  return router;
}

}  // namespace cairn::server
