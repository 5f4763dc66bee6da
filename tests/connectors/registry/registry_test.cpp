#include "connectors/registry/registry.h"

#include "tests/connectors/harness.h"

#include <fmt/format.h>

#include <map>

namespace cairn::test {
namespace {

TEST(Registry, EveryEffectOfTheLanguageHasItsConnector) {
  const StandIn server;
  EffectRunner runner;
  ConnectorOptions options;
  options.http.proxy = "";
  const auto connectors = make_connectors(runner.context.get_executor(), options);
  ASSERT_EQ(connectors.size(), 4U);
  const auto run = [&](const std::string& name, const std::string& arguments) {
    return value_of(runner.run(*connectors.at(name), json(arguments)));
  };
  EXPECT_EQ(run("http", fmt::format(R"({{"method": "get", "endpoint": {{"uri": "{}"}}}})", server.url("/echo")))
                .get("method"),
            Value::string("GET"));
  EXPECT_EQ(run("openapi", fmt::format(R"({{"document": {{"endpoint": {{"uri": "{}"}}}}, "operationId": "getPetById",
                                            "parameters": {{"petId": 1}}}})",
                                       server.url("/document/swagger.json")))
                .get("path"),
            Value::string("/echo/pet/1"));
  EXPECT_EQ(run("shell", R"({"command": "echo hello"})"), Value::string("hello\n"));
  EXPECT_EQ(run("script", R"({"language": "python", "code": "print(1 + 1, end='')\n"})"), Value::string("2"));
}

}  // namespace
}  // namespace cairn::test
