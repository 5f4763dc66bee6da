#include "workflows/expressions/exact_integers.h"

#include <algorithm>
#include <limits>

namespace cairn::jq {
namespace {

// Whether both are the same number, exactly: as integers where 64 bits hold them.
bool same_number(const Value& a, const Value& b) {
  const auto as_integer = [](const Value& number) {
    const double value = number.as_double();
    if (number.is_integer()) return number;
    if (value >= -0x1p63 && value < 0x1p63) return Value::integer(static_cast<std::int64_t>(value));
    if (value > 0 && value < 0x1p64) return Value::unsigned_integer(static_cast<std::uint64_t>(value));
    return number;
  };
  const Value x = as_integer(a);
  const Value y = as_integer(b);
  if (x.kind() != y.kind()) return false;
  if (x.kind() == Value::Kind::Double) return x.as_double() == y.as_double();
  return x.kind() == Value::Kind::Uint ? x.as_uint() == y.as_uint() : x.as_int() == y.as_int();
}

std::optional<Value> negated(const Value& number) {
  constexpr std::uint64_t k_min_magnitude = std::uint64_t{1} << 63U;
  if (number.kind() == Value::Kind::Double) return Value::number(-number.as_double());
  if (number.kind() == Value::Kind::Uint) {
    if (number.as_uint() != k_min_magnitude) return std::nullopt;
    return Value::integer(std::numeric_limits<std::int64_t>::min());
  }
  const std::int64_t value = number.as_int();
  if (value == std::numeric_limits<std::int64_t>::min()) return Value::unsigned_integer(k_min_magnitude);
  return Value::integer(-value);
}

}  // namespace

void ExactIntegers::note(const Value& number) {
  const double rounded = number.as_double();
  add(rounded, number);
  if (auto negative = negated(number)) add(-rounded, *std::move(negative));
}

void ExactIntegers::add(double rounded, Value exact) {
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), rounded,
                                      [](const Entry& entry, double wanted) { return entry.rounded < wanted; });
  if (place == entries_.end() || place->rounded != rounded) {
    entries_.insert(place, Entry{rounded, std::move(exact)});
    return;
  }
  if (!same_number(place->exact, exact)) ambiguous_ = true;
  if (exact.is_integer()) place->exact = std::move(exact);
}

std::optional<Value> ExactIntegers::find(double rounded) const {
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), rounded,
                                      [](const Entry& entry, double wanted) { return entry.rounded < wanted; });
  if (place == entries_.end() || place->rounded != rounded) return std::nullopt;
  return place->exact;
}

}  // namespace cairn::jq
