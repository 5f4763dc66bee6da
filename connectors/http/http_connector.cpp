#include "connectors/http/http_connector.h"

#include "connectors/http/http_client.h"
#include "connectors/http/http_outcome.h"
#include "connectors/http/pending_effect.h"

#include <utility>

namespace cairn {

namespace {

class HttpConnector final : public Connector {
 public:
  explicit HttpConnector(std::shared_ptr<HttpClient> client) : client_(std::move(client)) {}

  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    auto effect = std::make_shared<OngoingEffect>(std::move(observer));
    auto call = read_http_call(request.arguments, request.idempotency_key, client_->options());
    if (!call) {
      OngoingEffect::finish_later(client_->executor(), effect, call.error());
      return OngoingEffect::handle(effect);
    }
    HttpRequest to_send = call.value().request;
    auto report = [effect, sent = std::move(call).value()](const HttpResult& result) {
      effect->finish(outcome_of(sent, result));
    };
    effect->set_work(client_->send(std::move(to_send), std::move(report)));
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
