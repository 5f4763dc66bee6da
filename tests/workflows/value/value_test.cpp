#include "workflows/value/value.h"

#include "tests/workflows/value/value_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

namespace cairn {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const Value& object) {
  std::vector<std::string> names;
  for (const auto& member : object.as_object()) names.push_back(member.name);
  return names;
}

/// {"m0": 0, "m1": 1, …}, given in descending order.
std::vector<Member> descending_members(int count) {
  std::vector<Member> members;
  for (int i = count; i-- > 0;) members.push_back({"m" + std::to_string(i), Value::integer(i)});
  return members;
}

TEST(Value, TakesSixteenBytes) { EXPECT_EQ(sizeof(Value), 16u); }

TEST(Value, IsNullUntilGivenSomething) {
  const Value value;
  EXPECT_TRUE(value.is_null());
  EXPECT_EQ(value, Value::null());
  EXPECT_EQ(value.depth(), 0u);
}

TEST(Value, KnowsItsKindAndJqsWordForIt) {
  const struct {
    Value value;
    Value::Kind kind;
    std::string_view word;
    bool truthy;
  } cases[] = {
      {Value::null(), Value::Kind::Null, "null", false},
      {Value::boolean(false), Value::Kind::Bool, "boolean", false},
      {Value::boolean(true), Value::Kind::Bool, "boolean", true},
      {Value::integer(0), Value::Kind::Int, "number", true},
      {Value::unsigned_integer(UINT64_MAX), Value::Kind::Uint, "number", true},
      {Value::number(0.0), Value::Kind::Double, "number", true},
      {Value::string(""), Value::Kind::String, "string", true},
      {Value::array({}), Value::Kind::Array, "array", true},
      {Value::object({}), Value::Kind::Object, "object", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.value.kind(), c.kind) << c.value;
    EXPECT_EQ(c.value.type_name(), c.word) << c.value;
    EXPECT_EQ(c.value.truthy(), c.truthy) << c.value;
  }
}

TEST(Value, HoldsEveryIntegerOfBothRangesExactly) {
  EXPECT_EQ(Value::integer(INT64_MIN).as_int(), INT64_MIN);
  EXPECT_EQ(Value::integer(INT64_MAX).as_int(), INT64_MAX);
  EXPECT_EQ(Value::unsigned_integer(UINT64_MAX).as_uint(), UINT64_MAX);
  EXPECT_EQ(Value::unsigned_integer(1ull << 63).kind(), Value::Kind::Uint);
}

TEST(Value, GivesEqualIntegersEqualKinds) {
  EXPECT_EQ(Value::unsigned_integer(INT64_MAX).kind(), Value::Kind::Int);
  EXPECT_TRUE(Value::unsigned_integer(7).same_as(Value::integer(7)));
  EXPECT_EQ(Value::integer(7).as_uint(), 7u);
}

TEST(ValueEquality, ComparesIntegersWithDoublesWithoutRounding) {
  const auto is = [](std::int64_t i, double d) { return Value::integer(i) == Value::number(d); };
  const auto is_unsigned = [](std::uint64_t i, double d) { return Value::number(d) == Value::unsigned_integer(i); };
  EXPECT_TRUE(is(1, 1.0));
  EXPECT_TRUE(is(0, -0.0));
  EXPECT_FALSE(is(1, 1.5));
  EXPECT_FALSE(is(-1, -1.5));
  EXPECT_TRUE(is(9007199254740992, 9007199254740992.0));
  EXPECT_FALSE(is(9007199254740993, 9007199254740992.0));
  EXPECT_TRUE(is(INT64_MIN, -9223372036854775808.0));
  EXPECT_FALSE(is(INT64_MAX, 9223372036854775808.0));
  EXPECT_TRUE(is_unsigned(1ull << 63, 9223372036854775808.0));
  EXPECT_FALSE(is_unsigned(UINT64_MAX, 18446744073709551616.0));
  EXPECT_FALSE(is_unsigned((1ull << 63) + 1, 9223372036854775808.0));
  EXPECT_FALSE(is(0, std::nan("")));
  EXPECT_FALSE(is(INT64_MAX, std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(is_unsigned(UINT64_MAX, std::numeric_limits<double>::infinity()));
}

TEST(ValueEquality, SeparatesSignedFromUnsigned) {
  EXPECT_NE(Value::integer(-1), Value::unsigned_integer(UINT64_MAX));
  EXPECT_NE(Value::integer(INT64_MIN), Value::unsigned_integer(1ull << 63));
}

TEST(ValueEquality, DoesNotDependOnSharingEvenForNaN) {
  const Value nan = Value::number(std::nan(""));
  EXPECT_EQ(nan, Value::number(std::nan("")));
  EXPECT_EQ(Value::array({nan}), Value::array({nan}));
}

TEST(ValueEquality, IgnoresTheOrderOfMembersButNotOfItems) {
  const Value one = Value::integer(1);
  const Value two = Value::integer(2);
  EXPECT_EQ(Value::object({{"a", one}, {"b", two}}), Value::object({{"b", two}, {"a", one}}));
  EXPECT_NE(Value::object({{"a", one}, {"b", two}}), Value::object({{"a", one}, {"b", one}}));
  EXPECT_NE(Value::object({{"a", one}, {"b", two}}), Value::object({{"a", one}, {"c", two}}));
  EXPECT_NE(Value::object({{"a", one}}), Value::object({{"a", one}, {"b", two}}));
  EXPECT_NE(Value::array({one, two}), Value::array({two, one}));
  EXPECT_NE(Value::array({one}), Value::array({one, one}));
}

TEST(ValueEquality, SeparatesKinds) {
  const std::vector<Value> different = {Value(),
                                        Value::boolean(false),
                                        Value::boolean(true),
                                        Value::integer(0),
                                        Value::integer(1),
                                        Value::string(""),
                                        Value::string("0"),
                                        Value::array({}),
                                        Value::array({Value()}),
                                        Value::object({}),
                                        Value::object({{"", Value()}})};
  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t k = 0; k < different.size(); ++k) EXPECT_EQ(different[i] == different[k], i == k) << i << ' ' << k;
  }
}

TEST(ValueObject, KeepsTheOrderInWhichMembersWereGiven) {
  const Value object = Value::object({{"z", Value()}, {"a", Value()}, {"m", Value()}});
  EXPECT_THAT(names_of(object), ElementsAre("z", "a", "m"));
}

TEST(ValueObject, GivesTheLaterOfTwoEqualNamesThePlaceOfTheEarlier) {
  const Value object = Value::object(
      {{"a", Value::integer(1)}, {"b", Value::integer(2)}, {"a", Value::integer(3)}, {"a", Value::integer(4)}});
  EXPECT_THAT(names_of(object), ElementsAre("a", "b"));
  EXPECT_EQ(object.get("a"), Value::integer(4));
}

class ObjectOfSize : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(BothSidesOfTheIndex, ObjectOfSize, testing::Values(1, 2, 15, 16, 17, 300, 512, 513, 1500));

TEST_P(ObjectOfSize, FindsEveryMemberAndNoOther) {
  const Value object = Value::object(descending_members(GetParam()));
  EXPECT_EQ(object.as_object().size(), static_cast<std::size_t>(GetParam()));
  for (int i = 0; i < GetParam(); ++i) {
    const Value* found = object.find("m" + std::to_string(i));
    ASSERT_NE(found, nullptr) << i;
    EXPECT_EQ(*found, Value::integer(i));
  }
  EXPECT_EQ(object.find("m"), nullptr);
  EXPECT_EQ(object.find("m" + std::to_string(GetParam())), nullptr);
  EXPECT_EQ(object.find("zzz"), nullptr);
  EXPECT_TRUE(object.get("zzz").is_null());
}

TEST_P(ObjectOfSize, UnitesRepeatedNames) {
  auto members = descending_members(GetParam());
  for (int i = 0; i < GetParam(); ++i) members.push_back({"m" + std::to_string(i), Value::integer(i + 1000)});
  const Value object = Value::object(members);
  EXPECT_EQ(names_of(object), names_of(Value::object(descending_members(GetParam()))));
  for (int i = 0; i < GetParam(); ++i) EXPECT_EQ(object.get("m" + std::to_string(i)), Value::integer(i + 1000)) << i;
}

TEST_P(ObjectOfSize, EqualsItselfInAnotherOrder) {
  auto members = descending_members(GetParam());
  const Value object = Value::object(members);
  std::reverse(members.begin(), members.end());
  EXPECT_EQ(object, Value::object(members));
  members.back().value = Value::string("other");
  EXPECT_NE(object, Value::object(members));
}

TEST(ValueObject, WithSetsAMemberInACopy) {
  const Value object = Value::object({{"a", Value::integer(1)}, {"b", Value::integer(2)}});
  const Value changed = object.with("a", Value::integer(9)).with("c", Value::integer(3));
  EXPECT_EQ(to_json(changed), R"({"a":9,"b":2,"c":3})");
  EXPECT_EQ(to_json(object), R"({"a":1,"b":2})");
  EXPECT_EQ(to_json(Value().with("a", Value::boolean(true))), R"({"a":true})");
}

TEST(ValueObject, WithoutRemovesAMemberInACopy) {
  const Value object = Value::object({{"a", Value::integer(1)}, {"b", Value::integer(2)}});
  EXPECT_EQ(to_json(object.without("a")), R"({"b":2})");
  EXPECT_EQ(to_json(object), R"({"a":1,"b":2})");
  EXPECT_TRUE(object.without("zzz").same_as(object));
}

TEST(ValueObject, HasNoMembersWhenItIsNoObject) {
  EXPECT_EQ(Value::integer(1).find("a"), nullptr);
  EXPECT_TRUE(Value::array({Value::integer(1)}).get("a").is_null());
}

TEST(Value, SharesStorageBetweenCopies) {
  const Value text = Value::string("something longer than any small-string buffer");
  const Value copy = text;  // NOLINT(performance-unnecessary-copy-initialization): the copy is under test
  EXPECT_TRUE(copy.same_as(text));
  EXPECT_FALSE(copy.same_as(Value::string(text.as_string())));
  EXPECT_EQ(&copy.as_string(), &text.as_string());
}

TEST(Value, SurvivesAssignmentToItselfAndFromItsOwnPart) {
  Value value = Value::array({Value::array({Value::string("inner")})});
  const Value& alias = value;
  value = alias;
  EXPECT_EQ(to_json(value), R"([["inner"]])");
  value = value.as_array().front();
  EXPECT_EQ(to_json(value), R"(["inner"])");
}

TEST(Value, IsNullAfterAMove) {
  Value from = Value::string("text");
  const Value to = std::move(from);
  EXPECT_TRUE(from.is_null());  // NOLINT(bugprone-use-after-move): the promise under test
  EXPECT_EQ(to.as_string(), "text");
}

TEST(Value, CountsReferencesFromSeveralThreads) {
  const Value shared = Value::array({Value::string("held by everybody")});
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      for (int k = 0; k < 20'000; ++k) {
        Value copy;
        copy = shared;
        ASSERT_EQ(copy.as_array().size(), 1u);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(to_json(shared), R"(["held by everybody"])");
}

TEST(Value, KnowsHowDeepItNests) {
  EXPECT_EQ(Value::string("x").depth(), 0u);
  EXPECT_EQ(Value::array({}).depth(), 1u);
  EXPECT_EQ(Value::object({}).depth(), 1u);
  EXPECT_EQ(Value::array({Value(), Value::object({{"a", Value::array({})}}), Value::array({})}).depth(), 3u);
  EXPECT_EQ(Value().with("a", Value::array({})).depth(), 2u);
}

TEST(Value, EstimatesItsBytes) {
  EXPECT_EQ(Value::integer(1).approximate_bytes(), sizeof(Value));
  EXPECT_GE(Value::string(std::string(1000, 'x')).approximate_bytes(), 1000u);
  const Value part = Value::string(std::string(1000, 'x'));
  EXPECT_GE(Value::object({{"a", part}, {"b", Value::array({part, part})}}).approximate_bytes(), 3000u);
}

TEST(ValueDeathTest, StopsTheProcessWhenReadAsWhatItIsNot) {
  EXPECT_DEATH(static_cast<void>(Value().as_bool()), "cairn: bug: .*boolean");
  EXPECT_DEATH(static_cast<void>(Value::unsigned_integer(UINT64_MAX).as_int()), "signed integer");
  EXPECT_DEATH(static_cast<void>(Value::integer(-1).as_uint()), "unsigned integer");
  EXPECT_DEATH(static_cast<void>(Value::string("1").as_double()), "number");
  EXPECT_DEATH(static_cast<void>(Value().as_object()), "object");
  EXPECT_DEATH(static_cast<void>(Value::integer(1).with("a", Value())), "object");
}

RC_GTEST_PROP(ValueEquality, HoldsBetweenAValueAndItsDeepCopyOnly, (const Value& value, const Value& other)) {
  RC_ASSERT(value == value);
  RC_ASSERT((value == other) == (other == value));
  RC_ASSERT(Value::array({value}) == Value::array({value}));
  RC_ASSERT(!(Value::array({value, other}) == Value::array({value})));
}

}  // namespace
}  // namespace cairn
