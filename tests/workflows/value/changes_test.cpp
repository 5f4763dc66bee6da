// Values that are changed by who holds them: what others hold stays as it was.

#include "workflows/value/value.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace cairn {
namespace {

Value numbers(int count) {
  Array items;
  for (int i = 0; i < count; ++i) items.push_back(Value::integer(i));
  return Value::array(std::move(items));
}

TEST(ValueChanges, LeaveCopiesAlone) {
  Value text = Value::string("ab");
  const Value text_before = text;
  text.append("c");
  EXPECT_EQ(text.as_string(), "abc");
  EXPECT_EQ(text_before.as_string(), "ab");

  Value list = numbers(2);
  const Value list_before = list;
  list.append(Value::integer(2));
  list.set(std::size_t{0}, Value::string("x"));
  EXPECT_EQ(list.as_array().size(), 3u);
  EXPECT_EQ(list_before, numbers(2));

  Value object = Value::object({{"a", Value::integer(1)}});
  const Value object_before = object;
  object.set("b", Value::integer(2));
  EXPECT_EQ(object.take("a"), Value::integer(1));
  EXPECT_EQ(object, Value::object({{"a", Value()}, {"b", Value::integer(2)}}));
  EXPECT_EQ(object_before, Value::object({{"a", Value::integer(1)}}));
}

TEST(ValueChanges, HappenInPlaceForASoleOwner) {
  Value list = numbers(3);
  ASSERT_TRUE(list.sole_owner());
  const Value* before = list.as_array().data();
  list.set(std::size_t{1}, Value::string("x"));
  EXPECT_EQ(list.as_array().data(), before);
  const Value other = list;
  EXPECT_FALSE(list.sole_owner());
}

TEST(ValueChanges, NeverReachTheEmptyValuesAllShare) {
  Value list = Value::array({});
  list.append(Value::integer(1));
  EXPECT_TRUE(Value::array({}).as_array().empty());
  Value object = Value::object({});
  object.set("a", Value());
  EXPECT_TRUE(Value::object({}).as_object().empty());
  Value text = Value::string("");
  text.append("a");
  EXPECT_TRUE(Value::string("").as_string().empty());
}

TEST(ValueChanges, KeepTheIndexOfLargeObjects) {
  Value object = Value::object({});
  for (int i = 0; i < 100; ++i) object.set("m" + std::to_string(i * 37 % 100), Value::integer(i));
  for (int i = 0; i < 100; ++i) {
    const std::string name = "m" + std::to_string(i * 37 % 100);
    ASSERT_NE(object.find(name), nullptr) << name;
    EXPECT_EQ(*object.find(name), Value::integer(i));
    object.set(name, Value::integer(-i));
    EXPECT_EQ(*object.find(name), Value::integer(-i));
  }
  EXPECT_EQ(object.as_object().size(), 100u);
  EXPECT_EQ(object.as_object().begin()->name, "m0");
  EXPECT_EQ(object.find("m100"), nullptr);
}

TEST(ValueChanges, FindMembersOfVeryLargeObjectsInWhateverOrderTheyCame) {
  constexpr int count = 5'000;
  const auto ascending = [](int i) { return std::to_string(100'000 + i); };
  const auto descending = [](int i) { return std::to_string(200'000 - i); };
  const auto scattered = [](int i) { return std::to_string(i * 3'779 % count); };
  for (const std::function<std::string(int)>& name :
       {std::function<std::string(int)>(ascending), std::function<std::string(int)>(descending),
        std::function<std::string(int)>(scattered)}) {
    Value object = Value::object({});
    for (int i = 0; i < count; ++i) object.set(name(i), Value::integer(i));
    ASSERT_EQ(object.as_object().size(), static_cast<std::size_t>(count));
    int place = 0;
    for (const auto& member : object.as_object()) EXPECT_EQ(member.name, name(place++));
    for (int i = 0; i < count; ++i) {
      ASSERT_NE(object.find(name(i)), nullptr) << name(i);
      EXPECT_EQ(*object.find(name(i)), Value::integer(i));
      EXPECT_EQ(object.find(name(i) + "x"), nullptr);
    }
    EXPECT_EQ(object.find(""), nullptr);
  }
}

TEST(ValueChanges, BuildVeryLargeObjects) {
  constexpr int count = 400'000;
  Value object = Value::object({});
  for (int i = 0; i < count; ++i) object.set(std::to_string(9'000'000 - i), Value::integer(i));
  EXPECT_EQ(object.as_object().size(), static_cast<std::size_t>(count));
}

TEST(ValueChanges, RaiseTheDepth) {
  Value list = numbers(1);
  list.append(numbers(1));
  EXPECT_EQ(list.depth(), 2u);
  Value object = Value::object({});
  object.set("a", list);
  EXPECT_EQ(object.depth(), 3u);
}

}  // namespace
}  // namespace cairn
