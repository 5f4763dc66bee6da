// `call: http` against a server that behaves as its paths say (tests/connectors/stand_in.py).
#include "connectors/http/http_connector.h"

#include "connectors/http/http_client.h"
#include "tests/connectors/harness.h"
#include "workflows/value/base64.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <vector>

namespace cairn::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class HttpCalls : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new StandIn(); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }

  static HttpOptions options() {
    HttpOptions options;
    options.proxy = "";
    return options;
  }
  void use(HttpOptions changed) {
    connector_.reset();
    client_ = std::make_shared<HttpClient>(runner_.context.get_executor(), std::move(changed));
    connector_ = make_http_connector(client_);
  }
  Connector& connector() {
    if (!connector_) use(options());
    return *connector_;
  }
  EffectOutcome run(const Value& arguments) { return runner_.run(connector(), arguments); }

  /// GET of a path with more arguments in JSON.
  EffectOutcome get(const std::string& path, const std::string& more = "{}") { return call("GET", path, more); }
  EffectOutcome call(const std::string& method, const std::string& path, const std::string& more = "{}") {
    Value arguments = json(more).with("method", Value::string(method));
    if (arguments.find("endpoint") == nullptr) arguments = arguments.with("endpoint", endpoint(server->url(path)));
    return run(arguments);
  }
  static Value endpoint(const std::string& url) { return Value::object({{"uri", Value::string(url)}}); }
  std::int64_t counted(const std::string& what) { return value_of(get("/count/" + what)).as_int(); }

  static StandIn* server;
  EffectRunner runner_;
  std::shared_ptr<HttpClient> client_;
  std::unique_ptr<Connector> connector_;
};
StandIn* HttpCalls::server = nullptr;

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
      fmt::format(R"({{"endpoint": {{"uri": "{}", "authentication": {{"oauth2": {{}}}}}}}})", server->url("/echo"))));
  EXPECT_EQ(kind_of(problem), "authentication");
  EXPECT_EQ(problem.status, 401);
  EXPECT_THAT(problem.detail, HasSubstr("'oauth2' is not supported yet"));
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
