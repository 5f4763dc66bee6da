// Runs: looking at them, and steering them.

#include "server/api/api.h"
#include "server/api/input.h"

#include <array>
#include <utility>

namespace cairn::server {
namespace {

constexpr std::uint64_t k_page = 100;
constexpr std::uint64_t k_largest_page = 1'000;
/// Lines of the index that one page looks at: a filter that little fits costs requests, not the engine's time.
constexpr std::uint64_t k_scanned = 20'000;

using Members = std::vector<Member>;

/// A request of the service about the run that the path names.
Value about_run(std::string_view op, const Request& request) {
  return Value::object(
      {{"op", Value::string(std::string(op))}, {"run", Value::string(std::string(request.parameter("run")))}});
}

/// All of them, or those of the workflow that the path names.
void list_runs(const Request& request, Reply reply, const Api& api) {
  const auto asked = [&]() -> Result<Value> {
    const bool of_one = !request.parameter("name").empty();
    CAIRN_TRY(of_one ? check_query(request, {"status", "since", "limit", "before"})
                     : check_query(request, {"status", "workflow", "since", "limit", "before"}));
    CAIRN_TRY(const auto limit, query_number(request, "limit", 1, k_largest_page));
    Members members{{"op", Value::string("runs")},
                    {"limit", Value::unsigned_integer(limit.value_or(k_page))},
                    {"scan", Value::unsigned_integer(k_scanned)}};
    if (of_one) {
      members.push_back({"workflow", Value::string(std::string(request.parameter("namespace")) + "/" +
                                                   std::string(request.parameter("name")))});
    }
    for (const std::string_view name : {"status", "workflow", "since", "before"}) {
      if (const auto text = request.query_value(name)) {
        members.push_back({std::string(name), Value::string(std::string(*text))});
      }
    }
    return Value::object(std::move(members));
  }();
  if (!asked) return reply(problem(asked.error()));
  api.door.ask(asked.value(), std::move(reply));
}

void run_events(const Request& request, Reply reply, const Api& api) {
  constexpr std::uint64_t k_largest_number = 1ULL << 53U;
  const auto asked = [&]() -> Result<std::pair<Value, std::uint64_t>> {
    CAIRN_TRY(check_query(request, {"from", "limit"}));
    CAIRN_TRY(const auto from, query_number(request, "from", 1, k_largest_number));
    CAIRN_TRY(const auto limit, query_number(request, "limit", 1, k_largest_page));
    return std::pair(about_run("events", request).with("from", Value::unsigned_integer(from.value_or(1))),
                     limit.value_or(k_page));
  }();
  if (!asked) return reply(problem(asked.error()));
  const auto& [question, limit] = asked.value();
  // One more than is shown, to know where the next page begins.
  api.door.ask(
      question,
      [reply = std::make_shared<Reply>(std::move(reply)), most = limit](const Result<std::vector<Value>>& messages) {
        if (!messages) return (*reply)(problem(messages.error()));
        Array events;
        Value next;
        for (const auto& message : messages.value()) {
          const Value event = message.get("event");
          if (event.is_null()) break;  // the last message
          if (events.size() == most) {
            next = event.get("number");
            break;
          }
          events.push_back(event);
        }
        (*reply)(json_response(200, Value::object({{"events", Value::array(std::move(events))}, {"next", next}})));
      },
      limit + 1);
}

void run_state(const Request& request, Reply reply, const Api& api) {
  constexpr std::uint64_t k_largest_number = 1ULL << 53U;
  const auto asked = [&]() -> Result<Value> {
    CAIRN_TRY(check_query(request, {"at"}));
    CAIRN_TRY(const auto at, query_number(request, "at", 1, k_largest_number));
    Value question = about_run("replay", request);
    return at ? question.with("at", Value::unsigned_integer(*at)) : question;
  }();
  if (!asked) return reply(problem(asked.error()));
  api.door.ask(asked.value(), std::move(reply), "state");
}

/// {"reason": TEXT} or nothing.
Result<std::string> reason_of_body(const Request& request) {
  CAIRN_TRY(const auto body, json_body(request));
  if (!body) return std::string();
  const Value reason = body->get("reason");
  if (!body->is_object() || !(reason.is_null() || reason.is_string())) {
    return make_error(ErrorCode::invalid_usage, "the body is {\"reason\": TEXT} or empty");
  }
  return reason.is_string() ? reason.as_string() : std::string();
}

void command(std::string_view name, const Request& request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
  const auto reason = reason_of_body(request);
  if (!reason) return reply(problem(reason.error()));
  api.door.ask(about_run("command", request)
                   .with("command", Value::string(std::string(name)))
                   .with("reason", Value::string(reason.value())),
               std::move(reply));
}

void retry(const Request& request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
  if (!request.body.empty()) {
    return reply(problem(make_error(ErrorCode::unsupported, "a retry begins at the start, with the input as it was", {},
                                    "Send no body")));
  }
  api.door.ask(
      about_run("retry", request).with("secrets", api.secrets),
      [reply = std::make_shared<Reply>(std::move(reply))](const Result<std::vector<Value>>& messages) {
        if (!messages) return (*reply)(problem(messages.error()));
        const Value& told = messages.value().back();
        const Value retried = told.get("retried");
        if (retried.is_array() && !retried.as_array().empty()) {
          const Value& one = retried.as_array().front();
          Response response = json_response(
              202,
              Value::object({{"run", one.get("as")}, {"retryOf", one.get("run")}, {"existing", one.get("existing")}}));
          response.add("Location", "/v1/runs/" + one.get("as").as_string());
          return (*reply)(std::move(response));
        }
        const Value refused = told.get("refused");
        if (refused.is_array() && !refused.as_array().empty()) {
          if (const auto error = error_in(refused.as_array().front())) return (*reply)(problem(*error));
        }
        (*reply)(problem(make_error(ErrorCode::internal, "the retry was neither taken nor refused")));
      });
}

void set_priority(const Request& request, Reply reply, const Api& api) {
  const auto priority = [&]() -> Result<Value> {
    CAIRN_TRY(check_query(request, {}));
    CAIRN_TRY(const auto body, json_body(request));
    const Value wanted = body ? body->get("priority") : Value();
    if (!wanted.is_integer()) {
      return make_error(ErrorCode::invalid_usage, "the body is {\"priority\": N}, with N from 0 to 9");
    }
    return wanted;
  }();
  if (!priority) return reply(problem(priority.error()));
  api.door.ask(about_run("priority", request).with("priority", priority.value()), std::move(reply));
}

}  // namespace

void add_run_routes(Router& router, const Api& api) {
  const auto add = [&](std::string_view method, std::string_view pattern, auto handle) {
    router.add(method, pattern,
               [api, handle](const Request& request, Reply reply) { handle(request, std::move(reply), api); });
  };
  const auto view = [&](std::string_view pattern, std::string_view op, std::string_view part) {
    add("GET", pattern, [op, part](const Request& request, Reply reply, const Api& of) {
      if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
      of.door.ask(about_run(op, request), std::move(reply), part);
    });
  };
  add("GET", "/v1/runs", list_runs);
  add("GET", "/v1/workflows/{namespace}/{name}/runs", list_runs);
  view("/v1/runs/{run}", "show", "run");
  add("GET", "/v1/runs/{run}/events", run_events);
  add("GET", "/v1/runs/{run}/state", run_state);
  view("/v1/runs/{run}/why", "why", "");
  view("/v1/runs/{run}/graph", "graph", "");
  for (const std::string_view name : {"suspend", "continue", "cancel"}) {
    add("POST", "/v1/runs/{run}/" + std::string(name),
        [name](const Request& request, Reply reply, const Api& of) { command(name, request, std::move(reply), of); });
  }
  add("POST", "/v1/runs/{run}/retry", retry);
  add("PUT", "/v1/runs/{run}/priority", set_priority);
}

}  // namespace cairn::server
