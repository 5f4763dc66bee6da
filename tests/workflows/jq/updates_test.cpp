// Updates along places: what they make, and what they leave as it is.

#include "tests/workflows/jq/support.h"

#include <gtest/gtest.h>

namespace cairn::jq {
namespace {

using test::outputs;

void expect(std::string_view program, std::string_view input, std::string_view given) {
  for (const Engine engine : {Engine::both, Engine::machine}) {
    EXPECT_EQ(outputs(program, input, engine), given) << program << " on " << input;
  }
}

TEST(Updates, DoNotMakeWhatLeadsNowhere) {
  expect("(.a[]?) |= 1", "null", "null");
  expect("(.a | select(false)) = 1", R"({"b":1})", R"({"b":1})");
  expect("(.a | select(.b == 1).c) |= 1", R"({"b":1})", R"({"b":1})");
  expect("(.[-1] | select(.)) = 1", "null", "null");
  expect("(.[5] | select(.) | .[0]) |= 1", "null", "null");
  expect("(.a.b | empty) += 1", "{}", "{}");
  expect(".a.b.c |= empty", "{}", "{}");
  expect(".[0].a |= empty", "null", "null");
  expect(".[-1] |= empty", "null", "null");
}

TEST(Updates, LeaveWhatTheirPlacesPassBy) {
  expect("(.a | select(.b == 1).c) |= 5", R"({"a":{"b":2,"c":3}})", R"({"a":{"b":2,"c":3}})");
  expect("(.[] | select(. > 1)) |= . * 10", "[1,2,3]", "[1,20,30]");
  expect("(.a[] | select(. > 1)) |= empty", R"({"a":[1,2]})", R"({"a":[1]})");
}

TEST(Updates, BySetpathInALoopAreThoseOfSetpath) {
  expect("reduce range(3) as $i ({}; setpath([\"a\", $i]; $i))", "null", R"({"a":[0,1,2]})");
  expect("reduce range(3) as $i (.; setpath([-1]; $i))", "[7,8]", "[7,2]");
  expect("reduce (1, 2) as $i (.; setpath([]; $i))", "[7]", "2");
  expect("reduce 1 as $i (.; setpath([1, \"b\"]; 1))", "[7]", R"([7,{"b":1}])");
  expect("reduce 1 as $i (.; setpath([0, \"b\"]; 1))", "[7]",
         R"json(error: "Cannot index number with string (\"b\")")json");
  expect("reduce 1 as $i (.; setpath(0; 1))", "[7]", R"(error: "Path must be specified as an array")");
}

TEST(Updates, FollowPathsThatAreLongerThanValuesAreDeep) {
  expect("getpath([range(9999) | \"a\"]) |= empty", "null", "null");
  expect("getpath([range(9999) | \"a\"]) |= 1", "null", "limit: depth");
  expect("reduce 1 as $i (.; setpath([range(9999) | \"a\"]; 1))", "null", "limit: depth");
}

TEST(Paths, PassThroughWhatComputesTheSameNullTrueOrFalse) {
  expect("(.a | values, null) = 1", R"({"a":null})", R"({"a":1})");
  expect("[path(.a | select(.) | true)]", R"({"a":true})", R"([["a"]])");
  expect("try path(.a | 1) catch .", R"({"a":1})", R"("Invalid path expression with result 1")");
}

TEST(Objects, TakeStringsForNamesOnceTheirValuesAreKnown) {
  expect("{(.): 1}", "[2]", R"(error: "Cannot use array ([2]) as object key")");
  expect("{(.): error(\"value\")}", "[2]", R"(error: "value")");
}

TEST(Texts, FailAsTheLastOfTheirPartsDoes) {
  expect(R"_("\(error("a"))\(error("b"))")_", "null", R"(error: "b")");
  expect(R"_("\(error("a"))\(empty)")_", "null", "");
  expect(R"_("\(error("a"))\([.a?] | length)")_", "1", R"(error: "a")");
}

}  // namespace
}  // namespace cairn::jq
