// Every limit stops what would go on, soon, and nothing in the program can catch it.

#include "tests/workflows/jq/support.h"

#include <gtest/gtest.h>

#include <chrono>

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
  for (const auto& one : all) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(outputs(one.text, "null", GetParam()), one.ends) << one.text;
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took, std::chrono::seconds(5)) << one.text;
  }
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
    EXPECT_EQ(outputs("def f: if . >= 300000 then . else .+1|f end; f", "0", engine), "300000");
    EXPECT_EQ(outputs("def f($n): if $n >= 300000 then $n else f($n + 1) end; f(0)", "0", engine), "300000");
    EXPECT_EQ(outputs("def f(g): if . >= 300000 then . else g|f(g) end; f(.+1)", "0", engine), "300000");
    EXPECT_EQ(outputs("until(. >= 300000; .+1)", "0", engine), "300000");
    EXPECT_EQ(outputs("last(recurse(if . < 300000 then .+1 else empty end))", "0", engine), "300000");
    EXPECT_EQ(outputs("last(limit(300000; repeat(7)))", "0", engine), "7");
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
  for (const char* text : {". == $other", "[., $other] | unique", "[., $other] | group_by(.)", ". < $other", ".a += $other.c",
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
