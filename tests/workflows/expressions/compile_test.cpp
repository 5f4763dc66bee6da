// What does not compile, what is said about it, and where.

#include "tests/workflows/expressions/support.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace cairn::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Compile, problems_speak_to_the_author_of_the_expression) {
  const std::pair<const char*, const char*> cases[] = {
      {"1 +}", R"(syntax error, unexpected "}")"},
      {"1 +", "syntax error, unexpected end of the expression"},
      {"1) | (2", "syntax error, unexpected \")\""},
      {"def f: 1;", "syntax error, unexpected end of the expression"},
      {"\"abc", "unterminated string"},
      {"foo", "foo/0 is not defined"},
      {"map(.a; .b)", "map/2 is not defined; there is map/1"},
      {"break $out", "break: there is no label $out around"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(problem_of(text), message) << text;
}

TEST(Compile, what_reaches_outside_is_refused) {
  for (const char* name :
       {"env", "input", "inputs", "debug", "stderr", "halt", "halt_error", "input_filename", "input_line_number",
        "get_search_list", "modulemeta", "$ENV", "import \"a\" as a; 1", "include \"a\"; 1", "a::b"}) {
    EXPECT_THAT(problem_of(name), testing::AnyOf(HasSubstr("not available"), HasSubstr("not defined"))) << name;
  }
  for (const char* text : {".env", "{env: 1}", "{input: .input}", "\"env\"", "1 # env", ". as {env: $e} | $e"}) {
    EXPECT_EQ(problem_of(text), "none") << text;
  }
}

TEST(Compile, only_the_variables_given_may_be_used) {
  EXPECT_EQ(problem_of("$bar"), "$bar is not defined (available here: $context, $input)");
  EXPECT_EQ(problems_of({{"$secrets + 1", {}}}).front().message, "$secrets is not defined (available here: none)");
  EXPECT_EQ(problem_of("1 as $bar | $bar"), "none");
}

TEST(Compile, tells_which_variables_an_expression_really_uses) {
  const auto program = program_of({{"{$input}", {"input", "context"}},
                                   {"$context.a | .b", {"input", "context"}},
                                   {"\"\\($input.x) # $context\"", {"input", "context"}},
                                   {". as $input | $input", {"input"}},
                                   {"1", {"context"}},
                                   {"def f: $context; [$input, f]", {"input", "context"}}});
  ASSERT_TRUE(program);
  using Names = std::vector<std::string>;
  EXPECT_EQ(program->size(), 6U);
  EXPECT_EQ(program->variables_of(ExpressionId{0}), Names{"input"});
  EXPECT_EQ(program->variables_of(ExpressionId{1}), Names{"context"});
  EXPECT_EQ(program->variables_of(ExpressionId{2}), Names{"input"});
  EXPECT_THAT(program->variables_of(ExpressionId{3}), IsEmpty());
  EXPECT_THAT(program->variables_of(ExpressionId{4}), IsEmpty());
  EXPECT_EQ(program->variables_of(ExpressionId{5}), (Names{"input", "context"}));
}

TEST(Compile, every_bad_expression_among_many_is_named) {
  std::vector<ExpressionSource> sources;
  for (int i = 0; i < 300; ++i) sources.push_back({fmt::format(".a + {}", i), {}});
  sources[3].text = "foo";
  sources[18].text = "1 +";
  sources[299].text = "$x";
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& problem : problems_of(sources)) found.emplace_back(problem.index, problem.message);
  const std::vector<std::pair<std::size_t, std::string>> expected = {
      {3, "foo/0 is not defined"},
      {18, "syntax error, unexpected end of the expression"},
      {299, "$x is not defined (available here: none)"},
  };
  EXPECT_EQ(found, expected);
}

TEST(Compile, offsets_point_at_the_place) {
  const auto offset = [](std::string text) { return problems_of({{std::move(text), {}}}).front().offset; };
  EXPECT_EQ(offset("1 + env"), 4U);
  EXPECT_EQ(offset(".a | foo(1)"), 5U);
  EXPECT_EQ(offset("[1, $x]"), 4U);
  EXPECT_EQ(offset("(1 | [2)"), 7U);
  EXPECT_EQ(offset(".a |\n.b |\n. . ."), 14U);
  EXPECT_EQ(offset("1 +"), 3U);
  EXPECT_EQ(offset("\"a \\(foo) b\""), 5U);
}

TEST(Compile, text_beyond_the_limit_is_refused) {
  const std::string padding(limits::k_expression_bytes - 1, ' ');
  EXPECT_EQ(problem_of("1" + padding), "none");
  EXPECT_EQ(problem_of("1 " + padding), "the expression has 65537 bytes, more than the 65536 allowed");
}

}  // namespace
}  // namespace cairn::test
