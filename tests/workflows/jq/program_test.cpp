// Programs as callers see them: variables, outputs one at a time, problems with their place.

#include "tests/workflows/jq/support.h"

#include <gtest/gtest.h>

namespace cairn::jq {
namespace {

using test::outputs;

Problem problem_of(std::string_view text) {
  auto program = compile(text);
  EXPECT_FALSE(program) << text;
  return program ? Problem{} : program.error();
}

TEST(Program, GivesTheValuesOfItsVariables) {
  const std::vector<std::string> names = {"context", "input"};
  const Program program = compile("[$input.a, $context]", names).value();
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget};
  const std::vector<Value> values = {Value::integer(1), parse_json(R"({"a": 2})").value()};
  std::string given;
  ASSERT_TRUE(program.evaluate(Value(), values, surroundings, [&](Value value) {
    given = to_json(value);
    return true;
  }));
  EXPECT_EQ(given, "[2,1]");
}

TEST(Program, KnowsWhichVariablesItMentions) {
  const std::vector<std::string> names = {"context", "input", "item"};
  EXPECT_EQ(compile("def f: $item; f | .a", names).value().used(), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(compile(". as $input | $input", names).value().used(), (std::vector<bool>{false, false, false}));
}

TEST(Program, StopsWhenTheCallerWantsNoMore) {
  for (const Engine engine : {Engine::both, Engine::machine}) {
    const Program program = compile("range(infinite)", {}, engine).value();
    Limits limits;
    Budget budget(limits);
    Surroundings surroundings{budget};
    int taken = 0;
    EXPECT_TRUE(program.evaluate(Value(), {}, surroundings, [&](const Value&) { return ++taken < 3; }));
    EXPECT_EQ(taken, 3);
  }
}

TEST(Program, KeepsWhatCameBeforeAnError) { EXPECT_EQ(outputs("1, error(\"x\"), 2"), "1 error: \"x\""); }

TEST(Program, SaysWhereAProblemIs) {
  EXPECT_EQ(problem_of(".a | nope(1)").offset, 5u);
  EXPECT_EQ(problem_of(".a | nope(1)").message, "nope/1 is not defined");
  EXPECT_EQ(problem_of("1 +\n  $x").offset, 6u);
  EXPECT_EQ(problem_of("\"a\\(1 + )b\"").offset, 8u);
  EXPECT_EQ(problem_of("[1, 2").offset, 6u - 1);
  EXPECT_EQ(problem_of("{(1): 2}").offset, 2u);
  EXPECT_EQ(problem_of("break $out").message, "break: there is no label $out around");
}

TEST(Program, SaysWhereItFailed) {
  const auto place_of = [](std::string_view text, Engine engine) {
    const Program program = compile(text, {}, engine).value();
    Limits limits;
    Budget budget(limits);
    Surroundings surroundings{budget};
    const auto answer = program.evaluate(Value(), {}, surroundings, [](const Value&) { return true; });
    return answer ? "no failure" : std::string(text.substr(answer.error().offset));
  };
  for (const Engine engine : {Engine::both, Engine::machine}) {
    EXPECT_EQ(place_of("1 | .a", engine), ".a");
    EXPECT_EQ(place_of("1, {a: (2 | error)}", engine), "error)}");
    EXPECT_EQ(place_of("reduce 1 as $x (3; .a = 1)", engine), ".a = 1)");
    EXPECT_EQ(place_of("reduce 1 as $x (\"a\"; . + 1)", engine), ". + 1)");
    EXPECT_EQ(place_of("reduce 1 as $x (3; setpath([\"a\"]; 1))", engine), "setpath([\"a\"]; 1))");
    EXPECT_EQ(place_of("[range(10) | if . > 5 then error else . end]", engine), "error else . end]");
  }
}

TEST(Program, RefusesTheWaysToTheOutsideByName) {
  for (const char* text : {"input", "inputs", "debug", "debug(1)", "stderr", "env", "halt", "halt_error",
                           "halt_error(1)", "input_filename", "input_line_number", "modulemeta", "get_search_list"}) {
    EXPECT_NE(problem_of(text).message.find("is not available"), std::string::npos) << text;
  }
  EXPECT_EQ(problem_of("$ENV").message, "$ENV is not available: an expression sees its input and its variables only");
  EXPECT_NE(problem_of("import \"a\" as a; .").message.find("modules"), std::string::npos);
  EXPECT_NE(problem_of("include \"a\"; .").message.find("modules"), std::string::npos);
}

TEST(Program, KnowsWhenItOnlyPicks) {
  for (const char* text : {".", ".a.b[0]", ".a // \"none\"", "if .a > 1 then .b else .c end", ".items[]",
                           ". as $x | $x.a", "first(.[])"}) {
    EXPECT_TRUE(compile(text).value().only_picks()) << text;
  }
  for (const char* text : {"[., .]", "{a: ., b: .}", ". + .", "reduce .[] as $x (0; $x)", "def f: [.]; f", "map(.)",
                           ".a |= [., .]", "1e308 * 10"}) {
    EXPECT_FALSE(compile(text).value().only_picks()) << text;
  }
}

TEST(Program, NamesTheFunctionThatWasProbablyMeant) {
  EXPECT_EQ(problem_of("lenght").message, "lenght/0 is not defined; did you mean 'length'?");
  EXPECT_EQ(problem_of("range").message, "range/0 is not defined; there is range/1, range/2, range/3");
  EXPECT_EQ(problem_of("def tax_of(x): 1; taxof(.)").message, "taxof/1 is not defined; did you mean 'tax_of'?");
}

TEST(Program, HintsAtTheWordsOfJq) {
  EXPECT_EQ(problem_of(".a && .b").message, "syntax error, unexpected \"&\"; jq has \"and\"");
  EXPECT_EQ(problem_of(".a || .b").message, "syntax error, unexpected \"|\"; jq has \"or\"");
  EXPECT_EQ(problem_of("!.a").message, "syntax error, unexpected \"!\"; jq has \"| not\"");
  EXPECT_EQ(problem_of(".a == 'b'").message, "syntax error, unexpected \"'\"; strings take double quotes");
}

TEST(Program, RefusesTextThatNestsTooDeeply) {
  const std::string brackets(10'000, '[');
  EXPECT_EQ(problem_of(brackets).message, "the expression nests too deeply");
  std::string sum = "1";
  for (int i = 0; i < 2'000; ++i) sum += "+.";
  EXPECT_EQ(problem_of(sum).message, "the expression nests too deeply");
  std::string minus(5'000, '-');
  EXPECT_EQ(problem_of(minus + "1").message, "the expression nests too deeply");
}

TEST(Program, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(problem_of("\"\xc3\xa9\xff\"").message, "this is not UTF-8");
  EXPECT_EQ(problem_of("\"\xc3\xa9\xff\"").offset, 3u);
}

TEST(Program, TakesLongListsAndPipes) {
  std::string list = "[0";
  std::string pipe = "0";
  for (int i = 1; i < 5'000; ++i) {
    list += "," + std::to_string(i);
    pipe += "|.+1";
  }
  EXPECT_EQ(outputs(list + "] | length"), "5000");
  EXPECT_EQ(outputs(pipe), "4999");
}

TEST(Program, StaysSmallWhenFunctionsMultiply) {
  std::string text = "def f0: .+1;";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "f" + std::to_string(i - 1);
    text += "def f" + std::to_string(i) + ": if . < 0 then " + before + "|" + before + " else " + before + " end;";
  }
  EXPECT_EQ(outputs(text + "f29", "1"), "2");
  std::string twice = ".+1";
  for (int i = 0; i < 18; ++i) twice = "d(" + twice + ")";
  EXPECT_EQ(outputs("def d(f): f|f; " + twice, "0"), "262144");
}

}  // namespace
}  // namespace cairn::jq
