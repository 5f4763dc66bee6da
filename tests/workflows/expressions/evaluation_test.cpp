// What expressions give.

#include "tests/workflows/expressions/support.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

namespace cairn::test {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;
  const char* input;
  const char* result;
};

TEST(Evaluation, gives_jq_results) {
  const Case cases[] = {
      {".a + 1", R"({"a":1})", "2"},
      {"[.[] | select(. > 1)]", "[1,2,3]", "[2,3]"},
      {"\"Hello \\(.name)!\"", R"({"name":"Ada"})", "\"Hello Ada!\""},
      {"{a, b: .c}", R"({"a":1,"c":[2]})", R"({"a":1,"b":[2]})"},
      {".a = 1 | .b += 2 | .c |= 3 | .d //= 4", R"({"b":1})", R"({"b":3,"a":1,"c":3,"d":4})"},
      {"to_entries | map(\"\\(.key)=\\(.value)\") | join(\"&\")", R"({"a":1,"b":true})", "\"a=1&b=true\""},
      {"$context.x * 2", R"({"x":21})", "42"},
      {"7 / 2", "null", "3.5"},
      {"6 / 2", "null", "3"},
      {"7 % 3, empty", "null", "1"},
      {"now", "null", "1436000000.5"},
      {"now | todate", "null", "\"2015-07-04T08:53:20Z\""},
      {"if .a then 1 else 2 end", "{}", "2"},
      {"if .a then 1 end", "{}", "{}"},
      {"if .a then 1 elif .b then 2 end", R"({"b":1})", "2"},
      {"def f(x): x + 1; f(.a)", R"({"a":1})", "2"},
      {"reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"},
      {"label $out | 1, break $out", "null", "1"},
      {"try error(\"x\") catch .", "null", "\"x\""},
      {"[limit(3; repeat(1))], [limit(0; 1)] | length", "null",
       "failed: the expression gives more than one result; wrap it in [ ]"},
      {".[1:]", "[1,2,3]", "[2,3]"},
      {".[.[0]]", "[1,2,3]", "2"},
      {".[.[0]:.[2]]", "[1,2,3]", "[2,3]"},
      {"$__loc__", "null", R"({"file":"<top-level>","line":1})"},
      {"1 as $x |\n[$x, $__loc__.line]", "null", "[1,2]"},
      {"nan", "null", "null"},
      {"infinite", "null", "1.7976931348623157e+308"},
      {"\"\\u00e9\"", "null", "\"é\""},
      {"@base64 \"x\\(1)\"", "null", "\"xMQ==\""},
      {".", R"({"b":1,"a":{"d":2,"c":3}} )", R"({"b":1,"a":{"d":2,"c":3}})"},
      {". | .", R"({"b":1,"a":{"d":2,"c":3}} )", R"({"b":1,"a":{"d":2,"c":3}})"},
  };
  std::vector<ExpressionSource> sources;
  for (const Case& c : cases) sources.push_back({c.text, {"context"}});
  const auto program = program_of(sources);
  ASSERT_TRUE(program);
  for (std::uint32_t id = 0; id < sources.size(); ++id) {
    const Value input = json(cases[id].input);
    const std::vector<Binding> bindings = {{"context", input}};
    EXPECT_EQ(show(program->evaluate(ExpressionId{id}, input, bindings, {k_now_s, 20'000})), cases[id].result)
        << cases[id].text;
  }
}

TEST(Evaluation, no_result_is_null_and_several_are_a_failure) {
  EXPECT_EQ(evaluate("empty"), "null");
  EXPECT_EQ(evaluate(".[]", "[]"), "null");
  EXPECT_EQ(evaluate(".[]", "[1]"), "1");
  EXPECT_EQ(evaluate(".[]", "[1,2]"), "failed: the expression gives more than one result; wrap it in [ ]");
  EXPECT_EQ(evaluate("1, error(\"second\")"), "failed: second");
  EXPECT_EQ(evaluate("repeat(1)"), "failed: the expression gives more than one result; wrap it in [ ]");
}

TEST(Evaluation, errors_are_readable) {
  EXPECT_EQ(evaluate("error(\"x\")"), "failed: x");
  EXPECT_EQ(evaluate("error({a: [1]})"), R"(failed: {"a":[1]})");
  EXPECT_EQ(evaluate("error(null)"), "failed: null (null) not a string");
  EXPECT_EQ(evaluate("error"), "failed: null (null) not a string");
  EXPECT_EQ(evaluate(".a | .b", R"({"a":5})"), "failed: Cannot index number with string \"b\"");
  EXPECT_EQ(evaluate("1 + \"a\""), "failed: number (1) and string (\"a\") cannot be added");
}

TEST(Evaluation, is_stopped_at_the_time_limit_and_the_program_goes_on) {
  const auto program = program_of({{"until(false; .)", {}},
                                   {"[range(1e9)] | length", {}},
                                   {"def f: f; f", {}},
                                   {"path(last(repeat(.)))", {}},
                                   {"1 + 1", {}}});
  ASSERT_TRUE(program);
  for (std::uint32_t id = 0; id < 4; ++id) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(show(program->evaluate(ExpressionId{id}, Value(), {}, {0, 60})), "timed out") << id;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    EXPECT_EQ(show(program->evaluate(ExpressionId{4}, Value(), {}, {0, 20'000})), "2");
  }
}

// libjq asserts when it is reset in the middle of these.
TEST(Evaluation, may_be_left_half_way_inside_of_paths) {
  const auto program = program_of({{"path(..)", {}},
                                   {"paths", {}},
                                   {"leaf_paths | path(..)", {}},
                                   {"[path(..) | until(false; .)]", {}},
                                   {"path(.a | .[] | until(false; .))", {}},
                                   {"reduce path(.. | .[]?) as $p (.; until(false; .))", {}},
                                   {"del(.a[] | until(false; .))", {}},
                                   {".", {}},
                                   {". | length", {}}});
  ASSERT_TRUE(program);
  const Value input = json(R"({"a":[1,{"b":[2,[3]]}],"c":[[[4]]]})");
  for (std::uint32_t id = 0; id < 7; ++id) {
    const std::string shown = show(program->evaluate(ExpressionId{id}, input, {}, {0, 50}));
    EXPECT_EQ(shown, id < 3 ? "failed: the expression gives more than one result; wrap it in [ ]" : "timed out") << id;
    EXPECT_EQ(show(program->evaluate(ExpressionId{8}, input, {}, {0, 20'000})), "2");
  }
}

TEST(Evaluation, a_limit_long_past_does_not_stop_the_next_evaluation) {
  const auto program = program_of({{"until(. > 3; . + 1)", {}}});
  ASSERT_TRUE(program);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(show(program->evaluate(ExpressionId{0}, Value::integer(0), {}, {0, 20'000})), "4");
  }
}

TEST(Evaluation, results_deeper_than_the_limit_are_refused) {
  const auto nest = [](std::size_t depth) { return fmt::format("reduce range({}) as $i (1; [.])", depth); };
  EXPECT_EQ(evaluate(nest(limits::k_value_depth)),
            std::string(limits::k_value_depth, '[') + "1" + std::string(limits::k_value_depth, ']'));
  EXPECT_THAT(evaluate(nest(limits::k_value_depth + 1)), HasSubstr("k_value_depth"));
}

TEST(Evaluation, deep_values_overflow_no_stack) {
  expect_results({{"reduce range(300000) as $i (1; [.]) | 1", "1"},
                  {"reduce range(100000) as $i (1; {a: .}) | tojson | length > 0", "true"},
                  {"reduce range(60000) as $i (1; [.]) | contains(.)", "true"}});
}

TEST(Evaluation, is_stopped_at_the_memory_limit_and_the_program_goes_on) {
  const auto results = evaluate_all({"def f: 1 + f; f", "reduce range(30) as $i ([1]; . + .) | length", "1 + 1"});
  EXPECT_EQ(results[0], "failed: the expression takes more memory than it may (256 MiB, or a million values)");
  EXPECT_EQ(results[1], "failed: the expression takes more memory than it may (256 MiB, or a million values)");
  EXPECT_EQ(results[2], "2");
}

TEST(Evaluation, results_that_share_parts_cannot_explode) {
  EXPECT_THAT(evaluate("reduce range(60) as $i (1; [., .])"), HasSubstr("values"));
}

TEST(Evaluation, bindings_may_hold_more_than_is_used) {
  const auto program = program_of({{"$a + $b", {"a", "b", "c"}}});
  ASSERT_TRUE(program);
  const std::vector<Binding> bindings = {
      {"c", Value::string("unused")}, {"b", Value::integer(2)}, {"a", Value::integer(1)}};
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, Value(), bindings, {})), "3");
}

TEST(Evaluation, each_expression_sees_its_own_input_and_variables) {
  std::vector<ExpressionSource> sources;
  for (int i = 0; i < 400; ++i) sources.push_back({fmt::format("[., $v{}, {}]", i, i), {fmt::format("v{}", i)}});
  const auto program = program_of(sources);
  ASSERT_TRUE(program);
  for (std::uint32_t i = 0; i < 400; i += 7) {
    const std::string name = fmt::format("v{}", i);
    const std::vector<Binding> bindings = {{name, Value::integer(i + 1000)}};
    EXPECT_EQ(show(program->evaluate(ExpressionId{i}, Value::string("in"), bindings, {})),
              fmt::format(R"(["in",{},{}])", i + 1000, i));
  }
}

}  // namespace
}  // namespace cairn::test
