#include "connectors/http/http_connector.h"

#include "connectors/http/auth/authorized.h"
#include "connectors/http/http_client.h"
#include "connectors/http/pending_effect.h"

#include <utility>

namespace cairn {

namespace {

class HttpConnector final : public Connector {
 public:
  explicit HttpConnector(std::shared_ptr<HttpClient> client) : client_(std::move(client)) {}

  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    auto effect = std::make_shared<OngoingEffect>(std::move(observer));
    const Value endpoint = request.arguments.get("endpoint");
    auto plan = [client = client_, key = request.idempotency_key](const Value& arguments,
                                                                  const Credentials& credentials) {
      return read_http_call(arguments, credentials, key, client->options());
    };
    call_authorized(*client_, effect, request, endpoint.find("authentication"), std::move(plan));
    return OngoingEffect::handle(effect);
  }

 private:
  std::shared_ptr<HttpClient> client_;
};

}  // namespace

std::unique_ptr<Connector> make_http_connector(std::shared_ptr<HttpClient> client) {
  return std::make_unique<HttpConnector>(std::move(client));
}

}  // namespace cairn
