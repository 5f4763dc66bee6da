// + - * / % and unary minus. Integers stay integers as long as the result fits 64 bits and is exact; otherwise, and as
// soon as one operand is a double, the result is a double.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/order.h"
#include "workflows/jq/natives/sorting.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace cairn::jq {
namespace {

using native::type_error;
using Kind = Value::Kind;

/// Holds every sum, difference and (checked) product of two integers of ours.
__extension__ using Wide = __int128;

Wide wide(const Value& integer) {
  return integer.kind() == Kind::Uint ? static_cast<Wide>(integer.as_uint()) : static_cast<Wide>(integer.as_int());
}

std::optional<Value> narrow(Wide number) {
  if (number < std::numeric_limits<std::int64_t>::min() || number > std::numeric_limits<std::uint64_t>::max()) {
    return std::nullopt;
  }
  if (number < 0) return Value::integer(static_cast<std::int64_t>(number));
  return Value::unsigned_integer(static_cast<std::uint64_t>(number));
}

bool both_integers(const Value& a, const Value& b) { return a.is_integer() && b.is_integer(); }
bool both_numbers(const Value& a, const Value& b) { return a.is_number() && b.is_number(); }

Answer<Value> concatenate(Surroundings& s, const std::string& a, const std::string& b) {
  if (!s.budget.text(a.size() + b.size())) return out_of(s.budget);
  std::string text;
  text.reserve(a.size() + b.size());
  text += a;
  text += b;
  return Value::string(std::move(text));
}

Answer<Value> concatenate(Surroundings& s, const Array& a, const Array& b) {
  if (!s.budget.elements(a.size() + b.size())) return out_of(s.budget);
  Array items;
  items.reserve(a.size() + b.size());
  items.insert(items.end(), a.begin(), a.end());
  items.insert(items.end(), b.begin(), b.end());
  return Value::array(std::move(items));
}

Answer<Value> merge(Surroundings& s, const Object& a, const Object& b) {
  if (!native::pay_members(s, a.size() + b.size())) return out_of(s.budget);
  std::vector<Member> members;
  members.reserve(a.size() + b.size());
  members.insert(members.end(), a.begin(), a.end());
  members.insert(members.end(), b.begin(), b.end());
  return Value::object(std::move(members));
}

/// As merge(), but where both have an object under one name, these are merged in turn. Recursion is as deep as a value.
Answer<Value> merge_deep(Surroundings& s, const Object& a, const Object& b) {
  if (!native::pay_members(s, a.size() + b.size())) return out_of(s.budget);
  std::vector<Member> members;
  members.reserve(a.size() + b.size());
  members.insert(members.end(), a.begin(), a.end());
  for (const auto& [name, value] : b) {
    const Value* mine = value.is_object() ? a.find(name) : nullptr;
    if (mine == nullptr || !mine->is_object()) {
      members.push_back({name, value});
      continue;
    }
    CAIRN_TRY(Value both, merge_deep(s, mine->as_object(), value.as_object()));
    members.push_back({name, std::move(both)});
  }
  return Value::object(std::move(members));
}

/// `text` so many times; null for a negative count or nan, "" for less than one.
Answer<Value> repeat(Surroundings& s, const std::string& text, const Value& count) {
  const double wanted = count.as_double();
  if (!(wanted >= 0)) return Value();
  const auto times = static_cast<std::uint64_t>(native::to_int(count));
  constexpr std::uint64_t longest = INT_MAX - 16;  // jq's own limit, an error that `try` sees; ours lies below it
  const std::uint64_t size = text.size() * times;
  if (size >= longest) return fail("Repeat string result too long");
  if (!s.budget.text(size)) return out_of(s.budget);
  std::string result;
  result.reserve(size);
  if (size > 0) result = text;
  while (result.size() < size) result.append(result, 0, size - result.size());
  return Value::string(std::move(result));
}

/// The elements of `from` that equal none of `unwanted`.
Answer<Value> without(Surroundings& s, const Array& from, const Array& unwanted) {
  constexpr std::size_t few = 8;
  native::Comparison comparison(&s.budget);
  native::Pointers sorted;
  if (unwanted.size() > few) {
    CAIRN_TRY(sorted, native::sorted(s, unwanted));
  }
  const auto is_unwanted = [&](const Value& item) {
    if (unwanted.size() <= few) {
      return std::any_of(unwanted.begin(), unwanted.end(), [&](const Value& u) { return comparison.equal(item, u); });
    }
    constexpr auto nan = native::Comparison::Nan::equal_to_itself;
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), &item, [&](const Value* a, const Value* b) {
      return comparison.order(*a, *b, nan) < 0;
    });
    return place != sorted.end() && comparison.equal(**place, item);
  };
  native::Collector kept(s);
  for (const auto& item : from) {
    if (!is_unwanted(item) && !kept.add(item)) return out_of(s.budget);
    if (comparison.exhausted()) return out_of(s.budget);
  }
  return kept.take();
}

/// A double's integer part as jq takes it for `%`: beyond int64, the nearest of its ends.
std::int64_t whole_part(double number) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (number >= two_to_63) return std::numeric_limits<std::int64_t>::max();
  if (number < -two_to_63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(number);
}

Wide whole_part(const Value& number) {
  return number.is_integer() ? wide(number) : static_cast<Wide>(whole_part(number.as_double()));
}

}  // namespace

Answer<Value> add(Surroundings& s, const Value& a, const Value& b) {
  if (both_integers(a, b)) {
    if (auto sum = narrow(wide(a) + wide(b))) return *std::move(sum);
  }
  if (both_numbers(a, b)) return Value::number(a.as_double() + b.as_double());
  if (a.is_null()) return b;
  if (b.is_null()) return a;
  if (a.kind() == b.kind()) {
    if (a.is_string()) return concatenate(s, a.as_string(), b.as_string());
    if (a.is_array()) return concatenate(s, a.as_array(), b.as_array());
    if (a.is_object()) return merge(s, a.as_object(), b.as_object());
  }
  return type_error(a, b, "cannot be added");
}

Answer<Value> subtract(Surroundings& s, const Value& a, const Value& b) {
  if (both_integers(a, b)) {
    if (auto difference = narrow(wide(a) - wide(b))) return *std::move(difference);
  }
  if (both_numbers(a, b)) return Value::number(a.as_double() - b.as_double());
  if (a.is_array() && b.is_array()) return without(s, a.as_array(), b.as_array());
  return type_error(a, b, "cannot be subtracted");
}

Answer<Value> multiply(Surroundings& s, const Value& a, const Value& b) {
  if (both_integers(a, b)) {
    Wide product = 0;
    if (!__builtin_mul_overflow(wide(a), wide(b), &product)) {
      if (auto exact = narrow(product)) return *std::move(exact);
    }
  }
  if (both_numbers(a, b)) return Value::number(a.as_double() * b.as_double());
  if (a.is_string() && b.is_number()) return repeat(s, a.as_string(), b);
  if (a.is_number() && b.is_string()) return repeat(s, b.as_string(), a);
  if (a.is_object() && b.is_object()) return merge_deep(s, a.as_object(), b.as_object());
  return type_error(a, b, "cannot be multiplied");
}

Answer<Value> divide(Surroundings& s, const Value& a, const Value& b) {
  if (both_numbers(a, b)) {
    if (b.as_double() == 0) return type_error(a, b, "cannot be divided because the divisor is zero");
    if (both_integers(a, b) && wide(a) % wide(b) == 0) {
      if (auto quotient = narrow(wide(a) / wide(b))) return *std::move(quotient);
    }
    return Value::number(a.as_double() / b.as_double());
  }
  if (a.is_string() && b.is_string()) return native::split(s, a.as_string(), b.as_string());
  return type_error(a, b, "cannot be divided");
}

Answer<Value> modulo(Surroundings&, const Value& a, const Value& b) {
  if (!both_numbers(a, b)) return type_error(a, b, "cannot be divided (remainder)");
  if (native::is_nan(a) || native::is_nan(b)) return Value::number(std::numeric_limits<double>::quiet_NaN());
  const Wide divisor = whole_part(b);
  if (divisor == 0) return type_error(a, b, "cannot be divided (remainder) because the divisor is zero");
  return *narrow(whole_part(a) % divisor);  // its sign is the dividend's, its size below either's
}

Answer<Value> negate(Surroundings&, const Value& a) {
  if (!a.is_number()) return type_error(a, "cannot be negated");
  if (a.is_integer()) {
    if (auto exact = narrow(-wide(a))) return *std::move(exact);
  }
  if (a.kind() == Kind::Decimal) {
    const std::string& text = a.as_decimal();
    return Value::decimal(text.starts_with('-') ? text.substr(1) : "-" + text, -a.as_double());
  }
  return Value::number(-a.as_double());
}

}  // namespace cairn::jq
