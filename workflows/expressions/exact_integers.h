#pragma once
// libjq's numbers are doubles. During one evaluation this remembers which larger integers went in rounded, so that they
// come out exact again, and notices when two of them cannot be told apart.

#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn::jq {

/// Beyond this magnitude neighbouring integers share a double.
inline constexpr double k_exact_limit = 9007199254740992.0;  // 2^53

class ExactIntegers {
 public:
  /// Remembers `number` (any kind of number), whose double lies at or beyond ±k_exact_limit.
  void note(const Value& number);
  /// The number that became `rounded`, or whose negation did.
  [[nodiscard]] std::optional<Value> find(double rounded) const;
  /// Two different numbers became the same double.
  [[nodiscard]] bool ambiguous() const { return ambiguous_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  struct Entry {
    double rounded;
    Value exact;  ///< Int or Uint when an integer went in, else the Double itself
  };
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  void add(double rounded, Value exact);
  std::vector<Entry> entries_;  // sorted by `rounded`; each number and, when it fits, its negation
  bool ambiguous_ = false;
};

}  // namespace cairn::jq
