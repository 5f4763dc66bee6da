// `call: openapi` with documents beside this file, served and answered by the stand-in server.
#include "connectors/openapi/openapi_connector.h"

#include "connectors/http/http_client.h"
#include "connectors/openapi/document_cache.h"
#include "tests/connectors/harness.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <utility>
#include <vector>

namespace cairn::test {
namespace {

using testing::HasSubstr;

class OpenApiCalls : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new StandIn(); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static HttpOptions direct() {
    HttpOptions options;
    options.proxy = "";
    return options;
  }

  EffectOutcome call_at(const std::string& uri, const std::string& operation, const std::string& parameters = "{}",
                        const std::string& more = "{}") {
    return runner_.run(*connector_, json(more)
                                        .with("document", json(fmt::format(R"({{"endpoint": {{"uri": "{}"}}}})", uri)))
                                        .with("operationId", Value::string(operation))
                                        .with("parameters", json(parameters)));
  }
  EffectOutcome swagger(const std::string& operation, const std::string& parameters = "{}",
                        const std::string& more = "{}") {
    return call_at(server->url("/document/swagger.json"), operation, parameters, more);
  }
  EffectOutcome openapi(const std::string& operation, const std::string& parameters = "{}",
                        const std::string& more = "{}") {
    return call_at(server->url("/document/openapi.yaml"), operation, parameters, more);
  }
  static std::string path(const EffectOutcome& outcome) { return value_of(outcome).get("path").as_string(); }

  static StandIn* server;
  EffectRunner runner_;
  std::shared_ptr<HttpClient> client_ = std::make_shared<HttpClient>(runner_.context.get_executor(), direct());
  std::unique_ptr<Connector> connector_ = make_openapi_connector(client_);
};
StandIn* OpenApiCalls::server = nullptr;

// ---- Swagger 2.0
// -----------------------------------------------------------------------------------------------------

TEST_F(OpenApiCalls, SwaggerPathQueryAndHeaderParametersGoWhereTheyBelong) {
  const Value echoed = value_of(swagger("getPetById", R"({"petId": 7, "X-Trace": "t"})"));
  EXPECT_EQ(echoed.get("method").as_string(), "GET");
  EXPECT_EQ(echoed.get("path").as_string(), "/echo/pet/7");
  EXPECT_EQ(echoed.get("headers").get("x-trace").as_string(), "t");
  EXPECT_EQ(echoed.get("headers").get("idempotency-key").as_string(), "key-1");
}

TEST_F(OpenApiCalls, SwaggerCollectionsAreWrittenInTheirFormat) {
  EXPECT_EQ(path(swagger("findPetsByStatus", R"({"status": "available"})")), "/echo/pet/findByStatus?status=available");
  EXPECT_EQ(path(swagger("findPetsByStatus",
                         R"({"status": ["a", "b c"], "tags": ["x", "y,z"], "pipes": [1, 2], "ssv": [3, 4]})")),
            "/echo/pet/findByStatus?status=a&status=b%20c&tags=x,y%2Cz&pipes=1%7C2&ssv=3%204");
  EXPECT_EQ(path(swagger("deletePet", R"({"petId": [1, 2]})")), "/echo/pet/1,2");
}

TEST_F(OpenApiCalls, SwaggerBodiesAndFormsAreSent) {
  Value echoed = value_of(swagger("addPet", R"({"pet": {"name": "Milou"}})"));
  EXPECT_EQ(echoed.get("body").as_string(), R"({"name":"Milou"})");
  EXPECT_EQ(echoed.get("headers").get("content-type").as_string(), "application/json");
  echoed = value_of(swagger("updatePetWithForm", R"({"petId": 1, "name": "a b", "status": "sold"})"));
  EXPECT_EQ(echoed.get("method").as_string(), "POST");
  EXPECT_EQ(echoed.get("body").as_string(), "name=a%20b&status=sold");
  EXPECT_EQ(echoed.get("headers").get("content-type").as_string(), "application/x-www-form-urlencoded");
}

// ---- OpenAPI 3
// -------------------------------------------------------------------------------------------------------

TEST_F(OpenApiCalls, OpenApiStylesAreWrittenAsDescribed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"id": "a/b"})", "/echo/v3/pets/a%2Fb"},
      {R"({"id": 1, "list": ["a", "b"]})", "/echo/v3/pets/1?list=a&list=b"},
      {R"({"id": 1, "csv": ["a", "b"]})", "/echo/v3/pets/1?csv=a,b"},
      {R"({"id": 1, "filter": {"kind": "dog", "age": 3}})", "/echo/v3/pets/1?filter%5Bkind%5D=dog&filter%5Bage%5D=3"},
      {R"({"id": 1, "options": {"x": 1, "y": true}})", "/echo/v3/pets/1?x=1&y=true"},
      {R"({"id": 1, "piped": ["a", "b"]})", "/echo/v3/pets/1?piped=a%7Cb"},
      {R"({"id": 1, "query": {"a": 1}})", "/echo/v3/pets/1?query=%7B%22a%22%3A1%7D"},
      {R"({"id": 1, "list": null})", "/echo/v3/pets/1"},
      {R"({"id": ["a", "b"]})", "/echo/v3/pets/a,b"},
  };
  for (const auto& [parameters, expected] : cases)
    EXPECT_EQ(path(openapi("getPet", parameters)), expected) << parameters;
  const Value headers = value_of(openapi("getPet", R"({"id": 1, "X-List": [1, 2], "session": "a b"})")).get("headers");
  EXPECT_EQ(headers.get("x-list").as_string(), "1,2");
  EXPECT_EQ(headers.get("cookie").as_string(), "session=a%20b");
}

TEST_F(OpenApiCalls, TheRequestBodyIsTheParameterBody) {
  Value echoed = value_of(openapi("putPet", R"({"id": 1, "body": {"name": "Milou"}})"));
  EXPECT_EQ(echoed.get("method").as_string(), "PUT");
  EXPECT_EQ(echoed.get("body").as_string(), R"({"name":"Milou"})");
  echoed = value_of(openapi("patchPet", R"({"id": 1, "body": {"name": null}})"));
  EXPECT_EQ(echoed.get("headers").get("content-type").as_string(), "application/merge-patch+json");
  EXPECT_EQ(value_of(openapi("postForm", R"({"body": {"a": 1, "b": "c d"}})")).get("body").as_string(), "a=1&b=c%20d");
}

TEST_F(OpenApiCalls, AnOperationsOwnServerComesBeforeTheDocuments) {
  EXPECT_EQ(path(openapi("patchPet", R"({"id": 1})")), "/echo/patched/pets/1") << "../echo/patched, from the document";
}

TEST_F(OpenApiCalls, OutputRedirectAndAuthenticationAreThoseOfHttp) {
  const Value response = value_of(swagger("getPetById", R"({"petId": 1})",
                                          R"({"output": "response", "authentication": {"bearer": {"token": "t0k"}}})"));
  EXPECT_EQ(response.get("statusCode").as_int(), 200);
  EXPECT_EQ(response.get("content").get("headers").get("authorization").as_string(), "Bearer t0k");
  EXPECT_EQ(response.get("request").get("headers").get("Authorization").as_string(), "***");
  EXPECT_EQ(response.get("request").get("method").as_string(), "GET");
}

// ---- documents
// -------------------------------------------------------------------------------------------------------

TEST_F(OpenApiCalls, ADocumentIsFetchedOnceForManyCalls) {
  const auto documents = [&] {
    return value_of(call_at(server->url("/content?type=text/plain&body="
                                        "eyJvcGVuYXBpIjoiMy4wLjAiLCJwYXRocyI6eyIvY291bnQvZG9jdW1lbnRzIjp7ImdldCI6eyJvcG"
                                        "VyYXRpb25JZCI6ImNvdW50In19fX0="),
                            "count"))
        .as_int();
  };
  const auto before = documents();
  for (int i = 0; i < 5; ++i) value_of(swagger("getPetById", R"({"petId": 1})"));
  EXPECT_EQ(documents(), before + 1);
}

TEST_F(OpenApiCalls, TheCacheForgetsAfterAWhileAndHoldsAFewDocumentsOnly) {
  DocumentCache cache;
  const DocumentCache::Clock::time_point begin{};
  for (std::size_t i = 0; i <= DocumentCache::k_most_documents; ++i) {
    cache.put(std::to_string(i), {}, begin + std::chrono::seconds(i));
  }
  EXPECT_FALSE(cache.find("0", begin).has_value()) << "the oldest made room";
  EXPECT_TRUE(cache.find("1", begin).has_value());
  EXPECT_FALSE(cache.find("1", begin + std::chrono::seconds(1) + DocumentCache::k_lifetime).has_value());
}

TEST_F(OpenApiCalls, ADocumentMayBeAFileWithAnAbsoluteServer) {
  const std::string file = testing::TempDir() + "/cairn-openapi.json";
  const auto write = [&](const std::string& servers) {
    std::ofstream(file) << fmt::format(
        R"({{"openapi": "3.1.0", {} "paths": {{"/x": {{"get": {{"operationId": "x"}}}}}}}})", servers);
  };
  write(fmt::format(R"("servers": [{{"url": "{}"}}],)", server->url("/echo")));
  EXPECT_EQ(path(call_at("file://" + file, "x")), "/echo/x");
  write("");
  const Problem problem = problem_in(call_at("file://" + file, "x"));
  EXPECT_EQ(kind_of(problem), "configuration");
  EXPECT_THAT(problem.detail, HasSubstr("names no server"));
}

TEST_F(OpenApiCalls, SwaggerHostAndSchemesSayWhereToCall) {
  const std::string file = testing::TempDir() + "/cairn-swagger.yaml";
  std::ofstream(file) << "swagger: 2.0\nhost: 127.0.0.1:" << server->port()
                      << "\nschemes: [http]\nbasePath: /echo/\npaths:\n  /x:\n    get: {operationId: x}\n";
  EXPECT_EQ(path(call_at("file://" + file, "x")), "/echo/x");
}

// ---- problems
// --------------------------------------------------------------------------------------------------------

struct Refusal {
  const char* document;
  const char* operation;
  const char* parameters;
  const char* kind;
  const char* message;
};

TEST_F(OpenApiCalls, WhatDoesNotFitTheDescriptionIsAProblemThatNamesIt) {
  const std::vector<Refusal> refusals = {
      {"swagger.json", "findPetByStatus", "{}", "configuration", "did you mean 'findPetsByStatus'?"},
      {"swagger.json", "zzzzzz", "{}", "configuration", "has no operation 'zzzzzz'; expected one of:"},
      {"swagger.json", "findPetsByStatus", "{}", "validation", "needs the parameter 'status'"},
      {"swagger.json", "getPetById", R"({"petId": null})", "validation", "needs the parameter 'petId'"},
      {"swagger.json", "getPetById", R"({"petID": 1})", "validation", "did you mean 'petId'?"},
      {"swagger.json", "getPetById", R"({"petId": ""})", "validation", "must not be empty"},
      {"swagger.json", "getPetById", R"({"petId": ".."})", "validation", "cannot be '..'"},
      {"swagger.json", "getPetById", R"({"petId": 1, "X-Trace": "a\r\nb"})", "validation", "line break"},
      {"swagger.json", "addPet", "{}", "validation", "needs the parameter 'pet'"},
      {"swagger.json", "broken", "{}", "configuration", "refers to #/parameters/none, which it does not have"},
      {"swagger.json", "circle", "{}", "configuration", "circle"},
      {"swagger.json", "elsewhere", "{}", "configuration", "another document"},
      {"swagger.json", "forgotten", "{}", "configuration", "describes no parameter for {id}"},
      {"openapi.yaml", "putPet", R"({"id": 1})", "validation", "needs the parameter 'body'"},
      {"openapi.yaml", "getPet", R"({"id": 1, "body": {}})", "validation", "has no parameter 'body'"},
      {"openapi.yaml", "getPet", R"({"id": 1, "filter": 1})", "validation", "'filter' is an object"},
      {"openapi.yaml", "getPet", R"({"id": {"a": {}}})", "validation", "each member of the parameter 'id'"},
  };
  for (const auto& refusal : refusals) {
    const Problem problem = problem_in(
        call_at(server->url(std::string("/document/") + refusal.document), refusal.operation, refusal.parameters));
    EXPECT_EQ(kind_of(problem), refusal.kind) << refusal.operation << ": " << problem.detail;
    EXPECT_THAT(problem.detail, HasSubstr(refusal.message)) << refusal.operation;
  }
}

TEST_F(OpenApiCalls, WhatIsNoOpenApiDocumentIsAConfigurationProblem) {
  const std::vector<std::pair<std::string, std::string>> documents = {
      {"e30=", "is no OpenAPI document"},
      {"ey0=", "swagger"},
      {"YTogW2I=", ""},
      {"eyJvcGVuYXBpIjoiMy4wLjAifQ==", "has no 'paths'"}};
  for (const auto& [body, message] : documents) {
    const Problem problem = problem_in(call_at(server->url("/content?type=text/plain&body=" + body), "x"));
    EXPECT_EQ(kind_of(problem), "configuration") << body;
    if (message != "swagger") EXPECT_THAT(problem.detail, HasSubstr(message));
  }
}

TEST_F(OpenApiCalls, ADocumentThatCannotBeFetchedIsThatProblem) {
  const Problem problem = problem_in(call_at(server->url("/status/404"), "x"));
  EXPECT_EQ(kind_of(problem), "communication");
  EXPECT_EQ(problem.status, 404);
  EXPECT_THAT(problem.detail, HasSubstr("the OpenAPI document: GET "));
}

TEST_F(OpenApiCalls, CancellingBetweenDocumentAndCallReportsNothing) {
  value_of(swagger("getPetById", R"({"petId": 1})"));
  std::optional<EffectOutcome> outcome;
  const Value arguments = json(
      fmt::format(R"({{"document": {{"endpoint": "{}"}}, "operationId": "getPetById", "parameters": {{"petId": 1}}}})",
                  server->url("/document/swagger.json")));
  {
    const auto running = runner_.start(*connector_, arguments, outcome);
  }
  runner_.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(outcome.has_value());
}

}  // namespace
}  // namespace cairn::test
