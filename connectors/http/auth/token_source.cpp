#include "connectors/http/auth/token_source.h"

#include "connectors/http/auth/credentials.h"
#include "connectors/http/http_outcome.h"
#include "connectors/http/url.h"
#include "workflows/value/json.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

/// Who waits for a token; the entry keeps a weak reference, so that going away is enough.
struct TokenSource::Waiter {
  Callback callback;
  std::shared_ptr<Entry> entry;
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();
};

struct TokenSource::Entry {
  OAuthPolicy policy;
  std::string access_token;  ///< empty: none is known
  std::string refresh_token;
  bool refreshing = false;  ///< the request under way uses refresh_token
  Clock::time_point renew_at;
  Clock::time_point ends_at;
  std::list<std::weak_ptr<Waiter>> waiters;
  std::shared_ptr<void> work;  ///< the request under way
  std::uint64_t used = 0;
};

TokenSource::Waiter::~Waiter() {
  if (!entry) return;
  std::erase_if(entry->waiters, [](const auto& waiter) { return waiter.expired(); });
  if (entry->waiters.empty()) entry->work.reset();
}

TokenSource::~TokenSource() {
  for (const auto& [key, entry] : entries_) entry->work.reset();
}

std::shared_ptr<TokenSource::Entry> TokenSource::entry_of(const OAuthPolicy& policy) {
  auto& known = entries_[policy.key];
  if (!known) {
    known = std::make_shared<Entry>();
    known->policy = policy;
  }
  known->used = ++uses_;
  const std::shared_ptr<Entry> entry = known;
  if (entries_.size() > k_most_tokens) {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      const bool idle = it->second->waiters.empty() && it->second != entry;
      if (idle && (oldest == entries_.end() || it->second->used < oldest->second->used)) oldest = it;
    }
    if (oldest != entries_.end()) entries_.erase(oldest);
  }
  return entry;
}

std::shared_ptr<void> TokenSource::get(const OAuthPolicy& policy, const std::string& refused, Callback callback) {
  const auto entry = entry_of(policy);
  auto waiter = std::make_shared<Waiter>();
  waiter->callback = std::move(callback);
  if (!refused.empty() && entry->access_token == refused) entry->access_token.clear();
  if (!entry->access_token.empty() && Clock::now() < entry->renew_at) {
    boost::asio::post(client_.executor(), [weak = std::weak_ptr(waiter), token = entry->access_token] {
      if (const auto waiting = weak.lock()) std::exchange(waiting->callback, nullptr)(token);
    });
    return waiter;
  }
  waiter->entry = entry;
  entry->waiters.push_back(waiter);
  if (!entry->work) begin(entry);
  return waiter;
}

void TokenSource::begin(const std::shared_ptr<Entry>& entry) {
  // Posted: what is wrong with the policy must not be told before get() returns.
  auto token = std::make_shared<bool>(true);
  entry->work = token;
  boost::asio::post(client_.executor(), [this, alive = std::weak_ptr(token), weak = std::weak_ptr(entry)] {
    const auto begun = weak.lock();
    if (!begun || alive.expired()) return;
    if (begun->policy.discovers) {
      discover(begun);
    } else {
      ask(begun, begun->policy.token_endpoint);
    }
  });
}

namespace {

/// What the document of discovery says of the token endpoint.
OrProblem<std::string> token_endpoint_in(const OAuthPolicy& policy, const HttpResult& result, const std::string& what) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) return authority_problem(*failure, what);
  const auto& response = std::get<HttpResponse>(result);
  if (response.status < 200 || response.status > 299) return authority_problem(response, what, policy);
  const auto invalid = [&](const std::string& why) {
    return authentication_problem("Invalid discovery document", fmt::format("{} answered {}", what, why), 502);
  };
  const auto parsed = parse_json(response.body);
  if (!parsed || !parsed.value().is_object()) return invalid("with what is no JSON object");
  const Value issuer = parsed.value().get("issuer");
  if (!issuer.is_string()) return invalid("without an 'issuer'");
  std::string named = issuer.as_string();
  const bool admitted = std::ranges::find(policy.issuers, named) != policy.issuers.end();
  while (named.ends_with('/')) named.pop_back();
  if (!admitted && (!policy.issuers.empty() || named != policy.expected_issuer())) {
    return invalid(fmt::format("as {}, which is neither the authority nor among 'issuers' of the policy",
                               quote_json(issuer.as_string())));
  }
  const Value endpoint = parsed.value().get("token_endpoint");
  if (!endpoint.is_string()) return invalid("without a 'token_endpoint'");
  const auto url = parse_url(endpoint.as_string());
  if (!url || url.value().scheme == "file") return invalid("with a 'token_endpoint' that is no http or https URL");
  if (policy.authority.starts_with("https:") && url.value().scheme != "https") {
    return invalid("with a 'token_endpoint' that is not encrypted");
  }
  return endpoint.as_string();
}

}  // namespace

void TokenSource::discover(const std::shared_ptr<Entry>& entry) {
  const OAuthPolicy& policy = entry->policy;
  std::string key = policy.discovery_url();
  for (const auto& issuer : policy.issuers) key += " " + issuer;
  if (const auto known = documents_.find(key);
      known != documents_.end() && Clock::now() - known->second.fetched < k_document_lifetime) {
    return ask(entry, std::string(known->second.token_endpoint));
  }
  HttpRequest request;
  request.method = "GET";
  request.url = policy.discovery_url();
  request.timeout_ms = k_token_timeout_ms;
  request.max_response_bytes = k_token_response_bytes;
  request.follow_redirects = true;
  request.headers.emplace_back("Accept", "application/json");
  const std::string what = describe(request);
  entry->work =
      client_.send(std::move(request), [this, weak = std::weak_ptr(entry), key, what](const HttpResult& result) {
        const auto waiting = weak.lock();
        if (!waiting) return;
        auto endpoint = token_endpoint_in(waiting->policy, result, what);
        if (!endpoint) return finish(waiting, endpoint.error());
        if (documents_.size() >= k_most_documents) documents_.clear();
        documents_.insert_or_assign(key, Document{endpoint.value(), Clock::now()});
        ask(waiting, endpoint.value());
      });
}

void TokenSource::ask(const std::shared_ptr<Entry>& entry, const std::string& endpoint) {
  using std::chrono::system_clock;
  const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
  entry->refreshing = !entry->refresh_token.empty();
  auto request = token_request(entry->policy, endpoint, entry->refresh_token, now_s);
  if (!request) return finish(entry, request.error());
  request.value().headers.emplace_back("User-Agent", client_.options().user_agent);
  entry->work =
      client_.send(std::move(request.value()), [this, weak = std::weak_ptr(entry), endpoint](const HttpResult& result) {
        const auto waiting = weak.lock();
        if (!waiting) return;
        auto token = read_token(waiting->policy, endpoint, result);
        if (!token && std::exchange(waiting->refreshing, false)) {
          // A refresh token that is no longer good says nothing about the policy's own grant.
          waiting->refresh_token.clear();
          return ask(waiting, endpoint);
        }
        finish(waiting, std::move(token));
      });
}

void TokenSource::finish(const std::shared_ptr<Entry>& entry, OrProblem<Token> result) {
  const auto now = Clock::now();
  if (result) {
    const std::chrono::seconds lifetime = result.value().lifetime_s ? std::chrono::seconds(*result.value().lifetime_s)
                                                                    : std::chrono::seconds(k_silent_lifetime);
    entry->access_token = result.value().access_token;
    entry->ends_at = now + lifetime;
    entry->renew_at = entry->ends_at - std::min<Clock::duration>(k_ahead, Clock::duration(lifetime) / 5);
    if (!result.value().refresh_token.empty()) entry->refresh_token = result.value().refresh_token;
  }
  const bool still_good = !entry->access_token.empty() && now < entry->ends_at;
  const OrProblem<std::string> answer =
      result || still_good ? OrProblem<std::string>(entry->access_token) : OrProblem<std::string>(result.error());
  const auto waiters = std::exchange(entry->waiters, {});
  entry->work.reset();
  for (const auto& weak : waiters) {
    const auto waiter = weak.lock();
    if (!waiter) continue;
    waiter->entry.reset();
    if (const auto callback = std::exchange(waiter->callback, nullptr)) callback(answer);
  }
}

}  // namespace cairn
