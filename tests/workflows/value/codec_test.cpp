#include "workflows/value/codec.h"

#include "tests/workflows/value/value_generator.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace cairn {
namespace {

std::string encoded(const Value& value) {
  std::string bytes;
  encode_value(value, bytes);
  return bytes;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string bytes_of(std::string_view hex_digits) {
  std::string bytes;
  for (std::size_t i = 0; i < hex_digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex_digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Value nested(std::size_t levels) {
  Value value;
  for (std::size_t i = 0; i < levels; ++i) value = i % 2 == 0 ? Value::array({value}) : Value::object({{"a", value}});
  return value;
}

struct Worked {
  Value value;
  std::string_view hex;
};

void PrintTo(const Worked& worked, std::ostream* out) { *out << worked.hex; }

class WorkedBytes : public testing::TestWithParam<Worked> {};

TEST_P(WorkedBytes, AreWhatTheFormatSays) {
  EXPECT_EQ(hex(encoded(GetParam().value)), GetParam().hex);
  const auto decoded = decode_value(bytes_of(GetParam().hex));
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  EXPECT_EQ(decoded.value().kind(), GetParam().value.kind());
  EXPECT_EQ(decoded.value(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Format, WorkedBytes,
    testing::Values(Worked{Value::null(), "00"}, Worked{Value::boolean(false), "01"},
                    Worked{Value::boolean(true), "02"}, Worked{Value::integer(0), "40"},
                    Worked{Value::integer(63), "7f"}, Worked{Value::integer(64), "038001"},
                    Worked{Value::integer(-1), "0301"}, Worked{Value::integer(INT64_MAX), "03feffffffffffffffff01"},
                    Worked{Value::integer(INT64_MIN), "03ffffffffffffffffff01"},
                    Worked{Value::unsigned_integer(1ull << 63), "0480808080808080808001"},
                    Worked{Value::unsigned_integer(UINT64_MAX), "04ffffffffffffffffff01"},
                    Worked{Value::number(1.5), "05000000000000f83f"}, Worked{Value::number(-0.0), "050000000000000080"},
                    Worked{Value::string(""), "80"}, Worked{Value::string("id"), "826964"},
                    Worked{Value::array({}), "10"}, Worked{Value::object({}), "20"},
                    Worked{Value::object({{"id", Value::integer(-2)},
                                          {"ok", Value::array({Value::boolean(true), Value::integer(7)})}}),
                           "220269640303026f6b120247"}));

TEST(Codec, ChangesFormWhereTheShortOnesEnd) {
  EXPECT_EQ(encoded(Value::string(std::string(127, 'x'))).substr(0, 1), bytes_of("ff"));
  EXPECT_EQ(encoded(Value::string(std::string(128, 'x'))).substr(0, 3), bytes_of("068001"));
  EXPECT_EQ(encoded(Value::array(Array(15))).substr(0, 1), bytes_of("1f"));
  EXPECT_EQ(encoded(Value::array(Array(16))).substr(0, 2), bytes_of("0710"));
  std::vector<Member> members;
  members.reserve(16);
  for (int i = 0; i < 15; ++i) members.push_back({std::to_string(i), Value()});
  EXPECT_EQ(encoded(Value::object(members)).substr(0, 1), bytes_of("2f"));
  members.push_back({"15", Value()});
  EXPECT_EQ(encoded(Value::object(members)).substr(0, 2), bytes_of("0810"));
  EXPECT_EQ(decode_value(encoded(Value::object(members))).value(), Value::object(members));
}

TEST(Codec, KeepsTheOrderOfMembers) {
  const Value value = Value::object({{"z", Value::integer(1)}, {"a", Value::integer(2)}});
  EXPECT_EQ(to_json(decode_value(encoded(value)).value()), R"({"z":1,"a":2})");
}

TEST(Codec, KeepsTheBitsOfNaNAndInfinities) {
  for (const double number : {std::nan("7"), -std::nan(""), std::numeric_limits<double>::infinity()}) {
    const double back = decode_value(encoded(Value::number(number))).value().as_double();
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(number));
  }
}

struct Corrupt {
  std::string_view hex;
  std::string_view where;
  std::string_view message;
};

void PrintTo(const Corrupt& corrupt, std::ostream* out) { *out << corrupt.hex; }

class CorruptBytes : public testing::TestWithParam<Corrupt> {};

TEST_P(CorruptBytes, AreAnErrorWithItsPlace) {
  const auto decoded = decode_value(bytes_of(GetParam().hex));
  ASSERT_FALSE(decoded) << to_json(decoded.value());
  EXPECT_EQ(decoded.error().code, ErrorCode::corrupt);
  EXPECT_EQ(decoded.error().where, GetParam().where);
  EXPECT_EQ(decoded.error().message, "malformed stored value: " + std::string(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, CorruptBytes,
    testing::Values(Corrupt{"", "byte 0", "the bytes end inside a value"},
                    Corrupt{"0000", "byte 1", "bytes follow the value"}, Corrupt{"0a", "byte 0", "unknown tag"},
                    Corrupt{"110a", "byte 1", "unknown tag"}, Corrupt{"30", "byte 0", "unknown tag"},
                    Corrupt{"3f", "byte 0", "unknown tag"},
                    Corrupt{"0300", "byte 2", "a small integer in its long form"},
                    Corrupt{"037e", "byte 2", "a small integer in its long form"},
                    Corrupt{"038100", "byte 3", "an integer is longer than needed"},
                    Corrupt{"03ffffffffffffffffff02", "byte 11", "an integer exceeds 64 bits"},
                    Corrupt{"03ffffffffffffffffffff01", "byte 11", "an integer exceeds 64 bits"},
                    Corrupt{"0401", "byte 2", "a signed integer in unsigned form"},
                    Corrupt{"0500000000000000", "byte 1", "the bytes end inside a number"},
                    Corrupt{"8161ff", "byte 2", "bytes follow the value"},
                    Corrupt{"8261", "byte 1", "the bytes end inside a string"},
                    Corrupt{"067f", "byte 2", "a short count in its long form"},
                    Corrupt{"06ffffffffffffffffff01", "byte 11", "the bytes end inside a string"},
                    Corrupt{"070f", "byte 2", "a short count in its long form"},
                    Corrupt{"07ffffffffffffffffff0100", "byte 11", "a count promises more than there is"},
                    Corrupt{"08ffffffff0f0000", "byte 6", "a count promises more than there is"},
                    Corrupt{"1200", "byte 1", "a count promises more than there is"},
                    Corrupt{"22014100", "byte 1", "a count promises more than there is"},
                    Corrupt{"2105410000", "byte 2", "the bytes end inside a string"},
                    Corrupt{"22014100014100", "byte 7", "an object names a member twice"}));

TEST(DecodeValue, AcceptsNestingUpToTheLimit) {
  const Value value = nested(limits::k_value_depth);
  EXPECT_EQ(decode_value(encoded(value)).value(), value);
}

TEST(DecodeValue, RefusesNestingOneBeyondTheLimit) {
  const std::string bytes = std::string(limits::k_value_depth + 1, '\x11') + '\0';
  EXPECT_EQ(decode_value(bytes).error().message, "malformed stored value: the value nests too deeply");
  EXPECT_EQ(decode_value(std::string(1'000'000, '\x11')).error().code, ErrorCode::corrupt);
}

TEST(EncodeValueDeathTest, StopsTheProcessRatherThanWriteWhatCannotBeRead) {
  const Value value = nested(limits::k_value_depth + 1);
  EXPECT_DEATH(encoded(value), "nests deeper");
}

RC_GTEST_PROP(Codec, ReadsBackWhatItWrote, (const Value& value)) {
  const std::string bytes = encoded(value);
  const auto decoded = decode_value(bytes);
  RC_ASSERT(bool(decoded));
  RC_ASSERT(decoded.value() == value);
  RC_ASSERT(encoded(decoded.value()) == bytes);
}

RC_GTEST_PROP(DecodeValue, RefusesEveryTruncation, (const Value& value)) {
  const std::string bytes = encoded(value);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_value(std::string_view(bytes).substr(0, size));
    RC_ASSERT(!decoded);
    RC_ASSERT(decoded.error().code == ErrorCode::corrupt);
  }
}

/// Bytes that decode are the encoding of what they decode to: there is one encoding for each value.
void expect_corrupt_or_canonical(const std::string& bytes) {
  const auto decoded = decode_value(bytes);
  if (decoded) {
    RC_ASSERT(encoded(decoded.value()) == bytes);
  } else {
    RC_ASSERT(decoded.error().code == ErrorCode::corrupt);
  }
}

RC_GTEST_PROP(DecodeValue, TakesRandomBytesForCorruptOrCanonical, (const std::vector<std::uint8_t>& noise)) {
  expect_corrupt_or_canonical({noise.begin(), noise.end()});
}

RC_GTEST_PROP(DecodeValue, TakesDamagedBytesForCorruptOrCanonical, (const Value& value)) {
  std::string bytes = encoded(value);
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = static_cast<char>(*rc::gen::arbitrary<std::uint8_t>());
  expect_corrupt_or_canonical(bytes);
}

}  // namespace
}  // namespace cairn
