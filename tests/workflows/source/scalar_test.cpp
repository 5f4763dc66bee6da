#include "workflows/source/scalar.h"

#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace cairn {
namespace {

struct Plain {
  const char* text;
  const char* json;
};

class PlainScalar : public testing::TestWithParam<Plain> {};

TEST_P(PlainScalar, MeansWhatTheCoreSchemaSays) {
  const auto resolved = resolve_plain_scalar(GetParam().text);
  ASSERT_TRUE(std::holds_alternative<Value>(resolved)) << GetParam().text;
  EXPECT_EQ(to_json(std::get<Value>(resolved)), GetParam().json) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Core, PlainScalar,
    testing::Values(Plain{"~", "null"}, Plain{"null", "null"}, Plain{"Null", "null"}, Plain{"nULL", "\"nULL\""},
                    Plain{"true", "true"}, Plain{"False", "false"}, Plain{"yes", "\"yes\""}, Plain{"no", "\"no\""},
                    Plain{"on", "\"on\""}, Plain{"off", "\"off\""}, Plain{"y", "\"y\""}, Plain{"0", "0"},
                    Plain{"-0", "0"}, Plain{"+7", "7"}, Plain{"007", "7"}, Plain{"0o17", "15"}, Plain{"0x1F", "31"},
                    Plain{"-0x1F", "\"-0x1F\""}, Plain{"0b11", "\"0b11\""}, Plain{"1_000", "\"1_000\""},
                    Plain{"12:30:00", "\"12:30:00\""}, Plain{"2026-01-31", "\"2026-01-31\""},
                    Plain{"1.0.3", "\"1.0.3\""}, Plain{"1.5", "1.5"}, Plain{".5", "0.5"}, Plain{"5.", "5"},
                    Plain{"1e3", "1E+3"}, Plain{"-2.5E-1", "-0.25"}, Plain{"1e-400", "1E-400"}, Plain{"e3", "\"e3\""},
                    Plain{"-", "\"-\""}, Plain{".", "\".\""}, Plain{"+", "\"+\""}, Plain{"1e", "\"1e\""},
                    Plain{"0x", "\"0x\""}, Plain{"-9223372036854775808", "-9223372036854775808"},
                    Plain{"9223372036854775807", "9223372036854775807"},
                    Plain{"18446744073709551615", "18446744073709551615"},
                    Plain{"9007199254740993", "9007199254740993"}));

ScalarProblem problem_of(std::string_view text) {
  const auto resolved = resolve_plain_scalar(text);
  EXPECT_TRUE(std::holds_alternative<ScalarProblem>(resolved)) << text;
  return std::holds_alternative<ScalarProblem>(resolved) ? std::get<ScalarProblem>(resolved) : ScalarProblem{};
}

TEST(PlainScalars, WithoutJsonValueAreProblems) {
  for (const char* text : {".inf", "-.Inf", "+.INF", ".nan", ".NaN"})
    EXPECT_EQ(problem_of(text), ScalarProblem::not_finite) << text;
  EXPECT_EQ(problem_of("1e400"), ScalarProblem::out_of_range);
  EXPECT_EQ(problem_of("0x1FFFFFFFFFFFFFFFF"), ScalarProblem::huge_integer);
}

TEST(PlainScalars, KeepTheDigitsThatNoBinaryNumberHolds) {
  for (const char* text :
       {"18446744073709551616", "-9223372036854775809", "19.90", "0.1000000000000000055511151231257827"}) {
    const auto resolved = resolve_plain_scalar(text);
    ASSERT_TRUE(std::holds_alternative<Value>(resolved)) << text;
    EXPECT_EQ(to_json(std::get<Value>(resolved)), text);
  }
}

}  // namespace
}  // namespace cairn
