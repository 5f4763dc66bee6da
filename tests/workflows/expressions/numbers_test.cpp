// Numbers on their way through an expression: what is only moved stays as it is, and what comes out is JSON.

#include "tests/workflows/expressions/support.h"

#include <cmath>

namespace cairn::test {
namespace {

constexpr const char* k_input =
    R"({"id":1152921504606846977,"min":-9223372036854775808,"max":18446744073709551615,"odd":9007199254740993,"n":5})";

TEST(Numbers, integers_of_64_bits_come_out_as_they_went_in) {
  expect_results(
      {
          {"[.id, .min, .max, .odd]",
           "[1152921504606846977,-9223372036854775808,18446744073709551615,9007199254740993]"},
          {"$context | map_values(.) | .id", "1152921504606846977"},
          {"{x: {y: [.max]}} | .x.y | first", "18446744073709551615"},
          {"[.. | numbers] | max", "18446744073709551615"},
          {"[.id, .odd] | sort", "[9007199254740993,1152921504606846977]"},
          {".odd == 9007199254740992", "false"},
          {"[.odd, .odd - 1] | unique | length", "2"},
      },
      k_input);
}

TEST(Numbers, integers_of_64_bits_are_computed_with_exactly) {
  expect_results(
      {
          {".id + 1", "1152921504606846978"},
          {".odd - 2", "9007199254740991"},
          {".odd * 3", "27021597764222979"},
          {".id % 10", "7"},
          {".odd / 3", "3002399751580331"},
          {"-.id", "-1152921504606846977"},
          {"[.id, 1] | add", "1152921504606846978"},
          {"9007199254740993 + 1", "9007199254740994"},
          {"\"id-\\(.id)\"", "\"id-1152921504606846977\""},
          {"[.id, {a: .min}] | tojson", R"("[1152921504606846977,{\"a\":-9223372036854775808}]")"},
          {"\"9007199254740993\" | tonumber", "9007199254740993"},
          {"\"[9007199254740993]\" | fromjson", "[9007199254740993]"},
      },
      k_input);
}

TEST(Numbers, that_json_does_not_have_come_out_as_jq_prints_them) {
  expect_results({{"nan", "null"},
                  {"infinite", "1.7976931348623157e+308"},
                  {"[1, [nan], {a: -infinite}]", R"([1,[null],{"a":-1.7976931348623157e+308}])"}});
  for (const char* text : {"nan", "[nan][0]", "if true then nan else 1 end", ".x // nan", "try error(nan) catch ."}) {
    const auto program = program_of({{text, {}}});
    ASSERT_TRUE(program);
    EXPECT_TRUE(std::get<Value>(program->evaluate(ExpressionId{0}, Value(), {}, {})).is_null())
        << text << ": not only when it is printed";
  }
  for (const char* text : {"infinite", "1e308 * 10", "-1e308 * 10", "[1e308 * 10][0]", "1e308 * 10 as $x | $x"}) {
    const auto program = program_of({{text, {}}});
    ASSERT_TRUE(program);
    const Value made = std::get<Value>(program->evaluate(ExpressionId{0}, Value(), {}, {}));
    EXPECT_TRUE(std::isfinite(made.as_double())) << text;
  }
  const auto program = program_of({{"{a: [nan]}", {}}});
  ASSERT_TRUE(program);
  const Evaluation made = program->evaluate(ExpressionId{0}, Value(), {}, {});
  EXPECT_TRUE(std::get<Value>(made).get("a").as_array()[0].is_null());
}

}  // namespace
}  // namespace cairn::test
