#pragma once
// TokenSource: the access tokens of a process. In memory only.

#include "connectors/http/auth/oauth_policy.h"
#include "connectors/http/auth/token_request.h"

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace cairn {

class HttpClient;

/// On the client's executor, like the client.
class TokenSource {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = std::function<void(OrProblem<std::string>)>;  ///< gets an access token

  static constexpr std::size_t k_most_tokens = 256;    ///< the least recently used goes
  static constexpr std::size_t k_most_documents = 64;  ///< of discovery
  static constexpr std::chrono::minutes k_document_lifetime{10};
  /// Of a token that does not say how long it lives.
  static constexpr std::chrono::minutes k_silent_lifetime{5};
  /// A token is renewed so long before its end, at most; a short-lived one when four fifths of its time are over.
  static constexpr std::chrono::seconds k_ahead{30};

  /// `client` outlives it.
  explicit TokenSource(HttpClient& client) : client_(client) {}
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;
  ~TokenSource();

  /// A token for `policy`: the known one while it is good, else a new one. Whoever asks for the same at the same time
  /// shares one request. `refused`: a token that a service did not take, so that another one is wanted. When a new one
  /// cannot be had ahead of the end of the known one, that is given. `callback` is called once from the executor, never
  /// before this returns; destroying the result cancels it, and the request when nobody else waits.
  std::shared_ptr<void> get(const OAuthPolicy& policy, const std::string& refused, Callback callback);

 private:
  struct Waiter;
  struct Entry;
  struct Document {
    std::string token_endpoint;
    Clock::time_point fetched;
  };

  std::shared_ptr<Entry> entry_of(const OAuthPolicy& policy);
  void begin(const std::shared_ptr<Entry>& entry);
  void discover(const std::shared_ptr<Entry>& entry);
  void ask(const std::shared_ptr<Entry>& entry, const std::string& endpoint);
  void finish(const std::shared_ptr<Entry>& entry, OrProblem<Token> result);

  HttpClient& client_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by OAuthPolicy::key
  std::map<std::string, Document> documents_;              // by the policy's URL of discovery and what it admits
  std::uint64_t uses_ = 0;
};

}  // namespace cairn
