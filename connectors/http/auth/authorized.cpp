#include "connectors/http/auth/authorized.h"

#include "connectors/http/auth/token_source.h"
#include "connectors/http/http_outcome.h"
#include "connectors/http/pending_effect.h"
#include "engine/effects/redaction.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace cairn {

namespace {

class AuthorizedExchange : public std::enable_shared_from_this<AuthorizedExchange> {
 public:
  AuthorizedExchange(HttpClient& client, const Value* policy, MakeRequest make, Exchanged done)
      : client_(client),
        policy_(policy == nullptr ? Value() : *policy),
        make_(std::move(make)),
        done_(std::move(done)) {}

  /// From the executor, once.
  void begin() {
    if (!needs_token(&policy_)) {
      auto credentials = credentials_of(&policy_);
      if (!credentials) return finish(credentials.error());
      credentials_ = std::move(credentials.value());
      return send();
    }
    auto policy = OAuthPolicy::read(policy_);
    if (!policy) return finish(policy.error());
    oauth_ = std::move(policy.value());
    fetch_token({});
  }

 private:
  void fetch_token(const std::string& refused) {
    work_ = client_.tokens().get(*oauth_, refused, [weak = weak_from_this()](const OrProblem<std::string>& token) {
      const auto self = weak.lock();
      if (!self) return;
      if (!token) return self->finish(token.error());
      self->credentials_ = Credentials{"Bearer", token.value(), std::nullopt};
      self->send();
    });
  }

  void send() {
    auto request = make_(credentials_);
    if (!request) return finish(request.error());
    work_ = client_.send(std::move(request.value()), [weak = weak_from_this()](HttpResult result) {
      const auto self = weak.lock();
      if (!self) return;
      const auto* response = std::get_if<HttpResponse>(&result);
      if (self->oauth_ && response != nullptr && response->status == 401 && !std::exchange(self->renewed_, true)) {
        return self->fetch_token(std::string(self->credentials_.parameter));
      }
      self->finish(std::move(result));
    });
  }

  void finish(OrProblem<HttpResult> result) {
    // Whoever is told may drop this.
    const auto self = shared_from_this();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(result), credentials_);
  }

  HttpClient& client_;
  Value policy_;
  MakeRequest make_;
  Exchanged done_;
  std::optional<OAuthPolicy> oauth_;
  Credentials credentials_;
  bool renewed_ = false;
  std::shared_ptr<void> work_;
};

}  // namespace

std::shared_ptr<void> exchange_authorized(HttpClient& client, const Value* policy, MakeRequest make, Exchanged done) {
  auto exchange = std::make_shared<AuthorizedExchange>(client, policy, std::move(make), std::move(done));
  boost::asio::post(client.executor(), [weak = std::weak_ptr(exchange)] {
    if (const auto waiting = weak.lock()) waiting->begin();
  });
  return exchange;
}

void call_authorized(HttpClient& client, const std::shared_ptr<OngoingEffect>& effect, const EffectRequest& request,
                     const Value* policy, PlanCall plan) {
  const auto sent = std::make_shared<HttpCall>();
  const bool by_token = needs_token(policy);
  auto make = [sent, by_token, arguments = request.arguments, evaluate = request.with_authorization,
               plan = std::move(plan)](const Credentials& credentials) -> OrProblem<HttpRequest> {
    Value complete = arguments;
    if (by_token && evaluate) {
      auto again = evaluate(credentials.descriptor());
      if (const auto* problem = std::get_if<Problem>(&again)) return *problem;
      complete = std::get<Value>(std::move(again));
    }
    CONNECTOR_TRY(*sent, plan(complete, credentials));
    return sent->request;
  };
  auto report = [sent, effect, confidential = request.confidential](const OrProblem<HttpResult>& result,
                                                                    const Credentials& credentials) {
    std::vector<std::string> texts = credentials.texts();
    const Redactor own(texts, "***");
    if (!result) return effect->finish(own.outcome(result.error()));
    texts.insert(texts.end(), confidential.begin(), confidential.end());
    effect->finish(own.outcome(outcome_of(*sent, result.value(), Redactor(texts, "***"))));
  };
  effect->set_work(exchange_authorized(client, policy, std::move(make), std::move(report)));
}

}  // namespace cairn
