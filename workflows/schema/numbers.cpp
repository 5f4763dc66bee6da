#include "workflows/schema/numbers.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace cairn::schema {
namespace {

// Holds every int64, uint64 and double exactly.
static_assert(std::numeric_limits<long double>::digits >= 64);

long double exact(const Value& number) {
  switch (number.kind()) {
    case Value::Kind::Int: return static_cast<long double>(number.as_int());
    case Value::Kind::Uint: return static_cast<long double>(number.as_uint());
    default: return static_cast<long double>(number.as_double());
  }
}

}  // namespace

bool is_multiple(const Value& number, const Value& divisor) {
  if (is_whole(number) && is_whole(divisor)) return std::fmod(exact(number), exact(divisor)) == 0;
  const long double quotient = exact(number) / exact(divisor);
  if (!std::isfinite(static_cast<double>(quotient))) return false;
  // 0.3 counts as a multiple of 0.1 although neither is that number in binary.
  constexpr long double k_tolerance = 1e-12L;
  return std::fabs(quotient - std::round(quotient)) <= k_tolerance * std::fmax(1.0L, std::fabs(quotient));
}

}  // namespace cairn::schema
