#include "workflows/definition/expression_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn {
namespace {

std::vector<std::string> inner(std::string_view text, Dialect dialect = Dialect::text) {
  std::vector<std::string> result;
  for (const EmbeddedExpression& one : find_expressions(text, dialect).expressions) {
    result.emplace_back(text.substr(one.inner_begin, one.inner_end - one.inner_begin));
  }
  return result;
}

using Texts = std::vector<std::string>;

TEST(FindExpressions, TrimsTheBlanksAroundThem) { EXPECT_EQ(inner("x ${  .a\n} y"), Texts{".a"}); }

TEST(FindExpressions, KnowsBracesStringsAndComments) {
  EXPECT_EQ(inner("${ {a: {b: 1}} }"), Texts{"{a: {b: 1}}"});
  EXPECT_EQ(inner(R"(${ "}" })"), Texts{R"("}")"});
  EXPECT_EQ(inner(R"(${ "\"}" })"), Texts{R"("\"}")"});
  EXPECT_EQ(inner(R"x(${ "a\({b: "}"}) }" })x"), Texts{R"x("a\({b: "}"}) }")x"});
  EXPECT_EQ(inner("${ .a # not } here\n + 1 }"), Texts{".a # not } here\n + 1"});
  EXPECT_EQ(inner(R"(${ "${" })"), Texts{R"("${")"});
}

TEST(FindExpressions, FindsSeveralInOneText) {
  EXPECT_EQ(inner("a ${ .b } c ${ .d }${ .e }"), (Texts{".b", ".d", ".e"}));
}

TEST(FindExpressions, TellsAWholeTextFromAPart) {
  EXPECT_TRUE(find_expressions(" ${ .a }\n", Dialect::text).whole);
  EXPECT_FALSE(find_expressions("${ .a }.", Dialect::text).whole);
  EXPECT_FALSE(find_expressions("${ .a } ${ .b }", Dialect::text).whole);
  EXPECT_FALSE(find_expressions("", Dialect::text).whole);
}

TEST(FindExpressions, SaysWhatIsNeverClosed) {
  EXPECT_EQ(find_expressions("a ${ .b", Dialect::text).unterminated, 2u);
  EXPECT_EQ(find_expressions("${ .a } ${ \"}", Dialect::text).unterminated, 8u);
  EXPECT_EQ(find_expressions("${ .a # }", Dialect::text).unterminated, 0u);
  EXPECT_FALSE(find_expressions("$ { .b", Dialect::text).unterminated);
}

TEST(FindExpressions, ClosesAtTheBraceEvenWhenAParenthesisIsOpen) { EXPECT_EQ(inner("${ (.a } b"), Texts{"(.a"}); }

TEST(FindExpressions, LeavesTheShellWhatIsTheShells) {
  for (const char* text :
       {"${HOME}", "${x:-y}", "${#x}", "${x%.*}", "${!x}", "${1}", "${_x", "${$}", "${", "${'a'}", "${-x}"}) {
    EXPECT_TRUE(inner(text, Dialect::shell).empty()) << text;
    EXPECT_FALSE(find_expressions(text, Dialect::shell).unterminated) << text;
  }
  EXPECT_EQ(inner("${HOME} ${ .a } ${.b} ${(.c)} ${[1]} ${\"d\"} ${$input.e}", Dialect::shell),
            (Texts{".a", ".b", "(.c)", "[1]", "\"d\"", "$input.e"}));
}

Texts variables(std::string_view jq) {
  Texts result;
  for (const VariableUse& use : free_variables(jq)) result.emplace_back(use.name);
  return result;
}

TEST(FreeVariables, AreThoseTheTextDoesNotBind) {
  EXPECT_EQ(variables("$a + .b | $c.d"), (Texts{"a", "c"}));
  EXPECT_EQ(variables(". as $x | $x + $y"), Texts{"y"});
  EXPECT_EQ(variables(". as [$x, {k: $z, $w}] | $x + $z + $w"), Texts{});
  EXPECT_EQ(variables("reduce .[] as $i (0; . + $i + $n)"), Texts{"n"});
  EXPECT_EQ(variables("foreach .[] as [$a, $b] (0; $a; $b)"), Texts{});
  EXPECT_EQ(variables("def f($p; q): $p + $r; f($s; 1)"), (Texts{"r", "s"}));
  EXPECT_EQ(variables("label $out | break $out"), Texts{});
  EXPECT_EQ(variables("{$a, b: $c}"), (Texts{"a", "c"}));
  EXPECT_EQ(variables("$__loc__"), Texts{});
}

TEST(FreeVariables, AreNotInStringsOrComments) {
  EXPECT_EQ(variables(R"x("$a \($b) $c" # $d)x"), Texts{"b"});
  EXPECT_EQ(variables(R"x("x\("y\($z)")" | .["$q"])x"), Texts{"z"});
  EXPECT_EQ(variables("no dollar"), Texts{});
}

TEST(FreeVariables, TellTheMemberTheyRead) {
  const auto member = [](std::string_view jq) { return std::string(free_variables(jq).at(0).member); };
  EXPECT_EQ(member("$secrets.key"), "key");
  EXPECT_EQ(member("$secrets[\"a b\"]"), "a b");
  EXPECT_EQ(member("$secrets.\"a b\""), "a b");
  EXPECT_EQ(member("$secrets[.x]"), "");
  EXPECT_EQ(member("$secrets | keys"), "");
  EXPECT_EQ(member(R"x($secrets["a\(.b)"])x"), "");
  EXPECT_EQ(free_variables(". + $secrets.key").at(0).member_offset, 13u);
}

}  // namespace
}  // namespace cairn
