#pragma once
// jq's total order and its equality, paid for: two values that share parts can have exponentially many pairs of parts.

#include "workflows/jq/budget.h"
#include "workflows/value/value.h"

#include <cstdint>

namespace cairn::jq::native {

/// One comparison after another on one budget. When it runs out, every further answer is 0 or false: the caller asks
/// exhausted() when it is done.
class Comparison {
 public:
  /// `budget` nullptr: nothing is paid (for scalars).
  explicit Comparison(Budget* budget) : budget_(budget) {}
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;
  ~Comparison() { settle(); }

  /// How a NaN compares with a NaN: jq's `<` puts it below itself; sorting needs it equal to itself.
  enum class Nan : std::uint8_t { below_itself, equal_to_itself };
  int order(const Value& a, const Value& b, Nan nan);
  /// jq's `==`: by exact value, objects whatever their order, NaN equal to nothing. What shares storage is compared all
  /// the same: what a comparison costs must not depend on how values came to be in memory.
  bool equal(const Value& a, const Value& b);

  /// Whether the budget is known to be used up, with nothing paid now.
  [[nodiscard]] bool used_up() const { return exhausted_; }
  /// Pays what is due; true when the budget did not hold it.
  [[nodiscard]] bool exhausted() {
    settle();
    return exhausted_;
  }

 private:
  static constexpr std::size_t k_bytes_per_step = 256;
  static constexpr std::uint32_t k_settle_at = 256;

  /// Counts a visit to a pair; false when the budget is used up.
  bool visit(std::size_t bytes = 0) {
    visits_ += 1 + bytes / k_bytes_per_step;
    if (visits_ >= k_settle_at) settle();
    return !exhausted_;
  }
  void settle();
  int order_objects(const Object& a, const Object& b, Nan nan);
  bool equal_objects(const Object& a, const Object& b);

  Budget* budget_;
  std::uint64_t visits_ = 0;
  bool exhausted_ = false;
};

}  // namespace cairn::jq::native
