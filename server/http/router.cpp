#include "server/http/router.h"

#include "workflows/core/assert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cairn::server {

Reply::~Reply() {
  if (sink_) sink_(problem(make_error(ErrorCode::unavailable, "the server is ending", {}, "Try again soon")));
}

void Reply::operator()(Response response) {
  const Sink sink = std::exchange(sink_, nullptr);
  CAIRN_ASSERT(sink != nullptr, "a request is answered once");
  sink(std::move(response));
}

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  Route route{std::string(method), std::string(pattern), {}, std::move(handler)};
  std::string_view rest = pattern.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    const std::string_view text = rest.substr(0, slash);
    const bool is_name = text.starts_with('{');
    route.segments.push_back({std::string(is_name ? text.substr(1, text.size() - 2) : text), is_name});
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  routes_.push_back(std::move(route));
}

void Router::guard(Guard guard) { guards_.push_back(std::move(guard)); }

bool Router::fits(const Route& route, const std::vector<std::string>& path) {
  return std::ranges::equal(route.segments, path, [](const Segment& segment, const std::string& text) {
    return segment.is_name ? !text.empty() : segment.text == text;
  });
}

void Router::route(Request request, Reply reply) const {
  for (const auto& guard : guards_) {
    if (auto refused = guard(request)) {
      reply(std::move(*refused));
      return;
    }
  }
  const std::string_view wanted = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::vector<std::string_view> allowed;
  for (const auto& route : routes_) {
    if (!fits(route, request.path)) continue;
    if (route.method != wanted) {
      if (std::ranges::find(allowed, route.method) != allowed.end()) continue;
      allowed.push_back(route.method);
      if (route.method == "GET") allowed.push_back("HEAD");
      continue;
    }
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
      if (route.segments[i].is_name) request.parameters.emplace_back(route.segments[i].text, request.path[i]);
    }
    route.handler(std::move(request), std::move(reply));
    return;
  }
  if (allowed.empty()) {
    reply(problem(404, "There is nothing at this path. /openapi.json lists what there is."));
    return;
  }
  allowed.push_back("OPTIONS");
  const std::string list = fmt::format("{}", fmt::join(allowed, ", "));
  Response response =
      request.method == "OPTIONS" ? empty_response(204) : problem(405, fmt::format("This path takes {}.", list));
  response.add("Allow", list);
  reply(std::move(response));
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> names;
  for (const auto& route : routes_) names.push_back(route.method + " " + route.pattern);
  return names;
}

}  // namespace cairn::server
