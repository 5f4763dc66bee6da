// Every limit stops what would go on, soon, and nothing in the program can catch it.

#include "tests/workflows/jq/support.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::jq {
namespace {

using test::outputs;

struct Hostile {
  const char* text;
  const char* ends;
};

class HostileExpressions : public testing::TestWithParam<Engine> {};

TEST_P(HostileExpressions, EndAtALimit) {
  const Hostile all[] = {
      {"def f: f; f", "limit: fuel"},
      {"def f: 1 + f; f", "limit: frames"},
      {"def f: [f]; f", "limit: frames"},
      {"def f(x): f(x | x); f(.)", "limit: frames"},
      {"[range(1e12)]", "limit: bytes"},
      {"[limit(1e10; repeat(1))]", "limit: fuel"},
      {"[repeat(1)] | length", "limit: fuel"},
      {"last(range(1e12))", "limit: fuel"},
      {"reduce range(1e12) as $i (0; . + 1)", "limit: fuel"},
      {"reduce repeat(1) as $i (\"x\"; . + .)", "limit: text"},
      {"reduce range(1000) as $i ([]; [.])", "limit: depth"},
      {"reduce range(1000) as $i ({}; {a: .})", "limit: depth"},
      {"[range(1e7) | [.]]", "limit: bytes"},
      {"[range(1e7) | {a: .}]", "limit: bytes"},
      {"[recurse(if . < 1e9 then . + 1 else empty end)]", "limit: fuel"},
      {"0 | until(. < 0; . + 1)", "limit: fuel"},
      {"try (def f: f; f) catch 1", "limit: fuel"},
      {"[.[]?, (def f: 1, f; f)]", "limit: fuel"},
      {"first(def f: f; f)", "limit: fuel"},
      {"label $out | (def f: f; f)", "limit: fuel"},
      {"range(1e9)|empty", "limit: fuel"},
      {"def f: (., .) | f; f", "limit: frames"},
      {"def f: f | .; f", "limit: fuel"},
      {"def f: try f catch .; f", "limit: frames"},
      {"def f: first(f); f", "limit: frames"},
      {"def f: f // 1; f", "limit: frames"},
      {"def f: reduce f as $x (0; .); f", "limit: frames"},
      {"def f: {a: f}; f", "limit: frames"},
      {"def f: .[f]; f", "limit: frames"},
      {"def f: path(f); f", "limit: frames"},
      {"def f: f |= 1; f", "limit: frames"},
      {"def f: .a |= f; f", "limit: frames"},
  };
  Limits limits;  // a tenth of what is usual: the same ends, sooner
  limits.fuel = 2'000'000;
  limits.bytes = 25U << 20;
  limits.text_bytes = 1U << 20;
  limits.frames = 10'000;
  for (const auto& one : all) EXPECT_EQ(outputs(one.text, "null", GetParam(), limits), one.ends) << one.text;
}

std::string chain_of_definitions(int count, const char* parameter, const std::string& step, const std::string& last) {
  const auto at = [](std::string text, int i) {
    for (std::size_t found = text.find('#'); found != std::string::npos; found = text.find('#')) {
      text.replace(found, 1, std::to_string(i));
    }
    return text;
  };
  std::string text = at(std::string("def f#") + parameter + ": " + (*parameter == 0 ? "." : "g") + "; ", 0);
  for (int i = 1; i < count; ++i) {
    text += at(std::string("def f#") + parameter + ": ", i) + at(step, i - 1) + "; ";
  }
  return text + at(last, count - 1);
}

TEST_P(HostileExpressions, DoNotGrowWhenTheyAreCompiled) {
  EXPECT_EQ(outputs(chain_of_definitions(60, "", "f#, f#", "first(f#)"), "7", GetParam()), "7");
  EXPECT_EQ(outputs(chain_of_definitions(60, "(g)", "f#(g | g)", "f#(1, 2) | ."), "7", GetParam()), "limit: frames");
  EXPECT_EQ(outputs(chain_of_definitions(60, "(g)", "f#(g, g)", "first(f#(. + 1))"), "7", GetParam()), "8");
  EXPECT_EQ(outputs(chain_of_definitions(60, "(g)", "f#(f#(g))", "first(f#(. + 1))"), "7", GetParam()),
            "limit: frames");
  EXPECT_EQ(outputs(chain_of_definitions(14, "(g)", "f#(g | g)", "f#(. + 1)"), "7", GetParam()), "8199");
  EXPECT_EQ(outputs(chain_of_definitions(17, "(g)", "f#(g | g)", "f#(. + 1)"), "7", GetParam()), "65543");
  EXPECT_EQ(outputs("def a(g): . as $x | g; " + chain_of_definitions(15, "(g)", "f#(g | a(g))", "3 as $n | f#(. + $n)"),
                    "7", GetParam()),
            "49159");
}

TEST_P(HostileExpressions, PayForWhatTheyPass) {
  std::string names;
  std::string values;
  for (int i = 0; i < 1000; ++i) {
    const std::string separator = i == 0 ? "" : ";";
    names += separator + "p" + std::to_string(i);
    values += separator + ".";
  }
  Limits limits;
  limits.fuel = 100'000;
  EXPECT_EQ(outputs("def f(" + names + "): if . == 0 then . else . - 1 | f(" + names + ") end; f(" + values + ")", "10",
                    GetParam(), limits),
            "0");
  EXPECT_EQ(outputs("def f(" + names + "): if . == 0 then . else . - 1 | f(" + names + ") end; f(" + values + ")",
                    "1000", GetParam(), limits),
            "limit: fuel");
}

TEST_P(HostileExpressions, MayHaveManyAlternativesOfPatterns) {
  std::string patterns;
  for (int i = 0; i < 3000; ++i) patterns += (i == 0 ? "[$a" : " ?// [$a") + std::to_string(i) + "]";
  EXPECT_EQ(outputs(". as " + patterns + " | [$a0, $a1, $a2999]", "[1]", GetParam()), "[1,null,null]");
  EXPECT_EQ(outputs(". as " + patterns + " | if $a2 then $a2 else error end", "[1]", GetParam()), "1");
}

INSTANTIATE_TEST_SUITE_P(Engines, HostileExpressions, testing::Values(Engine::both, Engine::machine));

TEST(Limits, CountOutputs) {
  Limits limits;
  limits.outputs = 3;
  EXPECT_EQ(outputs("1, 2, 3", "null", Engine::both, limits), "1 2 3");
  EXPECT_EQ(outputs("1, 2, 3, 4", "null", Engine::both, limits), "1 2 3 limit: outputs");
  EXPECT_EQ(outputs("1, 2, 3, 4", "null", Engine::machine, limits), "1 2 3 limit: outputs");
}

TEST(Limits, LetTailCallsRunForLong) {
  for (const Engine engine : {Engine::both, Engine::machine}) {
    EXPECT_EQ(outputs("def f: if . >= 120000 then . else .+1|f end; f", "0", engine), "120000");
    EXPECT_EQ(outputs("def f($n): if $n >= 120000 then $n else f($n + 1) end; f(0)", "0", engine), "120000");
    EXPECT_EQ(outputs("def f(g): if . >= 120000 then . else g|f(g) end; f(.+1)", "0", engine), "120000");
    EXPECT_EQ(outputs("until(. >= 120000; .+1)", "0", engine), "120000");
    EXPECT_EQ(outputs("last(recurse(if . < 120000 then .+1 else empty end))", "0", engine), "120000");
    EXPECT_EQ(outputs("last(limit(120000; repeat(7)))", "0", engine), "7");
    EXPECT_EQ(outputs("[limit(5; while(true; .+1))]", "0", engine), "[0,1,2,3,4]");
  }
}

TEST(Limits, LetLoopsBuildLargeValuesInPlace) {
  EXPECT_EQ(outputs("reduce range(100000) as $i ([]; . + [$i]) | length"), "100000");
  EXPECT_EQ(outputs("reduce range(100000) as $i ([]; .[$i] = $i) | length"), "100000");
  EXPECT_EQ(outputs("reduce range(100000) as $i (\"\"; . + \"ab\") | length"), "200000");
  EXPECT_EQ(outputs("reduce range(100000) as $i ({}; .[\"\\($i % 100)\"] += 1) | length"), "100");
  EXPECT_EQ(outputs("reduce range(100000) as $i ({a: {b: []}}; .a.b += [$i]) | .a.b | length"), "100000");
}

TEST(Limits, LetLoopsThatCallFunctionsBuildLargeValuesInPlace) {
  const std::string recursive = "def f: if . > 9 then . % 10 | f else . end; ";
  EXPECT_EQ(outputs(recursive + "reduce range(100000) as $i ([]; . + [$i | f]) | length"), "100000");
  EXPECT_EQ(outputs(recursive + "reduce range(100000) as $i ([]; .[$i] = ($i | f)) | length"), "100000");
  EXPECT_EQ(outputs(recursive + "reduce range(100000) as $i ([]; if $i | f > 9 then . else . + [$i] end) | length"),
            "100000");
  EXPECT_EQ(outputs(recursive + "reduce range(100000) as $i ({a: []}; .a += [$i | f]) | .a | length"), "100000");
  EXPECT_EQ(outputs(recursive + "last(foreach range(100000) as $i ([]; . + [$i | f]; length))"), "100000");
}

TEST(Limits, CountTheSameWhetherValuesShareStorageOrNot) {
  const auto fuel_of = [](std::string_view text, const Value& input, const Value& other) {
    const Limits limits;
    Budget budget(limits);
    Surroundings surroundings{budget};
    const std::string name = "other";
    const auto program = compile(text, std::span(&name, 1)).value();
    EXPECT_TRUE(program.evaluate(input, std::span(&other, 1), surroundings, [](Value) { return true; }));
    return limits.fuel - budget.fuel_left();
  };
  const auto make = [] { return parse_json(R"({"a": [1, 2, {"b": "text"}], "c": [3, 4, 5]})").value(); };
  const Value one = make();
  for (const char* text :
       {". == $other", "[., $other] | unique", "[., $other] | group_by(.)", ". < $other", ".a += $other.c",
        "[., $other] | index([$other])", "[.] - [$other]", ".a |= map([., $other])", "contains($other)"}) {
    EXPECT_EQ(fuel_of(text, one, one), fuel_of(text, one, make())) << text;
  }
}

TEST(Limits, LoopsWhoseBodyHasSeveralOutputsGoOnWithTheLast) {
  for (const Engine engine : {Engine::both, Engine::machine}) {
    EXPECT_EQ(outputs("reduce (1, 2) as $i ([]; . + ([$i], [-$i]))", "null", engine), "[-1,-2]");
    EXPECT_EQ(outputs("def f: ., if . > 0 then . - 1 | f else empty end; reduce (1, 2) as $i ([]; . + [$i, ($i | f)])",
                      "null", engine),
              "[1,1,0,2,2,1,0]");
    EXPECT_EQ(
        outputs(
            "def f: ., if . > 0 then . - 1 | f else empty end; reduce (1, 2) as $i ([]; . + [$i | f][0:1] + (2 | [f]))",
            "null", engine),
        "[1,2,1,0,2,2,1,0]");
    EXPECT_EQ(outputs("def f: ., if . > 0 then . - 1 | f else empty end; reduce (1, 2) as $i ([7]; . + ($i | f | [.]))",
                      "null", engine),
              "[7,0,0]");
    EXPECT_EQ(outputs("reduce range(5) as $x (0; empty)", "null", engine), "null");
  }
}

}  // namespace
}  // namespace cairn::jq
