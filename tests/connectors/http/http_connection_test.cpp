// Redirects, failures, and the pool of connections.
#include "tests/connectors/http/http_calls.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace cairn::test {
namespace {

using testing::HasSubstr;

// ---- redirects
// -------------------------------------------------------------------------------------------------------

TEST_F(HttpCalls, ARedirectIsAProblemNamingTheLocationUnlessTheCallFollowsThem) {
  const Problem problem = problem_in(get("/redirect/1"));
  EXPECT_EQ(problem.status, 302);
  EXPECT_THAT(problem.detail, HasSubstr("redirecting to /echo"));
  EXPECT_EQ(value_of(get("/redirect/3", R"({"redirect": true})")).get("path").as_string(), "/echo");
}

TEST_F(HttpCalls, TenRedirectsAreFollowedAndTheEleventhIsAProblem) {
  EXPECT_EQ(value_of(get("/redirect/10", R"({"redirect": true})")).get("path").as_string(), "/echo");
  const Problem problem = problem_in(get("/redirect/11", R"({"redirect": true})"));
  EXPECT_EQ(problem.status, 502);
  EXPECT_THAT(problem.detail, HasSubstr("more than 10 redirects"));
}

TEST_F(HttpCalls, AStatusOfTheThreeHundredsThatLeadsNowhereIsAnOutput) {
  const Value response = value_of(get("/status/304", R"({"redirect": true, "output": "response"})"));
  EXPECT_EQ(response.get("statusCode").as_int(), 304);
  EXPECT_EQ(problem_in(get("/status/400", R"({"redirect": true})")).status, 400);
}

TEST_F(HttpCalls, ARedirectedPostBecomesAGetExceptWhereTheMethodMustStay) {
  const auto redirected = [&](const std::string& method, int status) {
    return value_of(
        call(method, fmt::format("/redirect-to/{}?url=/echo", status), R"({"redirect": true, "body": {"a": 1}})"));
  };
  for (const int status : {301, 302, 303}) {
    const Value echoed = redirected("POST", status);
    EXPECT_EQ(echoed.get("method").as_string(), "GET") << status;
    EXPECT_EQ(echoed.get("body").as_string(), "");
    EXPECT_EQ(echoed.get("headers").find("content-type"), nullptr);
  }
  for (const int status : {307, 308}) {
    const Value echoed = redirected("POST", status);
    EXPECT_EQ(echoed.get("method").as_string(), "POST") << status;
    EXPECT_EQ(echoed.get("body").as_string(), R"({"a":1})");
  }
  EXPECT_EQ(redirected("PUT", 302).get("method").as_string(), "PUT");
  EXPECT_EQ(redirected("PUT", 303).get("method").as_string(), "GET");
}

TEST_F(HttpCalls, CredentialsAreNotSentOnToAnotherOrigin) {
  const StandIn other;
  const std::string more =
      R"({"redirect": true, "headers": {"Authorization": "Bearer t", "Cookie": "c", "X-Api-Key": "k", "X-Plain": "p"}})";
  const Value headers = value_of(get("/redirect-to/302?url=" + other.url("/echo"), more)).get("headers");
  EXPECT_EQ(headers.find("authorization"), nullptr);
  EXPECT_EQ(headers.find("cookie"), nullptr);
  EXPECT_EQ(headers.find("x-api-key"), nullptr);
  EXPECT_EQ(headers.get("x-plain").as_string(), "p");
  EXPECT_EQ(headers.get("idempotency-key").as_string(), "key-1");
  EXPECT_EQ(value_of(get("/redirect-to/302?url=/echo", more)).get("headers").get("authorization").as_string(),
            "Bearer t");
}

TEST_F(HttpCalls, ARedirectToAnotherProtocolIsRefused) {
  const Problem problem = problem_in(get("/redirect-to/302?url=file:///etc/passwd", R"({"redirect": true})"));
  EXPECT_EQ(kind_of(problem), "communication");
  EXPECT_THAT(problem.detail, HasSubstr("not an http or https URL"));
}

// ---- failures
// --------------------------------------------------------------------------------------------------------

TEST_F(HttpCalls, AnUnreachableHostIsACommunicationProblem503ThatNamesIt) {
  int port = 0;
  {
    port = StandIn().port();
  }
  Problem problem = problem_in(call("GET", "", fmt::format(R"({{"endpoint": "http://127.0.0.1:{}/"}})", port)));
  EXPECT_EQ(kind_of(problem), "communication");
  EXPECT_EQ(problem.status, 503);
  EXPECT_THAT(problem.detail, HasSubstr(fmt::format("127.0.0.1:{}", port)));
  problem = problem_in(call("GET", "", R"({"endpoint": "http://nowhere.invalid/x"})"));
  EXPECT_EQ(problem.status, 503);
  EXPECT_THAT(problem.detail, HasSubstr("nowhere.invalid"));
}

TEST_F(HttpCalls, NoAnswerInTimeIsATimeout) {
  HttpOptions impatient = options();
  impatient.total_timeout_ms = 150;
  use(impatient);
  const Problem problem = problem_in(get("/slow/20000"));
  EXPECT_EQ(kind_of(problem), "timeout");
  EXPECT_EQ(problem.status, 408);
}

TEST_F(HttpCalls, AnAnswerThatCannotBeTrustedIsACommunicationProblem502) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/half", "GET"},
      {"/garbage", "GET"},
      {"/broken-gzip", "GET"},
      {"/big/16777217", "larger than 16777216 bytes"},
      {"/bomb", "larger than 16777216 bytes"},
      {"/big-headers", "headers are larger than 262144 bytes"},
      {"/content?type=application/json&body=bm90anNvbg==", "says that it is application/json but its body is not"}};
  for (const auto& [path, message] : cases) {
    const Problem problem = problem_in(get(path));
    EXPECT_EQ(kind_of(problem), "communication") << path;
    EXPECT_EQ(problem.status, 502) << path << " " << problem.detail;
    EXPECT_THAT(problem.detail, HasSubstr(message)) << path;
  }
  EXPECT_EQ(value_of(get("/big/16777216")).as_string().size(), 16777216U);
}

TEST_F(HttpCalls, AServerThatClosesWithoutAnAnswerIsUnreachable) { EXPECT_EQ(problem_in(get("/silence")).status, 503); }

TEST_F(HttpCalls, APostSwallowedByAKeptConnectionIsNotSentAgain) {
  EXPECT_EQ(value_of(call("POST", "/once")).as_string(), "first");
  const Problem problem = problem_in(call("POST", "/once"));
  EXPECT_EQ(problem.status, 503);
  EXPECT_THAT(problem.detail, HasSubstr("may have been processed"));
  EXPECT_EQ(counted("posts"), 2);
  EXPECT_EQ(value_of(get("/once")).as_string(), "first")
      << "the connection of counted() was kept: a GET may go out again";
}

TEST_F(HttpCalls, AnUntrustedCertificateIsACommunicationProblemAndAKnownAuthorityIsTrusted) {
  const std::string folder = testing::TempDir();
  const std::string pem = folder + "/stand_in_cert.pem";
  const std::string key = folder + "/stand_in_key.pem";
  ASSERT_EQ(std::system(fmt::format("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stand-in "
                                    "-addext subjectAltName=IP:127.0.0.1 -keyout {} -out {} 2>/dev/null",
                                    key, pem)
                            .c_str()),
            0);
  const StandIn secure(pem + " " + key);
  const std::string more = fmt::format(R"({{"endpoint": "{}"}})", secure.url("/echo", "https"));
  const Problem problem = problem_in(call("GET", "", more));
  EXPECT_EQ(kind_of(problem), "communication");
  EXPECT_EQ(problem.status, 502);
  EXPECT_THAT(problem.detail, HasSubstr("certificate"));

  HttpOptions trusting = options();
  trusting.ca_file = pem;
  use(trusting);
  EXPECT_EQ(value_of(call("GET", "", more)).get("method").as_string(), "GET");
  const std::string downgrade = secure.url("/redirect-to/302?url=" + server->url("/echo"), "https");
  const Problem refused =
      problem_in(call("GET", "", fmt::format(R"({{"redirect": true, "endpoint": "{}"}})", downgrade)));
  EXPECT_THAT(refused.detail, HasSubstr("not encrypted"));
}

// ---- connections
// -----------------------------------------------------------------------------------------------------

TEST_F(HttpCalls, ConnectionsAreKeptAndUsedAgain) {
  const auto before = counted("connections");
  for (int i = 0; i < 10; ++i) value_of(get("/echo"));
  EXPECT_EQ(counted("connections"), before);
}

TEST_F(HttpCalls, ManyCallsRunAtOnceOverAtMostTheAllowedConnections) {
  HttpOptions narrow = options();
  narrow.max_per_host = 4;
  use(narrow);
  const auto before = counted("connections");
  std::vector<std::optional<EffectOutcome>> outcomes(20);
  std::vector<std::unique_ptr<RunningEffect>> running;
  const Value arguments =
      Value::object({{"method", Value::string("get")}, {"endpoint", endpoint(server->url("/slow/30"))}});
  for (auto& outcome : outcomes) running.push_back(runner_.start(connector(), arguments, outcome));
  runner_.run_until(
      [&] { return std::all_of(outcomes.begin(), outcomes.end(), [](const auto& o) { return o.has_value(); }); },
      std::chrono::seconds(5));
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(value_of(*outcome).as_string(), "at last");
  }
  EXPECT_LE(counted("connections"), before + 3);
}

TEST_F(HttpCalls, DestroyingTheEffectAbortsTheRequestAndReportsNothing) {
  const auto before = counted("aborted");
  std::optional<EffectOutcome> outcome;
  auto running = runner_.start(
      connector(),
      Value::object({{"method", Value::string("get")}, {"endpoint", endpoint(server->url("/slow/20000"))}}), outcome);
  runner_.run_for(std::chrono::milliseconds(50));
  running.reset();
  EXPECT_TRUE(runner_.run_until([&] { return counted("aborted") == before + 1; }, std::chrono::seconds(5)));
  EXPECT_FALSE(outcome.has_value());
}

TEST_F(HttpCalls, AnEffectDestroyedBeforeItsReportReportsNothing) {
  std::optional<EffectOutcome> outcome;
  {
    const auto running = runner_.start(connector(), json(R"({"method": "get"})"), outcome);
  }
  runner_.run_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(outcome.has_value());
}

TEST_F(HttpCalls, AClientThatGoesAwayEndsItsRequests) {
  std::optional<EffectOutcome> outcome;
  use(options());
  auto running = runner_.start(
      connector(),
      Value::object({{"method", Value::string("get")}, {"endpoint", endpoint(server->url("/slow/20000"))}}), outcome);
  runner_.run_for(std::chrono::milliseconds(20));
  connector_.reset();
  client_.reset();
  runner_.run_for(std::chrono::milliseconds(20));
  running.reset();
  EXPECT_FALSE(outcome.has_value());
}

}  // namespace
}  // namespace cairn::test
