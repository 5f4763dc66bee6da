// What is said to authors who write what other languages have, and about regular expressions that are none.

#include "tests/workflows/jq/support.h"
#include "workflows/jq/builtins.h"

#include <gtest/gtest.h>

namespace cairn::jq {
namespace {

Problem problem_of(std::string_view text) {
  auto program = compile(text);
  return program ? Problem{"none"} : program.error();
}

TEST(Hints, NameWhatJqHasInstead) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {".a === 1", "unexpected \"=\"; jq has \"==\""},
      {".a !== 1", "unexpected \"=\"; jq has \"!=\""},
      {".a => 1", "unexpected \">\"; jq has \">=\" to compare, and \"def f(g): …;\" for functions"},
      {"map(x => x.a)", "unexpected \">\"; jq has \">=\" to compare, and \"def f(g): …;\" for functions"},
      {".a > 1 ? \"x\" : \"y\"", "unexpected string; jq has \"if … then … else … end\""},
      {".a ? .b : .c", "unexpected \":\"; jq has \"if … then … else … end\""},
      {"(.a ? 1 : 2)", "unexpected \"1\", expecting \")\"; jq has \"if … then … else … end\""},
      {".a ?: 1", "unexpected \":\"; jq has \"//\""},
      {".a ?? 1", "unexpected \"1\"; jq has \"//\""},
      {"{a-b: 1}", "unexpected \"-\"; a key that is no plain name is quoted: {\"a-b\": …}"},
      {"{x: 1, content-type/x.y: 1}",
       "unexpected \"-\"; a key that is no plain name is quoted: {\"content-type/x.y\": …}"},
      {"{a.b: 1}", "unexpected \".b\"; a key that is no plain name is quoted: {\"a.b\": …}"},
      {"${ .a }", "unexpected \"$\"; an expression is written without ${ } around it"},
      {"$.a", "unexpected \"$\"; the input is \".\""},
      {".a[*]", "unexpected \"*\"; jq has \".[]\" for every element"},
      {"`a`", "unexpected \"`\"; strings take double quotes"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(problem_of(text).message, "syntax error, " + std::string(message)) << text;
  }
}

TEST(Hints, KeepSilentWhereTheyWouldMislead) {
  EXPECT_EQ(problem_of("(.a?").message, "syntax error, unexpected end of the expression, expecting \")\"");
  EXPECT_EQ(problem_of("if .a? end").message, "syntax error, unexpected \"end\", expecting \"then\"");
  EXPECT_EQ(problem_of("{a b}").message, "syntax error, unexpected \"b\", expecting \"}\"");
  for (const char* text : {".a? // 1", ".[.a?:2]", "{a: .b?}", ".a?.b", "{\"a-b\": 1}", "if .a? then 1 end"}) {
    EXPECT_EQ(problem_of(text).message, "none") << text;
  }
}

TEST(Hints, NameTheFormatThatWasProbablyMeant) {
  EXPECT_EQ(problem_of("@bas64").message, "bas64 is not a valid format; did you mean @base64?");
  EXPECT_EQ(problem_of("@nothing").message, "nothing is not a valid format");
}

TEST(Hints, NameTheFunctionThatOtherLanguagesCallOtherwise) {
  EXPECT_EQ(problem_of(".a | len").message, "len/0 is not defined; jq has length");
  EXPECT_EQ(problem_of(".a | len").offset, 5u);
  EXPECT_EQ(problem_of("replace(\"a\"; \"b\")").message, "replace/2 is not defined; jq has sub or gsub");
  for (const char* text : {"def len: length; len", "def f(len): len; f(1)", "{len: 1}", ".len"}) {
    EXPECT_EQ(problem_of(text).message, "none") << text;
  }
}

TEST(Hints, LeaveTheFunctionsOfJqAlone) {
  for (const Builtin& builtin : builtins()) {
    std::string text = builtin.name;
    for (std::size_t i = 0; i < builtin.parameters.size(); ++i) text += i == 0 ? "(." : "; .";
    if (!builtin.parameters.empty()) text += ")";
    EXPECT_EQ(problem_of(text).message, "none") << text;
  }
}

TEST(Patterns, ThatStandInTheProgramAreReadBeforeItRuns) {
  const Problem problem = problem_of(".a | test(\"(\")");
  EXPECT_EQ(problem.message, "Regex failure: end pattern with unmatched parenthesis");
  EXPECT_EQ(problem.offset, 10u);
  for (const char* text : {"match(\"(\"; \"g\")", "match(\"(\"; null)", "capture(\"(\")", "scan(\"(\")",
                           "split(\"(\"; null)", "splits(\"(\")", "sub(\"(\"; \"\")", "gsub(\"(\"; \"\"; \"i\")",
                           "def f: test(\"(\"); 1", "[.[] | select(test(\"[\"))]"}) {
    EXPECT_TRUE(problem_of(text).message.starts_with("Regex failure: ")) << text;
  }
}

TEST(Patterns, AreLeftAloneWhereTheyAreNone) {
  for (const char* text :
       {"split(\"(\")", "test(.a)", "test(\"\\(.a)(\")", "test(\"a b # (\"; \"x\")", "test(\"(\"; .flags)", "\"(\"",
        "def test(x): x; test(\"(\")", "test(\"a\"; \"q\")", "test(\"\\\\d+(?<x>é)\"; \"gx\")"}) {
    EXPECT_EQ(problem_of(text).message, "none") << text;
  }
}

}  // namespace
}  // namespace cairn::jq
