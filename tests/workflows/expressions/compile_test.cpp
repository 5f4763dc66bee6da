// What does not compile, and what is said about it.

#include "tests/workflows/expressions/support.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cairn::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Compile, an_expression_cannot_break_out_of_its_place) {
  EXPECT_EQ(problem_of("1) | (2"), "syntax error, unexpected ')'");
  EXPECT_EQ(problem_of("1 end"), "syntax error, unexpected 'end'");
  EXPECT_EQ(problem_of("1 else 2"), "syntax error, unexpected 'else'");
  EXPECT_EQ(problem_of("1; 2"), "syntax error, unexpected ';'");
  EXPECT_EQ(problem_of("1] | [2"), "syntax error, unexpected ']'");
  EXPECT_EQ(problem_of("def f: 1;"), "syntax error, unexpected the end of the expression");
}

TEST(Compile, a_comment_at_the_end_swallows_nothing) {
  const auto program = program_of({{"1 # one", {}}, {"2 # )", {}}, {"3 #", {}}});
  ASSERT_TRUE(program);
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, Value(), {}, {})), "1");
  EXPECT_EQ(show(program->evaluate(ExpressionId{1}, Value(), {}, {})), "2");
  EXPECT_EQ(show(program->evaluate(ExpressionId{2}, Value(), {}, {})), "3");
}

TEST(Compile, problems_speak_to_the_author_of_the_expression) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the expression is empty"},
      {"  # nothing", "the expression is empty"},
      {"1 +}", "syntax error, unexpected '}'"},
      {"1 +", "syntax error, unexpected the end of the expression"},
      {"1 2", "syntax error, unexpected a number"},
      {"(1", "'(' is never closed"},
      {"{\"a\": [1}", "syntax error, unexpected '}'"},
      {"\"abc", "this string is never closed"},
      {"\"a \\(.b", "the '\\(' in this string is never closed"},
      {"'a'", "unexpected ' (a string stands between double quotes)"},
      {".a && .b", "unexpected '&' (jq says 'and')"},
      {"!.a", "unexpected '!' (jq says '. | not')"},
      {"€", "unexpected character '€'"},
      {"foo", "foo/0 is not defined"},
      {"map(.a; .b)", "map/2 is not defined"},
      {"$bar", "$bar is not defined (available here: $context, $input)"},
      {"break $out", "break $out: there is no 'label $out' around it"},
      {"1 / 0", "Division by zero?"},
      {"{(1): 2}", "Cannot use number (1) as object key"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(problem_of(text), message) << text;
}

TEST(Compile, what_reaches_outside_is_refused_by_name) {
  for (const char* name :
       {"env", "input", "inputs", "debug", "stderr", "halt", "halt_error", "input_filename", "input_line_number",
        "get_search_list", "modulemeta", "localtime", "import", "include", "$ENV", "$__prog_args"}) {
    EXPECT_EQ(problem_of(name), fmt::format("'{}' is not available in workflow expressions", name));
    EXPECT_EQ(problem_of(fmt::format("[1, \"\\({} | .)\"]", name)),
              fmt::format("'{}' is not available in workflow expressions", name));
  }
  EXPECT_EQ(problem_of("now | strflocaltime(\"%H\")"), "'strflocaltime' is not available in workflow expressions");
  EXPECT_EQ(problem_of("halt_error(1)"), "'halt_error' is not available in workflow expressions");
  EXPECT_EQ(problem_of("import \"a\" as a; 1"), "'import' is not available in workflow expressions");
  EXPECT_EQ(problem_of("a::b"), "'a::b': modules are not available in workflow expressions");
}

TEST(Compile, reserved_names_are_refused) {
  EXPECT_EQ(problem_of("_plus(1; 2)"), "'_plus': names of functions that begin with '_' are reserved");
  EXPECT_EQ(problem_of("$__now"), "'$__now': names of variables that begin with '__' are reserved");
}

TEST(Compile, the_same_words_are_fine_as_fields_and_keys) {
  for (const char* text :
       {".env", "{env: 1}", "{env}", "{input: .input, halt: .halt}", "{import: 1} | .import", "\"env\"", "1 # env",
        "\"\\(.input)\"", "{_id: 1}", "._id", "{a: {env: 1, input}}", ". as {env: $e} | $e"}) {
    EXPECT_EQ(problem_of(text), "none") << text;
  }
}

TEST(Compile, only_the_variables_given_may_be_used) {
  const auto program = program_of({{"{$input}", {"input", "context"}},
                                   {"$context.a | .b", {"input", "context"}},
                                   {"\"\\($input.x) # $context\"", {"input", "context"}},
                                   {". as $input | 1", {"context"}},
                                   {"1", {"context"}},
                                   {"$ input", {"input"}}});
  ASSERT_TRUE(program);
  using Names = std::vector<std::string>;
  EXPECT_EQ(program->size(), 6U);
  EXPECT_EQ(program->variables_of(ExpressionId{0}), Names{"input"});
  EXPECT_EQ(program->variables_of(ExpressionId{1}), Names{"context"});
  EXPECT_EQ(program->variables_of(ExpressionId{2}), Names{"input"});
  EXPECT_THAT(program->variables_of(ExpressionId{3}), IsEmpty());
  EXPECT_THAT(program->variables_of(ExpressionId{4}), IsEmpty());
  EXPECT_EQ(program->variables_of(ExpressionId{5}), Names{"input"});
  EXPECT_EQ(problems_of({{"$secrets.key", {"input"}}}).front().message,
            "$secrets is not defined (available here: $input)");
  EXPECT_EQ(problems_of({{"$secrets + 1", {}}}).front().message, "$secrets is not defined (available here: none)");
}

TEST(Compile, every_bad_expression_among_many_is_named) {
  std::vector<ExpressionSource> sources;
  for (int i = 0; i < 300; ++i) sources.push_back({fmt::format(".a + {}", i), {}});
  sources[3].text = "foo";
  sources[17].text = "if . then";
  sources[18].text = "1 +";
  sources[200].text = "$x";
  sources[299].text = "env";
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& problem : problems_of(sources)) found.emplace_back(problem.index, problem.message);
  const std::vector<std::pair<std::size_t, std::string>> expected = {
      {3, "foo/0 is not defined"},
      {17, "syntax error, unexpected the end of the expression"},
      {18, "syntax error, unexpected the end of the expression"},
      {200, "$x is not defined (available here: none)"},
      {299, "'env' is not available in workflow expressions"},
  };
  EXPECT_EQ(found, expected);
}

TEST(Compile, offsets_point_at_the_place) {
  const auto offset = [](std::string text) { return problems_of({{std::move(text), {}}}).front().offset; };
  EXPECT_EQ(offset("1 + env"), 4U);
  EXPECT_EQ(offset(".a | foo(1)"), 5U);
  EXPECT_EQ(offset("[1, $x]"), 4U);
  EXPECT_EQ(offset("(1 | [2)"), 7U);
  EXPECT_EQ(offset(".a |\n.b |\n. . ."), 10U);  // libjq knows the line
  EXPECT_EQ(offset("1 +"), 3U);
}

TEST(Compile, text_beyond_the_limit_is_refused) {
  const std::string padding(limits::k_expression_bytes - 1, ' ');
  EXPECT_EQ(problem_of("1" + padding), "none");
  EXPECT_THAT(problem_of("1 " + padding), HasSubstr("k_expression_bytes"));
}

TEST(Compile, nothing_in_the_home_directory_reaches_an_expression) {
  const auto home = std::filesystem::temp_directory_path() /
                    fmt::format("cairn-home-{}", ::testing::UnitTest::GetInstance()->random_seed());
  std::filesystem::create_directories(home);
  std::ofstream(home / ".jq") << "def length: \"from home\"; def at_home: 1;";
  const char* before = std::getenv("HOME");
  const std::string saved = before != nullptr ? before : "";
  ASSERT_EQ(setenv("HOME", home.c_str(), 1), 0);
  EXPECT_EQ(evaluate("[1] | length"), "1");
  EXPECT_EQ(problem_of("at_home"), "at_home/0 is not defined");
  ASSERT_EQ(setenv("HOME", saved.c_str(), 1), 0);
  std::filesystem::remove_all(home);
}

TEST(Compile, nothing_is_written_to_stderr) {
  testing::internal::CaptureStderr();
  EXPECT_NE(problem_of("1 +"), "none");
  EXPECT_NE(problem_of("foo"), "none");
  EXPECT_EQ(evaluate("error(\"x\")"), "failed: x");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace cairn::test
