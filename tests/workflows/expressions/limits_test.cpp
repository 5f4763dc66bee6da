// What an evaluation may use up, and what is said when that is not enough.

#include "workflows/core/limits.h"

#include "tests/workflows/expressions/support.h"
#include "workflows/expressions/evaluation_limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace cairn::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

jq::Limits with(std::string_view name, std::uint64_t value) {
  jq::Limits limits;
  set(*find_evaluation_limit(name), limits, value);
  return limits;
}

TEST(Limits, each_one_ends_what_exceeds_it_and_says_which_setting_raises_it) {
  struct Case {
    const char* limit;
    std::uint64_t enough;
    const char* text;
  };
  // The last value of each limit that is enough, found by trying.
  const Case cases[] = {
      {"steps", 0, "[range(1000)] | add"},
      {"memory", 0, "[range(1000)] | length"},
      {"outputs", 3, "1, 2, 3"},
      {"text", 20, "(. // \"0123456789\") * 2"},
      {"depth", 3, "[[[1]]] | .[0][0] += [1]"},
      {"calls", 0, "def f: if . == 0 then 0 else 1 + (. - 1 | f) end; 50 | f"},
  };
  for (const Case& c : cases) {
    std::uint64_t enough = 1;
    while (outputs(c.text, "null", with(c.limit, enough)).find("failed") != std::string::npos) ++enough;
    if (c.enough != 0) {
      EXPECT_EQ(enough, c.enough) << c.text;
    }
    ASSERT_GT(enough, 1U) << c.text;
    const std::string said = outputs(c.text, "null", with(c.limit, enough - 1));
    EXPECT_THAT(said, HasSubstr(fmt::format("failed: the expression takes more than {} ", enough - 1))) << c.text;
    EXPECT_THAT(said, HasSubstr(fmt::format("; document.metadata.cairn.expressions.{} raises the limit", c.limit)));
  }
}

TEST(Limits, an_evaluation_stops_at_the_same_step_every_time) {
  const char* text = "[range(100) | tostring] | sort | join(\",\") | length";
  std::uint64_t enough = 1;
  while (evaluate(text, "null", with("steps", enough)).starts_with("failed")) ++enough;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(evaluate(text, "null", with("steps", enough)), "289");
    EXPECT_THAT(evaluate(text, "null", with("steps", enough - 1)), StartsWith("failed"));
  }
}

TEST(Limits, nothing_in_the_expression_can_catch_them) {
  EXPECT_THAT(evaluate("try until(false; .) catch 1"), StartsWith("failed: the expression takes more than"));
  EXPECT_THAT(evaluate("[.[]?, until(false; .)?] // 1"), StartsWith("failed: the expression takes more than"));
}

TEST(Limits, results_that_share_parts_count_as_large_as_they_are_written) {
  EXPECT_THAT(evaluate("reduce range(60) as $i (1; [., .])"), StartsWith("failed: the expression takes more than"));
  EXPECT_THAT(outputs("reduce range(60) as $i (1; {a: ., b: .})"),
              StartsWith("failed: the expression takes more than"));
  EXPECT_EQ(evaluate("reduce range(60) as $i (1; [., .]) | 1"), "1");
}

TEST(Limits, what_nests_as_deep_as_values_may_passes) {
  const std::string deepest = std::string(limits::k_value_depth, '[') + "1" + std::string(limits::k_value_depth, ']');
  EXPECT_EQ(evaluate(".", deepest), deepest);
  EXPECT_THAT(evaluate("[.]", deepest, with("depth", limits::k_value_depth)),
              HasSubstr("more than 512 levels of nesting, which is the most that can be allowed"));
}

TEST(Limits, have_a_ceiling_above_what_they_are_by_themselves) {
  for (const EvaluationLimit& limit : evaluation_limits()) {
    EXPECT_LT(value_of(limit, jq::Limits{}), limit.ceiling) << limit.name;
    EXPECT_EQ(find_evaluation_limit(limit.name), &limit);
    EXPECT_EQ(&evaluation_limit(limit.exhausted), &limit);
    jq::Limits limits;
    set(limit, limits, limit.ceiling);
    EXPECT_EQ(value_of(limit, limits), limit.ceiling) << limit.name;
  }
  EXPECT_EQ(find_evaluation_limit("seconds"), nullptr);
}

TEST(Limits, hostile_expressions_end_soon) {
  for (const char* text :
       {"def f: f; f", "def f: 1 + f; f", "[range(1e12)]", "[limit(1e10; repeat(1))]", ".[1e9] = 1", "\"x\" * 1e10",
        "reduce range(1e12) as $i (\"\"; . + \"x\")", "(\"a\" * 60) | test(\"(x+x+)+y|(a|a)*$b\")"}) {
    EXPECT_THAT(evaluate(text, "null", with("steps", 1'000'000)),
                testing::AnyOf(StartsWith("failed"), testing::Eq("false")))
        << text;
  }
}

}  // namespace
}  // namespace cairn::test
