#pragma once
// What the tests of `call: http` share: calls against a server that behaves as its paths say
// (tests/connectors/stand_in.py).

#include "connectors/http/http_client.h"
#include "connectors/http/http_connector.h"
#include "tests/connectors/harness.h"

#include <memory>
#include <string>
#include <utility>

namespace cairn::test {

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

  static inline StandIn* server = nullptr;
  EffectRunner runner_;
  std::shared_ptr<HttpClient> client_;
  std::unique_ptr<Connector> connector_;
};
}  // namespace cairn::test
