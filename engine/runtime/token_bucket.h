#pragma once
// TokenBucket: how many may go in how much time. Exact: whole numbers all through.

#include "workflows/program/scheduling.h"

#include <algorithm>
#include <cstdint>

namespace cairn {

/// Begins full. Never holds more than RateLimit::burst tokens, so in any time t no more than burst + limit · t / period
/// are taken. Times are milliseconds on a clock that does not go back.
class TokenBucket {
 public:
  TokenBucket(const RateLimit& rate, std::int64_t now) : rate_(rate), credit_(full()), as_of_(now) {}

  void advance(std::int64_t now) {
    if (now <= as_of_) return;
    const std::int64_t elapsed = now - as_of_;
    as_of_ = now;
    const std::int64_t missing = full() - credit_;
    credit_ = elapsed > missing / rate_.limit ? full() : credit_ + elapsed * rate_.limit;
  }
  [[nodiscard]] bool has_token() const { return credit_ >= rate_.period_ms; }
  /// Only when has_token().
  void take() { credit_ -= rate_.period_ms; }

  /// When it next has a token, and when it is full, if none is taken.
  [[nodiscard]] std::int64_t next_token_at() const { return reaches_at(rate_.period_ms); }
  [[nodiscard]] std::int64_t full_at() const { return reaches_at(full()); }

  /// Keeps the tokens it has, and the part of one that it has, as far as they fit.
  void change(const RateLimit& rate) {
    const auto worth = Wide{credit_} * rate.period_ms / rate_.period_ms;
    rate_ = rate;
    credit_ = static_cast<std::int64_t>(std::min<Wide>(worth, full()));
  }
  [[nodiscard]] const RateLimit& rate() const { return rate_; }

 private:
  __extension__ using Wide = __int128;

  // A token is worth period_ms of credit, and each millisecond brings `limit` of it.
  [[nodiscard]] std::int64_t full() const { return rate_.burst * rate_.period_ms; }
  [[nodiscard]] std::int64_t reaches_at(std::int64_t credit) const {
    const std::int64_t missing = std::max<std::int64_t>(0, credit - credit_);
    return as_of_ + missing / rate_.limit + (missing % rate_.limit == 0 ? 0 : 1);
  }

  RateLimit rate_;
  std::int64_t credit_;
  std::int64_t as_of_;
};

}  // namespace cairn
