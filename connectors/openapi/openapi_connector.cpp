#include "connectors/openapi/openapi_connector.h"

#include "connectors/http/auth/authorized.h"
#include "connectors/http/http_client.h"
#include "connectors/http/pending_effect.h"
#include "connectors/http/resource.h"
#include "connectors/openapi/document_cache.h"
#include "connectors/openapi/openapi_call.h"
#include "workflows/core/sha256.h"
#include "workflows/value/json.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace cairn {

namespace {

constexpr std::string_view k_document = "the OpenAPI document";

/// Outlives the connector while an effect holds it.
struct Shared {
  std::shared_ptr<HttpClient> client;
  DocumentCache cache;
};

/// The second step: the call itself.
void call_operation(const std::shared_ptr<Shared>& shared, const std::shared_ptr<OngoingEffect>& effect,
                    const EffectRequest& request, const OpenApiDocument& document) {
  auto plan = [shared, document, key = request.idempotency_key](const Value& arguments,
                                                                const Credentials& credentials) {
    return plan_operation(document, arguments, credentials, key, shared->client->options());
  };
  call_authorized(*shared->client, effect, request, request.arguments.find("authentication"), std::move(plan));
}

/// Whoever may read the document is part of the key: another caller fetches with its own credentials.
std::string cache_key(const Url& url, const Value& endpoint) {
  return sha256(to_json(endpoint.get("authentication"))).hex() + " " + url.to_string();
}

class OpenApiConnector final : public Connector {
 public:
  explicit OpenApiConnector(std::shared_ptr<HttpClient> client) : shared_(std::make_shared<Shared>()) {
    shared_->client = std::move(client);
  }

  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    auto effect = std::make_shared<OngoingEffect>(std::move(observer));
    if (auto begun = begin(std::move(request), effect); !begun) {
      OngoingEffect::finish_later(shared_->client->executor(), effect, begun.error());
    }
    return OngoingEffect::handle(effect);
  }

 private:
  OrProblem<void> begin(EffectRequest request, const std::shared_ptr<OngoingEffect>& effect) {
    const Value endpoint = request.arguments.get("document").get("endpoint");
    CONNECTOR_TRY(const auto url, read_resource_url(endpoint, k_document));
    std::string key = cache_key(url, endpoint);
    if (const auto known = shared_->cache.find(key, DocumentCache::Clock::now())) {
      boost::asio::post(shared_->client->executor(),
                        [shared = shared_, effect, request = std::move(request), document = *known] {
                          if (!effect->over()) call_operation(shared, effect, request, document);
                        });
      return boost::outcome_v2::success();
    }
    auto fetched = [shared = shared_, effect, request = std::move(request),
                    key = std::move(key)](OrProblem<Resource> resource) {
      if (!resource) return effect->finish(resource.error());
      auto document = OpenApiDocument::parse(resource.value().url, resource.value().text);
      if (!document) return effect->finish(document.error());
      if (document.value().url.scheme != "file") {
        shared->cache.put(key, document.value(), DocumentCache::Clock::now());
      }
      call_operation(shared, effect, request, document.value());
    };
    effect->set_work(fetch_resource(*shared_->client, endpoint, k_document, std::move(fetched)));
    return boost::outcome_v2::success();
  }

  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<Connector> make_openapi_connector(std::shared_ptr<HttpClient> client) {
  return std::make_unique<OpenApiConnector>(std::move(client));
}

}  // namespace cairn
