#pragma once
// A gate: one limit in use, and the line of those who wait for it. Private to Admission.

#include "engine/runtime/admission.h"
#include "engine/runtime/token_bucket.h"

namespace cairn::admission {

struct Gate {
  LimitName name;
  Limit limit;
  std::uint64_t serial = 0;  ///< in the order they were made
  std::size_t used = 0;      ///< effects under way
  std::size_t lanes = 0;     ///< that go by it
  std::optional<TokenBucket> bucket;
  FairLine line;
  Lane* woken = nullptr;              ///< its lane that may try
  std::optional<std::int64_t> alarm;  ///< when Admission looks at it again
  bool alarm_is_idle = false;         ///< it can be forgotten then

  [[nodiscard]] bool has_slot() const {
    return !limit.concurrency || static_cast<std::int64_t>(used) < *limit.concurrency;
  }
  void take() {
    ++used;
    if (bucket) bucket->take();
  }
};

}  // namespace cairn::admission
