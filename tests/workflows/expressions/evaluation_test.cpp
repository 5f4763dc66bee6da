// What expressions give. (What each part of jq means is tests/workflows/jq's business.)

#include "tests/workflows/expressions/support.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace cairn::test {
namespace {

TEST(Evaluation, gives_jq_results) {
  expect_results({{".a + 1", "2"},
                  {"\"Hello \\(.name)!\"", "\"Hello Ada!\""},
                  {"{a, b: .c}", R"({"a":1,"b":[3,4]})"},
                  {"[.c[] | select(. > 3)]", "[4]"},
                  {".a = 2 | .c[0] |= . + 1", R"({"a":2,"name":"Ada","c":[4,4]})"},
                  {"to_entries | map(.key) | join(\"&\")", "\"a&name&c\""},
                  {"$context.a * 2", "2"},
                  {"def f(x): x + 1; f(.a)", "2"},
                  {"try error(\"x\") catch .", "\"x\""}},
                 R"({"a":1,"name":"Ada","c":[3,4]})");
}

TEST(Evaluation, no_result_is_null_and_several_are_a_failure) {
  const std::string several = "failed: the expression gives more than one result; wrap it in [ ]";
  EXPECT_EQ(evaluate("empty"), "null");
  EXPECT_EQ(evaluate(".[]", "[]"), "null");
  EXPECT_EQ(evaluate(".[]", "[1]"), "1");
  EXPECT_EQ(evaluate(".[]", "[1,2]"), several);
  EXPECT_EQ(evaluate("1, error(\"second\")"), "failed: second");
  EXPECT_EQ(evaluate("repeat(1)"), several);
  EXPECT_EQ(evaluate("1, 2, error(\"third\")"), several) << "it ends with the second result";
}

TEST(Evaluation, offers_all_outputs_one_after_another) {
  EXPECT_EQ(outputs("empty"), "");
  EXPECT_EQ(outputs(".[]", "[1,2,3]"), "1 2 3");
  EXPECT_EQ(outputs("1, 2, error(\"third\"), 4"), "1 2 failed: third");
  EXPECT_EQ(outputs("repeat(1)", "null", {}, 3), "1 1 1") << "until no more are wanted";
}

TEST(Evaluation, errors_are_readable) {
  EXPECT_EQ(evaluate("error(\"x\")"), "failed: x");
  EXPECT_EQ(evaluate("error({a: [1]})"), R"(failed: {"a":[1]})");
  EXPECT_EQ(evaluate("error(null)"), "failed: null (null) not a string");
  EXPECT_EQ(evaluate(".a | .b", R"({"a":5})"), "failed: Cannot index number with string (\"b\")");
  EXPECT_EQ(evaluate("1 + \"a\""), "failed: number (1) and string (\"a\") cannot be added");
}

TEST(Evaluation, errors_of_large_values_are_cut) {
  const auto said = [](std::string_view text) { return evaluate(std::string(text)).substr(sizeof "failed: " - 1); };
  const std::string shared = said("reduce range(60) as $i (1; [., .]) | error");
  EXPECT_EQ(shared.size(), limits::k_expression_message_bytes);
  EXPECT_TRUE(shared.ends_with("...]"));
  EXPECT_EQ(said("\"x\" * 4096 | error"), std::string(4096, 'x'));
  EXPECT_EQ(said("\"x\" * 4097 | error"), std::string(4093, 'x') + "...");
  EXPECT_EQ(said("\"é\" * 4097 | error").size(), 4095U) << "no character is cut in two";
}

TEST(Evaluation, knows_the_time_it_is_given_and_no_other) {
  expect_results({{"now", "1436000000.5"}, {"now | todate", "\"2015-07-04T08:53:20Z\""}});
  ASSERT_EQ(setenv("TZ", "Asia/Kolkata", 1), 0);
  tzset();
  EXPECT_EQ(evaluate("now | localtime | mktime"), "1436000000");
  EXPECT_EQ(evaluate("now | strflocaltime(\"%H:%M %z\")"), "\"08:53 +0000\"");
  ASSERT_EQ(unsetenv("TZ"), 0);
  tzset();
}

TEST(Evaluation, bindings_may_hold_more_than_is_used) {
  const auto program = program_of({{"$a + $b", {"a", "b", "c"}}});
  ASSERT_TRUE(program);
  const std::vector<Binding> bindings = {
      {"c", Value::string("unused")}, {"b", Value::integer(2)}, {"a", Value::integer(1)}};
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, Value(), bindings, {})), "3");
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, Value(), std::span(bindings).last(2), {})), "3");
}

TEST(Evaluation, an_expression_may_see_many_variables) {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back(fmt::format("v{}", i));
  const auto program = program_of({{"[$v39, $v0, $v20]", names}});
  ASSERT_TRUE(program);
  const std::vector<Binding> bindings = {
      {"v0", Value::integer(0)}, {"v20", Value::integer(20)}, {"v39", Value::integer(39)}};
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, Value(), bindings, {})), "[39,0,20]");
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

TEST(Evaluation, leaves_its_input_as_it_was) {
  const Value input = json(R"({"a":[1,{"b":2}]})");
  const auto program = program_of({{".a[1].b = 3 | .a += [4]", {}}, {".a", {}}});
  ASSERT_TRUE(program);
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, input, {}, {})), R"({"a":[1,{"b":3},4]})");
  EXPECT_EQ(to_json(input), R"({"a":[1,{"b":2}]})");
  const Evaluation found = program->evaluate(ExpressionId{1}, input, {}, {});
  EXPECT_TRUE(std::get<Value>(found).same_as(input.get("a"))) << "what is only moved is not copied";
}

TEST(Evaluation, many_threads_may_use_one_program) {
  const auto program = program_of({{"[range($n)] | add", {"n"}}, {".x | tostring", {}}});
  ASSERT_TRUE(program);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const std::vector<Binding> bindings = {{"n", Value::integer(t + 2)}};
        const std::string sum = show(program->evaluate(ExpressionId{0}, Value(), bindings, {}));
        if (sum != fmt::format("{}", (t + 2) * (t + 1) / 2)) ++wrong;
        const Value input = Value::object({{"x", Value::integer(i)}});
        if (show(program->evaluate(ExpressionId{1}, input, {}, {})) != fmt::format("\"{}\"", i)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cairn::test
