// What a response becomes.
#include "tests/connectors/http/http_calls.h"
#include "workflows/value/base64.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <vector>

namespace cairn::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// ---- the response
// ----------------------------------------------------------------------------------------------------

TEST_F(HttpCalls, ContentIsDataForJsonTextForTextAndBase64ForTheRest) {
  struct Case {
    std::string type;
    std::string body;
    Value expected;
  };
  const std::string latin = "caf\xE9";
  const std::string bytes("\x00\x01\xFF", 3);
  const std::vector<Case> cases = {
      {"application/json", R"({"a": 18446744073709551615})", json(R"({"a": 18446744073709551615})")},
      {"application/vnd.api%2Bjson; charset=utf-8", "[1]", json("[1]")},
      {"application/json", "\xEF\xBB\xBF[1]", json("[1]")},
      {"text/html; charset=utf-8", "<p>ü</p>", Value::string("<p>ü</p>")},
      {"text/plain; charset=iso-8859-1", latin, Value::string("café")},
      {"application/xml", "<a/>", Value::string("<a/>")},
      {"text/plain", latin, Value::string(encode_base64(latin))},
      {"image/png", bytes, Value::string(encode_base64(bytes))},
      {"", "abc", Value::string(encode_base64("abc"))},
      {"application/json", "", Value::null()},
  };
  for (const auto& [type, body, expected] : cases) {
    std::string encoded = encode_base64(body);
    std::string escaped;
    for (const char c : encoded) escaped += c == '+' ? "%2B" : std::string(1, c);
    EXPECT_EQ(value_of(get("/content?body=" + escaped + (type.empty() ? "" : "&type=" + type))), expected)
        << type << " " << body;
  }
}

TEST_F(HttpCalls, RawIsTheContentInBase64Undecoded) {
  EXPECT_EQ(value_of(get("/content?type=application/json&body=bm90anNvbg==", R"({"output": "raw"})")).as_string(),
            "bm90anNvbg==");
}

TEST_F(HttpCalls, ResponseHasRequestStatusHeadersAndContent) {
  const Value response = value_of(get("/headers", R"({"output": "response", "query": {"q": "1", "api_key": "s3cret"},
      "headers": {"authorization": "Bearer s3cret", "cookie": "s3cret", "x-api-key": "s3cret", "x-plain": "seen"}})"));
  EXPECT_EQ(response.get("statusCode").as_int(), 200);
  EXPECT_EQ(response.get("content"), json("{}"));
  EXPECT_EQ(response.get("headers").get("Content-Type").as_string(), "application/json");
  EXPECT_EQ(response.get("headers").get("Set-Cookie").as_string(), "a=1, b=2");
  EXPECT_EQ(response.get("headers").get("X-Lower-Case").as_string(), "v");
  const Value request = response.get("request");
  EXPECT_EQ(request.get("method").as_string(), "GET");
  EXPECT_EQ(request.get("uri").as_string(), server->url("/headers?q=1&api_key=***"));
  EXPECT_EQ(request.get("headers").get("X-Plain").as_string(), "seen");
  EXPECT_EQ(request.get("headers").get("Idempotency-Key").as_string(), "key-1");
  EXPECT_EQ(request.get("headers").get("Authorization").as_string(), "***");
  EXPECT_THAT(to_json(response), Not(HasSubstr("s3cret")));
}

TEST_F(HttpCalls, HeadHasHeadersAndNoContent) {
  const Value response = value_of(call("HEAD", "/big/100", R"({"output": "response"})"));
  EXPECT_EQ(response.get("headers").get("Content-Length").as_string(), "100");
  EXPECT_TRUE(response.get("content").is_null());
}

TEST_F(HttpCalls, AnEmptyAnswerIsNull) { EXPECT_TRUE(value_of(call("DELETE", "/status/204")).is_null()); }

TEST_F(HttpCalls, CompressedAndChunkedBodiesAreUnpacked) {
  EXPECT_EQ(value_of(get("/gzip")), json(R"({"packed": true})"));
  EXPECT_EQ(value_of(get("/chunked")), json(R"({"a": 1, "b": 2})"));
}

TEST_F(HttpCalls, AStatusOutsideTheTwoHundredsIsACommunicationProblemWithThatStatus) {
  for (const int status : {400, 401, 404, 429, 500, 503}) {
    const Problem problem = problem_in(get(fmt::format("/status/{}?body=because", status)));
    EXPECT_EQ(kind_of(problem), "communication");
    EXPECT_EQ(problem.status, status);
    EXPECT_EQ(problem.detail,
              fmt::format("GET {} answered {}: because", server->url(fmt::format("/status/{}", status)), status));
  }
  EXPECT_EQ(problem_in(get("/status/404")).title, "Not Found");
  EXPECT_EQ(problem_in(get("/status/418?reason=Tea%20Only")).title, "Tea Only");
}

TEST_F(HttpCalls, AProblemShowsTheBeginningOfTheBodyAndNoCredentials) {
  const Problem problem = problem_in(
      call("GET", "",
           fmt::format(R"({{"endpoint": "http://user:s3cret@127.0.0.1:{}/status/500?body={}&token=s3cret"}})",
                       server->port(), std::string(3000, 'b'))));
  EXPECT_THAT(problem.detail, AllOf(HasSubstr("/status/500 answered"), HasSubstr("bbb…"), Not(HasSubstr("s3cret")),
                                    Not(HasSubstr("?"))));
  EXPECT_LT(problem.detail.size(), 1200U);
}

}  // namespace
}  // namespace cairn::test
