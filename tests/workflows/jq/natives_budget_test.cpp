// What natives do when the budget ends: they stop in time, and say which limit it was.

#include "natives_support.h"

namespace cairn::jq {
namespace {

/// A value that shares its parts, so that it has 2^levels leaves and takes `levels` arrays.
Value shared_tree(int levels, Value leaf = Value::integer(1)) {
  Value tree = std::move(leaf);
  for (int i = 0; i < levels; ++i) tree = Value::array({tree, tree});
  return tree;
}

Value deep_array(std::size_t depth) {
  Value value = Value::array({});
  while (value.depth() < depth) value = Value::array({value});
  return value;
}

Value text_of(std::size_t size, char c = 'x') { return Value::string(std::string(size, c)); }

/// A tenth of what is usual, so that using it up does not take long.
Limits little_fuel() {
  Limits limits;
  limits.fuel = 2'000'000;
  return limits;
}

TEST(BudgetOfNatives, RefusesLongTexts) {
  Limits limits;
  limits.text_bytes = 100;
  const auto run = [&](std::string_view name, const Value& input, const std::vector<Value>& arguments = {}) {
    Bench bench(limits);
    return bench.call(name, input, arguments);
  };
  const Value numbers = Value::array(Array(60, Value::integer(97)));
  EXPECT_EQ(run("implode", Value::array(Array(100, Value::integer(97)))).size(), 102u);
  EXPECT_EQ(run("implode", Value::array(Array(101, Value::integer(97)))), "out of text");
  EXPECT_EQ(run("join", numbers, {text_of(1)}), "out of text");
  EXPECT_EQ(run("tojson", numbers), "out of text");
  EXPECT_EQ(run("add", Value::array({text_of(60), text_of(60)})), "out of text");
  EXPECT_EQ(run("format", text_of(60, ' '), {Value::string("uri")}), "out of text");
  EXPECT_EQ(run("format", text_of(60, '<'), {Value::string("html")}), "out of text");
  EXPECT_EQ(run("format", text_of(90), {Value::string("base64")}), "out of text");
  EXPECT_EQ(run("format", numbers, {Value::string("csv")}), "out of text");
  EXPECT_EQ(run("strftime", Value::integer(0), {Value::string("%101Y")}), "out of text");
  Bench bench(limits);
  EXPECT_EQ(bench.shown(multiply(bench.surroundings(), text_of(10), Value::integer(11))), "out of text");
  EXPECT_EQ(bench.shown(add(bench.surroundings(), text_of(60), text_of(60))), "out of text");
}

TEST(BudgetOfNatives, RefusesLargeResults) {
  Limits limits;
  limits.bytes = 1000;
  const auto run = [&](std::string_view name, const Value& input, const std::vector<Value>& arguments = {}) {
    Bench bench(limits);
    return bench.call(name, input, arguments);
  };
  const Value many = Value::array(Array(100, Value::integer(1)));
  EXPECT_EQ(run("explode", text_of(100)), "out of bytes");
  EXPECT_EQ(run("split", text_of(100), {Value::string("")}), "out of bytes");
  EXPECT_EQ(run("setpath", Value(), {Value::array({Value::integer(100)}), Value()}), "out of bytes");
  EXPECT_EQ(run("reverse", many), "out of bytes");
  EXPECT_EQ(run("sort", many), "out of bytes");
  EXPECT_EQ(run("keys", many), "out of bytes");
  EXPECT_EQ(run("to_entries", Value::object({{"a", many}, {"b", many}, {"c", many}, {"d", many}})).substr(0, 1), "[");
  EXPECT_EQ(run("to_entries", many), "out of bytes");
  EXPECT_EQ(run("transpose", Value::array({many})), "out of bytes");
  EXPECT_EQ(run("flatten", Value::array({many})), "out of bytes");
  EXPECT_EQ(run("indices", many, {Value::integer(1)}), "out of bytes");
  EXPECT_EQ(run("fromjson", Value::string(to_json(many))), "out of bytes");
  EXPECT_EQ(run("_match_impl", text_of(100), {Value::string(""), Value::string("g"), Value()}), "out of bytes");
  Bench bench;
  EXPECT_EQ(bench.call("setpath", Value(), {Value::array({Value::integer(500'000'000)}), Value()}), "out of fuel");
}

TEST(BudgetOfNatives, RefusesDeepResults) {
  Limits limits;
  limits.depth = 10;
  const auto run = [&](std::string_view name, const Value& input, const std::vector<Value>& arguments = {}) {
    Bench bench(limits);
    return bench.call(name, input, arguments);
  };
  EXPECT_EQ(run("fromjson", Value::string(std::string(10, '[') + std::string(10, ']'))), to_json(deep_array(10)));
  EXPECT_EQ(run("fromjson", Value::string(std::string(11, '[') + std::string(11, ']'))), "out of depth");
  EXPECT_EQ(run("setpath", Value(), {Value::array(Array(11, Value::integer(0))), Value()}), "out of depth");
  EXPECT_EQ(run("setpath", deep_array(10), {Value::array(Array(9, Value::integer(0))), deep_array(2)}), "out of depth");
  EXPECT_EQ(run("to_entries", Value::object({{"a", deep_array(9)}})), "out of depth");
  EXPECT_EQ(run("_group_by_impl", Value::array({deep_array(9)}), {Value::array({Value()})}), "out of depth");
  EXPECT_EQ(run("tojson", deep_array(10)), quote_json(to_json(deep_array(10))));
  EXPECT_EQ(run("flatten", deep_array(10)), "[]");
}

TEST(BudgetOfNatives, LongPathsAreErrorsOfTheLanguage) {
  Bench bench;
  const Value longest = Value::array(Array(10'000, Value::integer(0)));
  const Value longer = Value::array(Array(10'001, Value::integer(0)));
  EXPECT_EQ(bench.call("getpath", Value(), {longest}), "null");
  EXPECT_EQ(bench.call("getpath", Value(), {longer}), "error: Path too deep");
  EXPECT_EQ(bench.call("setpath", Value(), {longest, Value()}), "out of depth");
  EXPECT_EQ(bench.call("setpath", Value(), {longer, Value()}), "error: Path too deep");
  EXPECT_EQ(bench.call("delpaths", Value(), {Value::array({longest})}), "null");
  EXPECT_EQ(bench.call("delpaths", Value(), {Value::array({longer})}), "error: Path too deep");
}

TEST(BudgetOfNatives, ContainsValuesThatShareTheirParts) {
  const Value tree = shared_tree(60);
  const Value other = shared_tree(60, Value::number(1.0));
  const auto run = [](std::string_view name, const Value& input, const std::vector<Value>& arguments = {}) {
    Bench bench(little_fuel());
    return bench.call(name, input, arguments).substr(0, 11);
  };
  EXPECT_TRUE(run("tojson", tree).starts_with("out of "));
  EXPECT_TRUE(run("flatten", tree).starts_with("out of "));
  EXPECT_EQ(run("contains", tree, {other}), "out of fuel");
  EXPECT_EQ(run("sort", Value::array({tree, other})), "out of fuel");
  EXPECT_EQ(run("unique", Value::array({tree, other})), "out of fuel");
  EXPECT_EQ(run("min", Value::array({tree, other})), "out of fuel");
  EXPECT_EQ(run("bsearch", Value::array({tree}), {other}), "out of fuel");
  EXPECT_EQ(run("indices", Value::array({tree}), {Value::array({other})}), "out of fuel");
  Bench bench(little_fuel());
  EXPECT_EQ(bench.shown(subtract(bench.surroundings(), Value::array({tree}), Value::array({other}))), "out of fuel");
  EXPECT_EQ(excerpt(tree), "[[[[[[[[[[[[[[[[[[[[[[[[[...]");
}

TEST(BudgetOfNatives, ContainsValuesOfOperatorsThatShareTheirParts) {
  Bench first(little_fuel());
  EXPECT_FALSE(equal(first.surroundings(), shared_tree(60), shared_tree(60)).has_value());
  Bench second(little_fuel());
  EXPECT_FALSE(compare(second.surroundings(), shared_tree(60), shared_tree(60)).has_value());
  const auto nested = [] {
    Value tree = Value::object({{"x", Value::integer(1)}});
    for (int i = 0; i < 60; ++i) tree = Value::object({{"a", tree}, {"b", tree}});
    return tree;
  };
  Bench third(little_fuel());
  EXPECT_TRUE(third.shown(multiply(third.surroundings(), nested(), nested())).starts_with("out of "));
}

TEST(BudgetOfNatives, EndsSearchesThatRepeat) {
  // A needle that almost matches everywhere.
  const std::string hay(1'000'000, 'a');
  Bench bench;
  EXPECT_EQ(bench.call("contains", Value::string(hay), {Value::string(std::string(500'000, 'a') + "b")}), "false");
  Bench overlapping(little_fuel());
  EXPECT_TRUE(overlapping.call("indices", Value::string(hay), {Value::string(std::string(500'000, 'a'))})
                  .starts_with("out of "));
}

TEST(BudgetOfNatives, StopsSortingInTheMiddle) {
  Limits limits;
  Array items;
  for (int i = 0; i < 5000; ++i) items.push_back(Value::string(std::to_string((i * 7919) % 5000)));
  for (std::uint64_t fuel = 5'000; fuel < 40'000; fuel += 997) {
    limits.fuel = fuel;
    Bench bench(limits);
    const std::string answer = bench.call("unique", Value::array(items)).substr(0, 11);
    EXPECT_TRUE(answer == "out of fuel" || answer.starts_with("[\"0\",")) << answer;
  }
}

TEST(BudgetOfNatives, SubtractsLargeArraysInLittleFuel) {
  Array all;
  Array half;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(Value::integer(i));
    if (i % 2 == 0) half.push_back(Value::integer(i));
  }
  Bench bench;
  const auto rest = subtract(bench.surroundings(), Value::array(all), Value::array(half));
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest.value().as_array().size(), 10'000u);
}

}  // namespace
}  // namespace cairn::jq
