// Integers beyond 2^53 pass libjq unharmed, or the evaluation fails; they are never rounded in silence.

#include "tests/workflows/expressions/support.h"

#include <gmock/gmock.h>

namespace cairn::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* k_input =
    R"({"id":1152921504606846977,"min":-9223372036854775808,"max":18446744073709551615,"odd":9007199254740993,"n":5,"d":1e300})";

TEST(ExactIntegers, come_out_as_they_went_in) {
  expect_results(
      {
          {"[.id, .min, .max, .odd, .n, .d]",
           "[1152921504606846977,-9223372036854775808,18446744073709551615,9007199254740993,5,1e+300]"},
          {"$context | map_values(.) | .id", "1152921504606846977"},
          {"{x: {y: [.id]}} | .x.y | first", "1152921504606846977"},
          {"[.. | numbers] | max", "1e+300"},
      },
      k_input);
  EXPECT_EQ(evaluate(". | .odd", R"({"odd":9007199254740993})"), "9007199254740993");
}

TEST(ExactIntegers, can_be_written_in_the_expression) {
  expect_results({{"1152921504606846977", "1152921504606846977"},
                  {"[-9007199254740993]", "[-9007199254740993]"},
                  {"-9007199254740993", "-9007199254740993"},
                  {".id == 1152921504606846977", "true"},
                  {"if true then -9007199254740993 else 1 end", "-9007199254740993"}},
                 k_input);
}

TEST(ExactIntegers, become_exact_text) {
  expect_results(
      {
          {"\"id-\\(.id)\"", "\"id-1152921504606846977\""},
          {".id | tostring", "\"1152921504606846977\""},
          {"[.id, {a: .min}] | tojson", R"("[1152921504606846977,{\"a\":-9223372036854775808}]")"},
          {"[.id, \"x\"] | join(\"-\")", "\"1152921504606846977-x\""},
          {"\"\\([.id])\"", "\"[1152921504606846977]\""},
          {"@uri \"\\(.id)\"", "\"1152921504606846977\""},
          {"error({id: .id})", R"(failed: {"id":1152921504606846977})"},
      },
      k_input);
}

TEST(ExactIntegers, are_negated_and_measured_exactly) {
  expect_results(
      {
          {"-.id", "-1152921504606846977"},
          {"-(-.id)", "1152921504606846977"},
          {"[-.id] | .[0] | length", "1152921504606846977"},
      },
      k_input);
}

TEST(ExactIntegers, fail_where_arithmetic_would_round_them) {
  const std::vector<std::string> texts = {".id + 1",        ".id - 1",  ".id * 2",        ".id / 2",      ".id % 10",
                                          "[.id, 1] | add", ".n + .id", "fma(.id; 1; 1)", "[.id] | @csv", ".id += 1"};
  const auto results = evaluate_all(texts, k_input);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_THAT(results[i], AllOf(StartsWith("failed: "), HasSubstr("round"))) << texts[i];
  }
  EXPECT_THAT(problem_of("9007199254740993 + 1"), HasSubstr("would round 9007199254740993"));
  EXPECT_THAT(problem_of("(1) - 9007199254740993"), HasSubstr("would round 9007199254740993"));
}

TEST(ExactIntegers, leave_other_arithmetic_alone) {
  expect_results(
      {
          {".n + 1", "6"},
          {".d * 2 > .d", "true"},
          {".id / 1048576 | floor", "1099511627776"},
          {"[.n, 1] | add", "6"},
          {"\"\\(.n + 1)\"", "\"6\""},
      },
      k_input);
}

TEST(ExactIntegers, that_round_to_one_double_are_refused) {
  EXPECT_THAT(evaluate(". | .a", R"({"a":9007199254740993,"b":9007199254740992})"), HasSubstr("cannot tell apart"));
  EXPECT_THAT(evaluate(". | .a", R"({"a":1152921504606846977,"b":1152921504606846976.0})"),
              HasSubstr("cannot tell apart"));
  EXPECT_EQ(evaluate(".a", R"({"a":9007199254740993,"b":9007199254740992})"), "9007199254740993");
  EXPECT_EQ(evaluate("[.a, .b] | unique", R"({"a":9007199254740994,"b":9007199254740994})"), "[9007199254740994]");
}

TEST(ExactIntegers, in_text_are_refused_instead_of_rounded) {
  EXPECT_THAT(evaluate("\"9007199254740993\" | tonumber"), HasSubstr("beyond 2^53"));
  EXPECT_THAT(evaluate("\"[9007199254740993]\" | fromjson"), HasSubstr("beyond 2^53"));
  EXPECT_EQ(evaluate("\"12\" | tonumber"), "12");
  EXPECT_EQ(evaluate("\"1e300\" | tonumber"), "1e+300");
  EXPECT_EQ(evaluate("\"[1.2345678901234567890]\" | fromjson"), "[1.2345678901234567]");
}

TEST(ExactIntegers, doubles_that_are_small_integers_become_integers) {
  const auto program = program_of({{".a * 2", {}}});
  ASSERT_TRUE(program);
  const auto kind = [&](const char* input) {
    return std::get<Value>(program->evaluate(ExpressionId{0}, json(input), {}, {})).kind();
  };
  EXPECT_EQ(kind(R"({"a":1.5})"), Value::Kind::Int);
  EXPECT_EQ(kind(R"({"a":1.25})"), Value::Kind::Double);
  EXPECT_EQ(kind(R"({"a":4503599627370496})"), Value::Kind::Int);     // 2^53
  EXPECT_EQ(kind(R"({"a":9007199254740990})"), Value::Kind::Double);  // beyond it
}

}  // namespace
}  // namespace cairn::test
