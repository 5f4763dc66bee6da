#pragma once
// Random Values for property tests: `*rc::gen::arbitrary<Value>()` or a parameter of RC_GTEST_PROP.
// Every kind, the edges of every number range, strings of any valid UTF-8, objects on both sides of the index
// threshold.

#include "workflows/value/json.h"
#include "workflows/value/value.h"

#include <rapidcheck.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace cairn {

/// How GoogleTest and RapidCheck print a Value.
inline std::ostream& operator<<(std::ostream& out, const Value& value) { return out << to_json(value); }

namespace tests {

inline void append_utf8(std::uint32_t code_point, std::string& out) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xc0 | code_point >> 6);
    byte(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    byte(0xe0 | code_point >> 12);
    byte(0x80 | (code_point >> 6 & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  } else {
    byte(0xf0 | code_point >> 18);
    byte(0x80 | (code_point >> 12 & 0x3f));
    byte(0x80 | (code_point >> 6 & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  }
}

/// Mostly printable ASCII; now and then a control character, a quote, or anything up to U+10FFFF but surrogates.
inline rc::Gen<std::string> any_text() {
  const auto code_point = rc::gen::weightedOneOf<std::uint32_t>({
      {8, rc::gen::inRange<std::uint32_t>(0x20, 0x7f)},
      {1, rc::gen::inRange<std::uint32_t>(0, 0x20)},
      {1, rc::gen::element<std::uint32_t>('"', '\\', '/', 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff)},
      {1, rc::gen::inRange<std::uint32_t>(0x80, 0xd800)},
      {1, rc::gen::inRange<std::uint32_t>(0xe000, 0x110000)},
  });
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(code_point), [](const auto& code_points) {
    std::string text;
    for (const auto c : code_points) append_utf8(c, text);
    return text;
  });
}

inline rc::Gen<Value> any_integer() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<std::int64_t>(-200, 200), &Value::integer),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), &Value::integer),
      rc::gen::map(rc::gen::element<std::int64_t>(INT64_MIN, INT64_MIN + 1, -1, 0, 63, 64, INT64_MAX - 1, INT64_MAX),
                   &Value::integer),
      rc::gen::map(rc::gen::element<std::uint64_t>(1ull << 63, (1ull << 63) + 1, UINT64_MAX - 1, UINT64_MAX),
                   &Value::unsigned_integer));
}

/// Finite doubles only: JSON has no others.
inline rc::Gen<Value> any_double() {
  using Limits = std::numeric_limits<double>;
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::suchThat(rc::gen::arbitrary<double>(), [](double d) { return std::isfinite(d); }),
                   &Value::number),
      rc::gen::map(rc::gen::element(0.0, -0.0, 0.1, 1e17, 1e-7, 9007199254740993.0, 9223372036854775808.0,
                                    18446744073709551616.0, Limits::max(), Limits::lowest(), Limits::min(),
                                    Limits::denorm_min()),
                   &Value::number));
}

inline rc::Gen<Value> any_scalar() {
  return rc::gen::oneOf(rc::gen::just(Value()), rc::gen::map(rc::gen::arbitrary<bool>(), &Value::boolean),
                        any_integer(), any_double(), rc::gen::map(any_text(), &Value::string));
}

/// Any Value that nests at most `depth` levels.
inline rc::Gen<Value> any_value(int depth = 4) {
  if (depth == 0) return any_scalar();
  const auto inner = rc::gen::lazy([depth] { return rc::gen::scale(0.5, any_value(depth - 1)); });
  const auto member = rc::gen::map(rc::gen::pair(any_text(), inner), [](std::pair<std::string, Value> pair) {
    return Member{std::move(pair.first), std::move(pair.second)};
  });
  return rc::gen::weightedOneOf<Value>({
      {3, any_scalar()},
      {2, rc::gen::map(rc::gen::container<std::vector<Value>>(inner), &Value::array)},
      {2, rc::gen::map(rc::gen::container<std::vector<Member>>(member),
                       [](std::vector<Member> members) { return Value::object(std::move(members)); })},
  });
}

}  // namespace tests
}  // namespace cairn

namespace rc {
template <>
struct Arbitrary<cairn::Value> {
  // RapidCheck's sizes go up to 100; a quarter gives objects of up to 25 members and keeps a hundred cases fast.
  static Gen<cairn::Value> arbitrary() { return gen::scale(0.25, cairn::tests::any_value()); }
};
}  // namespace rc
