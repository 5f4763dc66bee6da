// What `call: http` sends, and what it refuses to send.
#include "tests/connectors/http/http_calls.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cctype>
#include <vector>

namespace cairn::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// ---- the request
// -----------------------------------------------------------------------------------------------------

TEST_F(HttpCalls, AnyMethodIsSentInUpperCase) {
  for (const char* method : {"get", "POST", "put", "Delete", "patch", "options", "brew"}) {
    const Value echoed = value_of(call(method, "/echo"));
    std::string upper(method);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(echoed.get("method").as_string(), upper);
  }
}

TEST_F(HttpCalls, AnEndpointMayBeABareText) {
  const Value arguments =
      Value::object({{"method", Value::string("get")}, {"endpoint", Value::string(server->url("/echo"))}});
  EXPECT_EQ(value_of(run(arguments)).get("path").as_string(), "/echo");
}

TEST_F(HttpCalls, EveryRequestCarriesTheIdempotencyKeyAndSaysWhoAsks) {
  const Value headers = value_of(call("POST", "/echo")).get("headers");
  EXPECT_EQ(headers.get("idempotency-key").as_string(), "key-1");
  EXPECT_EQ(headers.get("user-agent").as_string(), "cairn/" CAIRN_VERSION);
  EXPECT_EQ(headers.get("accept").as_string(), "application/json, */*;q=0.8");
  EXPECT_EQ(headers.get("content-length").as_string(), "0");
}

TEST_F(HttpCalls, TheAuthorsHeadersReplaceTheUsualOnes) {
  const Value headers =
      value_of(get("/echo", R"({"headers": {"idempotency-key": "mine", "accept": "text/csv", "User-Agent": "ua",
                                                 "X-Number": 7, "X-Flag": true, "X-Empty": "", "X-Null": null}})"))
          .get("headers");
  EXPECT_EQ(headers.get("idempotency-key").as_string(), "mine");
  EXPECT_EQ(headers.get("accept").as_string(), "text/csv");
  EXPECT_EQ(headers.get("user-agent").as_string(), "ua");
  EXPECT_EQ(headers.get("x-number").as_string(), "7");
  EXPECT_EQ(headers.get("x-flag").as_string(), "true");
  EXPECT_EQ(headers.get("x-empty").as_string(), "");
  EXPECT_EQ(headers.find("x-null"), nullptr);
}

TEST_F(HttpCalls, QueryParametersFollowThoseOfTheUriAndAreEncoded) {
  const Value echoed =
      value_of(get("/echo?a=1", R"({"query": {"b c": "x&y=z", "list": [1, "ü", true], "none": null}})"));
  EXPECT_EQ(echoed.get("path").as_string(), "/echo?a=1&b%20c=x%26y%3Dz&list=1&list=%C3%BC&list=true");
}

TEST_F(HttpCalls, SpacesAndForeignLettersOfAUriAreEncodedAndItsFragmentIsNotSent) {
  EXPECT_EQ(value_of(get("/echo/über uns?q=a b%20c#part")).get("path").as_string(), "/echo/%c3%bcber%20uns?q=a+b%20c");
}

TEST_F(HttpCalls, AnObjectAnArrayOrANumberIsSentAsJson) {
  for (const char* body : {R"({"a":[1,2],"big":9007199254740993})", "[1,2]", "42", "true"}) {
    const Value echoed = value_of(call("POST", "/echo", fmt::format(R"({{"body": {}}})", body)));
    EXPECT_EQ(echoed.get("body").as_string(), body);
    EXPECT_EQ(echoed.get("headers").get("content-type").as_string(), "application/json");
  }
}

TEST_F(HttpCalls, AStringIsSentAsItIs) {
  Value echoed = value_of(call("POST", "/echo", R"({"body": "plain \"text\""})"));
  EXPECT_EQ(echoed.get("body").as_string(), "plain \"text\"");
  EXPECT_EQ(echoed.get("headers").get("content-type").as_string(), "text/plain; charset=utf-8");
  echoed = value_of(call("POST", "/echo", R"({"body": "{\"a\":1}", "headers": {"content-type": "application/json"}})"));
  EXPECT_EQ(echoed.get("body").as_string(), "{\"a\":1}");
}

TEST_F(HttpCalls, AnObjectIsSentAsAFormWhenTheContentTypeSaysSo) {
  const Value echoed = value_of(call("POST", "/echo", R"({"body": {"a": "1 2", "b": ["x", "y"]},
      "headers": {"Content-Type": "application/x-www-form-urlencoded"}})"));
  EXPECT_EQ(echoed.get("body").as_string(), "a=1%202&b=x&b=y");
}

TEST_F(HttpCalls, NullIsNoBodyAndAGetMayHaveOne) {
  EXPECT_EQ(value_of(call("POST", "/echo", R"({"body": null})")).get("headers").find("content-type"), nullptr);
  EXPECT_EQ(value_of(get("/echo", R"({"body": {"q": 1}})")).get("body").as_string(), R"({"q":1})");
}

TEST_F(HttpCalls, ALargeBodyIsSentWithoutWaitingForPermission) {
  const std::string text(3U << 20, 'x');
  const Value arguments = Value::object(
      {{"method", Value::string("post")}, {"endpoint", endpoint(server->url("/echo"))}, {"body", Value::string(text)}});
  EXPECT_EQ(value_of(run(arguments)).get("body").as_string().size(), text.size());
}

TEST_F(HttpCalls, BasicAuthenticationLogsIn) {
  const auto login = [&](const std::string& password) {
    return call(
        "GET", "",
        fmt::format(
            R"({{"endpoint": {{"uri": "{}", "authentication": {{"basic": {{"username": "ada", "password": "{}"}}}}}}}})",
            server->url("/login"), password));
  };
  EXPECT_EQ(value_of(login("love:lace")).get("welcome").as_string(), "ada");
  const Problem refused = problem_in(login("wrong"));
  EXPECT_EQ(kind_of(refused), "communication");
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.detail, Not(HasSubstr("wrong")));
}

TEST_F(HttpCalls, BearerAuthenticationSendsTheToken) {
  const Value echoed = value_of(
      call("GET", "",
           fmt::format(R"({{"endpoint": {{"uri": "{}", "authentication": {{"bearer": {{"token": "t0k"}}}}}}}})",
                       server->url("/echo"))));
  EXPECT_EQ(echoed.get("headers").get("authorization").as_string(), "Bearer t0k");
}

TEST_F(HttpCalls, AnotherSchemeOfAuthenticationIsRefusedByName) {
  const Problem problem = problem_in(call(
      "GET", "",
      fmt::format(R"({{"endpoint": {{"uri": "{}", "authentication": {{"kerberos": {{}}}}}}}})", server->url("/echo"))));
  EXPECT_EQ(kind_of(problem), "authentication");
  EXPECT_EQ(problem.status, 401);
  EXPECT_THAT(problem.detail, HasSubstr("'kerberos' is none of"));
}

struct BadArguments {
  const char* what;
  const char* arguments;
  const char* message;
};
class HttpBadArguments : public HttpCalls, public testing::WithParamInterface<BadArguments> {};

TEST_P(HttpBadArguments, AreRefusedBeforeAnythingIsSent) {
  const auto before = counted("connections");
  use(options());
  const Problem problem = problem_in(run(json(GetParam().arguments)));
  EXPECT_THAT(kind_of(problem), testing::AnyOf("validation", "configuration")) << problem.detail;
  EXPECT_EQ(problem.status, 400);
  EXPECT_THAT(problem.detail, HasSubstr(GetParam().message));
  EXPECT_LE(counted("connections"), before + 1);
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpBadArguments,
    testing::Values(
        BadArguments{"Smuggled header", R"({"method":"get","endpoint":"http://h/","headers":{"X":"a\r\nEvil: 1"}})",
                     "line break"},
        BadArguments{"Smuggled name", R"({"method":"get","endpoint":"http://h/","headers":{"X: 1\r\nEvil":"a"}})",
                     "not one word"},
        BadArguments{"Smuggled method", R"({"method":"get / HTTP/1.1\r\nX:","endpoint":"http://h/"})", "one word"},
        BadArguments{"Smuggled token",
                     R"({"method":"get","endpoint":{"uri":"http://h/","authentication":{"bearer":{"token":"a\nb"}}}})",
                     "line break"},
        BadArguments{"Own length", R"({"method":"get","endpoint":"http://h/","headers":{"content-length":"1"}})",
                     "set by the transport"},
        BadArguments{"Repeated name", R"({"method":"get","endpoint":"http://h/","headers":{"X-A":"1","x-a":"2"}})",
                     "given twice"},
        BadArguments{"Header object", R"({"method":"get","endpoint":"http://h/","headers":{"X":{}}})",
                     "the header X must be a string"},
        BadArguments{"Query object", R"({"method":"get","endpoint":"http://h/","query":{"q":{}}})",
                     "the query parameter 'q'"},
        BadArguments{"XML object",
                     R"({"method":"post","endpoint":"http://h/","headers":{"content-type":"text/xml"},"body":{}})",
                     "must be given as a string"},
        BadArguments{
            "Both credentials",
            R"({"method":"get","endpoint":{"uri":"http://h/","authentication":{"bearer":{"token":"a"}}},"headers":{"authorization":"x"}})",
            "keep one"},
        BadArguments{"No method", R"({"endpoint":"http://h/"})", "'method'"},
        BadArguments{"No endpoint", R"({"method":"get"})", "needs a URI"},
        BadArguments{"File", R"({"method":"get","endpoint":"file:///etc/passwd"})", "only http and https"},
        BadArguments{"Other protocol", R"({"method":"get","endpoint":"gopher://h/"})", "not supported"},
        BadArguments{"Relative", R"({"method":"get","endpoint":"/pets"})", "not an absolute URL"},
        BadArguments{"Line break in URL", R"({"method":"get","endpoint":"http://h/\r\nX: 1"})", "line breaks"},
        BadArguments{"Bad output", R"({"method":"get","endpoint":"http://h/","output":"all"})",
                     "raw, content, response"},
        BadArguments{"Tunnel", R"({"method":"connect","endpoint":"http://h/"})", "tunnels"}),
    [](const auto& info) {
      std::string name = info.param.what;
      std::erase(name, ' ');
      return name;
    });

}  // namespace
}  // namespace cairn::test
