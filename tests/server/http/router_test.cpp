#include "server/http/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace cairn::server {
namespace {

/// Routes a request and keeps its answer.
Response answer_of(const Router& router, std::string method, std::string target) {
  Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  EXPECT_TRUE(read_target(request));
  std::optional<Response> kept;
  router.route(std::move(request), Reply([&kept](Response response) { kept = std::move(response); }));
  EXPECT_TRUE(kept.has_value());
  return kept.value_or(Response{});
}

std::string text_of(const Response& response) { return std::get<std::string>(response.body); }

Router example() {
  Router router;
  router.add("GET", "/runs", [](const Request&, Reply reply) { reply(text_response(200, "text/plain", "list")); });
  router.add("GET", "/runs/{run}", [](const Request& request, Reply reply) {
    reply(text_response(200, "text/plain", "run " + std::string(request.parameter("run"))));
  });
  router.add("POST", "/runs/{run}/cancel",
             [](const Request&, Reply reply) { reply(text_response(200, "text/plain", "cancelled")); });
  router.add("GET", "/silent", [](const Request&, const Reply&) {});
  return router;
}

TEST(Router, PassesTheNamesOfThePattern) {
  EXPECT_EQ(text_of(answer_of(example(), "GET", "/runs/a%2Fb")), "run a/b");
  EXPECT_EQ(text_of(answer_of(example(), "GET", "/runs")), "list");
}

TEST(Router, AnEmptySegmentIsNoName) {
  EXPECT_EQ(answer_of(example(), "GET", "/runs/").status, 404U);
  EXPECT_EQ(answer_of(example(), "POST", "/runs//cancel").status, 404U);
}

TEST(Router, HeadGoesWhereGetGoes) { EXPECT_EQ(answer_of(example(), "HEAD", "/runs").status, 200U); }

TEST(Router, AnotherMethodIsToldWhatThePathTakes) {
  const Response response = answer_of(example(), "DELETE", "/runs/1");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.fields.back().name, "Allow");
  EXPECT_EQ(response.fields.back().value, "GET, HEAD, OPTIONS");
  EXPECT_EQ(answer_of(example(), "OPTIONS", "/runs/1/cancel").status, 204U);
  EXPECT_EQ(answer_of(example(), "OPTIONS", "/nothing").status, 404U);
}

TEST(Router, ARequestThatNobodyAnswersIsAnsweredAllTheSame) {
  EXPECT_EQ(answer_of(example(), "GET", "/silent").status, 503U);
}

TEST(Router, AGuardAnswersBeforeAnyHandlerDoes) {
  Router router = example();
  router.guard([](const Request& request) -> std::optional<Response> {
    if (request.method == "GET") return std::nullopt;
    return problem(403, "no");
  });
  EXPECT_EQ(answer_of(router, "GET", "/runs").status, 200U);
  EXPECT_EQ(answer_of(router, "POST", "/runs/1/cancel").status, 403U);
  EXPECT_EQ(answer_of(router, "POST", "/nothing").status, 403U);
}

}  // namespace
}  // namespace cairn::server
