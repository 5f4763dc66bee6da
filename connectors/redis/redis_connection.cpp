#include "connectors/redis/redis_connection.h"

#include <hiredis/hiredis.h>
#include <sys/time.h>

namespace cairn {
namespace {

constexpr timeval k_connect_timeout{3, 0};
/// Of one answer; longer than any command here may block.
constexpr timeval k_answer_timeout{5, 0};

}  // namespace

void RedisConnection::FreeReply::operator()(redisReply* reply) const { freeReplyObject(reply); }
void RedisConnection::FreeContext::operator()(redisContext* context) const { redisFree(context); }

Error RedisConnection::lost(const std::string& why) const {
  return make_error(ErrorCode::unavailable, "the Redis server at " + options_.url.address() + " is away: " + why);
}

Result<void> RedisConnection::connect() {
  context_.reset(redisConnectWithTimeout(options_.url.host.c_str(), options_.url.port, k_connect_timeout));
  if (context_ == nullptr) return lost("no memory for a connection");
  if (context_->err != 0) {
    const std::string why = context_->errstr;
    context_.reset();
    return lost(why);
  }
  redisSetTimeout(context_.get(), k_answer_timeout);
  if (options_.password.empty()) return success();
  std::vector<std::string> words{"AUTH"};
  if (!options_.user.empty()) words.push_back(options_.user);
  words.push_back(options_.password);
  if (auto let_in = command(words); !let_in) {
    const Error error = let_in.error();
    if (error.code == ErrorCode::unavailable) return error;
    return make_error(ErrorCode::unavailable,
                      "the Redis server at " + options_.url.address() + " refuses user and password: " + error.message);
  }
  return success();
}

Result<RedisConnection::Reply> RedisConnection::command(const std::vector<std::string>& words) {
  if (context_ == nullptr) return lost("there is no connection");
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const auto& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data())));
  if (reply == nullptr) {
    const std::string why = context_->errstr;
    context_.reset();  // what comes next on it answers something else
    return lost(why.empty() ? "no answer" : why);
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    return make_error(ErrorCode::invalid_usage, std::string(reply->str, reply->len));
  }
  return reply;
}

}  // namespace cairn
