#pragma once
// One connection to a Redis server. Calls wait for their answers; of one thread.

#include "connectors/broker/broker_url.h"
#include "workflows/core/error.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

struct redisContext;
struct redisReply;

namespace cairn {

struct RedisOptions {
  BrokerUrl url;
  std::string user;      ///< empty: the default one
  std::string password;  ///< empty: none
};

class RedisConnection {
 public:
  struct FreeReply {
    void operator()(redisReply* reply) const;
  };
  using Reply = std::unique_ptr<redisReply, FreeReply>;

  explicit RedisConnection(RedisOptions options) : options_(std::move(options)) {}

  /// Closes what was open, connects and authenticates. unavailable, unauthorized.
  Result<void> connect();
  /// The answer; never null. An error that the server answers is invalid_usage with its words; unavailable: the connection is gone.
  Result<Reply> command(const std::vector<std::string>& words);
  [[nodiscard]] const RedisOptions& options() const { return options_; }

 private:
  struct FreeContext {
    void operator()(redisContext* context) const;
  };
  [[nodiscard]] Error lost(const std::string& why) const;

  RedisOptions options_;
  std::unique_ptr<redisContext, FreeContext> context_;
};

}  // namespace cairn
