#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Containers, KnowTheirSizeAndType) {
  expect_all({
      {"length", "[1,2]", {}, "2"},
      {"length", "{\"a\":42}", {}, "1"},
      {"length", "\"μ☆\"", {}, "2"},
      {"length", "null", {}, "0"},
      {"length", "-5", {}, "5"},
      {"length", "-9223372036854775808", {}, "9223372036854775808"},
      {"length", "-1.5", {}, "1.5"},
      {"length", "true", {}, "error: boolean (true) has no length"},
      {"type", "18446744073709551615", {}, "\"number\""},
      {"type", "nan", {}, "\"number\""},
      {"type", "{}", {}, "\"object\""},
      {"toarray", "1", {}, "[1]"},
      {"toarray", "[1]", {}, "[1]"},
  });
}

TEST(Containers, KnowTheirKeys) {
  expect_all({
      {"keys", "{\"abc\":1,\"abcd\":2,\"Foo\":3}", {}, R"(["Foo","abc","abcd"])"},
      {"keys_unsorted", "{\"b\":1,\"a\":2}", {}, R"(["b","a"])"},
      {"keys", "[42,3,35]", {}, "[0,1,2]"},
      {"keys", "1", {}, "error: number (1) has no keys"},
      {"has", "{\"foo\":null}", {"\"foo\""}, "true"},
      {"has", "{}", {"\"foo\""}, "false"},
      {"has", "[0,1]", {"1.9"}, "true"},
      {"has", "[0,1]", {"2"}, "false"},
      {"has", "[0,1]", {"-1"}, "false"},
      {"has", "[0,1]", {"nan"}, "false"},
      {"has", "null", {"0"}, "false"},
      {"has", "[0]", {"\"a\""}, "error: Cannot check whether array has a string key"},
  });
}

TEST(Containers, Contain) {
  expect_all({
      {"contains", R"(["foobar","foobaz","blarp"])", {R"(["baz","bar"])"}, "true"},
      {"contains", R"(["foobar","foobaz"])", {R"(["blap"])"}, "false"},
      {"contains", R"({"foo":12,"bar":[1,2,{"barp":12,"blip":13}]})", {R"({"foo":12,"bar":[{"barp":12}]})"}, "true"},
      {"contains", R"({"foo":12,"bar":[1,2,{"barp":12,"blip":13}]})", {R"({"foo":12,"bar":[{"barp":15}]})"}, "false"},
      {"contains", "{\"a\":1}", {"{\"b\":null}"}, "false"},
      {"contains", "[1,2,3]", {"[4]"}, "false"},
      {"contains", "1", {"1.0"}, "true"},
      {"contains",
       "true",
       {"false"},
       "error: boolean (true) and boolean (false) cannot have their containment checked"},
      {"contains", "1", {"\"1\""}, "error: number (1) and string (\"1\") cannot have their containment checked"},
  });
}

TEST(Containers, AddUp) {
  expect_all({
      {"add", "[]", {}, "null"},
      {"add", "[1,2,3.5]", {}, "6.5"},
      {"add", "[\"a\",null,\"b\",\"c\"]", {}, "\"abc\""},
      {"add", "[[3],[4,5],null,[6]]", {}, "[3,4,5,6]"},
      {"add", "[{\"a\":1},{\"b\":2},{\"a\":3}]", {}, R"({"a":3,"b":2})"},
      {"add", "{\"x\":1,\"y\":2}", {}, "3"},
      {"add", "[9007199254740993,1]", {}, "9007199254740994"},
      {"add", "[null,true]", {}, "true"},
      {"add", "[\"a\",\"b\",1]", {}, "error: string (\"ab\") and number (1) cannot be added"},
      {"add", "[1,\"a\"]", {}, "error: number (1) and string (\"a\") cannot be added"},
      {"add", "[\"a\",\"b\",[1]]", {}, "error: string (\"ab\") and array ([1]) cannot be added"},
      {"add", "null", {}, "error: Cannot iterate over null (null)"},
  });
}

TEST(Containers, AnyAndAll) {
  expect_all({
      {"any", "[]", {}, "false"},
      {"all", "[]", {}, "true"},
      {"any", "[null,false]", {}, "false"},
      {"any", "[false,0]", {}, "true"},
      {"all", "[1,null]", {}, "false"},
      {"all", "[1,\"\"]", {}, "true"},
      {"any", "{\"a\":1}", {}, "true"},
      {"any", "1", {}, "error: Cannot iterate over number (1)"},
  });
}

TEST(Containers, Flatten) {
  expect_all({
      {"flatten", "[0,[1],[[2]],[[[3]]],{\"a\":[4]}]", {}, R"([0,1,2,3,{"a":[4]}])"},
      {"flatten", "[0,[1],[[2]],[[[3]]]]", {"0"}, "[0,[1],[[2]],[[[3]]]]"},
      {"flatten", "[0,[1],[[2]],[[[3]]]]", {"2"}, "[0,1,2,[3]]"},
      {"flatten", "[[[[1]]]]", {"0.5"}, "[1]"},
      {"flatten", "{\"a\":[1],\"b\":2}", {}, "[1,2]"},
      {"flatten", "[[1]]", {"-1"}, "error: flatten depth must not be negative"},
      {"flatten", "[[1]]", {"\"a\""}, "error: string (\"a\") and number (1) cannot be subtracted"},
  });
}

TEST(Containers, Reverse) {
  expect_all({
      {"reverse", "[1,2,3]", {}, "[3,2,1]"},
      {"reverse", "\"\"", {}, "[]"},
      {"reverse", "\"aé☆\"", {}, "error: Cannot index string with number (2)"},
      {"reverse", "null", {}, "[]"},
      {"reverse", "{}", {}, "[]"},
      {"reverse", "{\"a\":1}", {}, "error: Cannot index object with number (0)"},
      {"reverse", "true", {}, "error: boolean (true) has no length"},
  });
}

TEST(Containers, Transpose) {
  expect_all({
      {"transpose", "[[1],[2,3]]", {}, "[[1,2],[null,3]]"},
      {"transpose", "[]", {}, "[]"},
      {"transpose", "[[],null]", {}, "[]"},
      {"transpose", "[[1],{}]", {}, "error: Cannot index object with number (0)"},
  });
}

TEST(Containers, FindElements) {
  expect_all({
      {"indices", "[0,1,1,2,3,4,1,5]", {"1"}, "[1,2,6]"},
      {"indices", "[0,1,2,3,1,4,2,5,1,2,6,7]", {"[1,2]"}, "[1,8]"},
      {"indices", "[1]", {"[1,2]"}, "[]"},
      {"indices", "[1]", {"[]"}, "[]"},
      {"indices", "[nan]", {"nan"}, "[]"},
      {"indices", "null", {"1"}, "null"},
      {"index", "[0,1,2,1,3,1,4]", {"1"}, "1"},
      {"rindex", "[0,1,2,1,3,1,4]", {"1"}, "5"},
      {"rindex", "[0,1,2,3,1,4,2,5,1,2,6,7]", {"[1,2]"}, "8"},
      {"index", "[0]", {"1"}, "null"},
      {"rindex", "null", {"1"}, "null"},
  });
}

TEST(Entries, AreMembersAsObjects) {
  expect_all({
      {"to_entries", "{\"a\":1,\"b\":2}", {}, R"([{"key":"a","value":1},{"key":"b","value":2}])"},
      {"to_entries", "[5]", {}, R"([{"key":0,"value":5}])"},
      {"to_entries", "1", {}, "error: number (1) has no keys"},
      {"from_entries",
       R"([{"key":"a","value":1},{"Key":"b","Value":2},{"name":"c","value":3},{"Name":"d","Value":4}])",
       {},
       R"({"a":1,"b":2,"c":3,"d":4})"},
      {"from_entries", R"([{"key":"c","v":1},{"key":"d","value":false}])", {}, R"({"c":null,"d":false})"},
      {"from_entries", R"([{"k":"a","v":1}])", {}, "error: Cannot use null (null) as object key"},
      {"from_entries", "[]", {}, "{}"},
      {"from_entries", "[{\"key\":1}]", {}, "error: Cannot use number (1) as object key"},
      {"from_entries", "[{\"key\":false}]", {}, "error: Cannot use null (null) as object key"},
      {"from_entries", "[[]]", {}, "error: Cannot index array with string (\"key\")"},
  });
}

TEST(Sorting, PutsAnythingInOrder) {
  expect_all({
      {"sort",
       R"([42,[2,5,3,11],10,{"a":42,"b":2},{"a":42},true,2,[2,6],"hello",null,[2,5,6],{"a":[],"b":1},"abc","ab",[3,10],{},false,"abcd",null])",
       {},
       R"([null,null,false,true,2,10,42,"ab","abc","abcd","hello",[2,5,3,11],[2,5,6],[2,6],[3,10],{},{"a":42},{"a":42,"b":2},{"a":[],"b":1}])"},
      {"sort", "[3,9007199254740993,9007199254740992,1,2]", {}, "[1,2,3,9007199254740992,9007199254740993]"},
      {"sort", "[1,nan,0.5,nan,-1]", {}, "[null,null,-1,0.5,1]"},
      {"sort", "{}", {}, "error: object ({}) cannot be sorted, as it is not an array"},
      {"unique", "[1,2,5,3,5,3,1,3,1.0]", {}, "[1,2,3,5]"},
      {"unique", "[nan,nan]", {}, "[null,null]"},
      {"unique", "[]", {}, "[]"},
      {"min", "[5,4,2,7]", {}, "2"},
      {"max", "[[4,2],[3,1]]", {}, "[4,2]"},
      {"min", "[]", {}, "null"},
      {"min", "[1,nan]", {}, "null"},
      {"min", "1", {}, "error: number (1) and number (1) cannot be iterated over"},
      {"bsearch", "[1,2,3]", {"0"}, "-1"},
      {"bsearch", "[1,2,3]", {"2"}, "1"},
      {"bsearch", "[1,2,3]", {"4"}, "-4"},
      {"bsearch", "\"aa\"", {"0"}, "error: string (\"aa\") cannot be searched from"},
  });
}

TEST(Sorting, GoesByKeysAndIsStable) {
  expect_all({
      {"_sort_by_impl", "[\"a\",\"b\",\"c\",\"d\"]", {"[[2],[1],[2],[0]]"}, R"(["d","b","a","c"])"},
      {"_group_by_impl", "[\"a\",\"b\",\"c\"]", {"[[1],[0],[1]]"}, R"([["b"],["a","c"]])"},
      {"_unique_by_impl",
       "[\"chunky\",\"bacon\",\"kitten\",\"cicada\",\"asparagus\"]",
       {"[[6],[5],[6],[6],[9]]"},
       R"(["bacon","chunky","asparagus"])"},
      {"_min_by_impl", "[\"a\",\"b\",\"c\"]", {"[1,0,0]"}, "\"b\""},
      {"_max_by_impl", "[\"a\",\"b\",\"c\"]", {"[1,1,0]"}, "\"b\""},
      {"_sort_by_impl", "1", {"[]"}, "error: number (1) and array ([]) cannot be sorted, as they are not both arrays"},
      {"_min_by_impl", "[1]", {"[]"}, "error: array ([1]) and array ([]) have wrong length"},
  });
}

TEST(Sorting, SortsManyOfAnyKind) {
  Bench bench;
  std::uint64_t state = 1;
  Array items;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    const auto n = static_cast<std::int64_t>(state >> 54);
    items.push_back(n % 3 == 0   ? Value::integer(n)
                    : n % 3 == 1 ? Value::string(std::to_string(n))
                                 : Value::array({Value::number(0.5 * static_cast<double>(n))}));
  }
  const auto answer = find_native("sort", 0)->call(bench.surroundings(), Value::array(items), {});
  ASSERT_TRUE(answer.has_value());
  const Array& sorted = answer.value().as_array();
  ASSERT_EQ(sorted.size(), items.size());
  for (std::size_t i = 1; i < sorted.size(); ++i) ASSERT_LE(compare(sorted[i - 1], sorted[i]), 0);
}

std::string index_of(std::string_view from, std::string_view key) {
  Bench bench;
  return bench.shown(index(bench.surroundings(), bench.json(from), bench.json(key)));
}

TEST(Index, FindsMembersElementsAndSlices) {
  EXPECT_EQ(index_of("{\"foo\":42}", "\"foo\""), "42");
  EXPECT_EQ(index_of("{}", "\"foo\""), "null");
  EXPECT_EQ(index_of("[1,2,3]", "-1"), "3");
  EXPECT_EQ(index_of("[1,2,3]", "1.9"), "2");
  EXPECT_EQ(index_of("[1,2,3]", "3"), "null");
  EXPECT_EQ(index_of("[1,2,3]", "-4"), "null");
  EXPECT_EQ(index_of("[1,2,3]", "nan"), "null");
  EXPECT_EQ(index_of("[]", "1000000000000000000"), "null");
  EXPECT_EQ(index_of("null", "\"a\""), "null");
  EXPECT_EQ(index_of("null", "{}"), "null");
  EXPECT_EQ(index_of("[0,1,0,1]", "[0,1]"), "[0,2]");
  EXPECT_EQ(index_of("[0,1,2,3]", R"({"start":1,"end":-1})"), "[1,2]");
}

TEST(Index, SaysWhatItCannotDo) {
  EXPECT_EQ(index_of("1", "\"a\""), "error: Cannot index number with string (\"a\")");
  EXPECT_EQ(index_of("{}", "0"), "error: Cannot index object with number (0)");
  EXPECT_EQ(index_of("\"foobar\"", "1.5"), "error: Cannot index string with number (1.5)");
  EXPECT_EQ(index_of("null", "null"), "error: Cannot index null with null (null)");
  EXPECT_EQ(index_of("{}", "{}"), "error: Cannot index object with object ({})");
  EXPECT_EQ(index_of("[1]", "{}"), "error: Array/string slice indices must be integers");
}

std::string slice_of(std::string_view of, std::string_view from, std::string_view to) {
  Bench bench;
  return bench.shown(slice(bench.surroundings(), bench.json(of), bench.json(from), bench.json(to)));
}

TEST(Slice, RoundsOutwardsAndStaysInside) {
  EXPECT_EQ(slice_of("[0,1,2,3,4,5,6]", "3", "2"), "[]");
  EXPECT_EQ(slice_of("[0,1,2,3,4,5,6]", "-5", "4"), "[2,3]");
  EXPECT_EQ(slice_of("[0,1,2,3,4,5,6]", "null", "-2"), "[0,1,2,3,4]");
  EXPECT_EQ(slice_of("[0,1,2,3,4,5,6]", "10", "null"), "[]");
  EXPECT_EQ(slice_of("[0,1,2,3,4]", "1.7", "3.5"), "[1,2,3]");
  EXPECT_EQ(slice_of("[0,1,2]", "1.7", "-4294967296"), "[]");
  EXPECT_EQ(slice_of("[0,1,2]", "nan", "1"), "[0]");
  EXPECT_EQ(slice_of("[0,1,2]", "1", "nan"), "[1,2]");
  EXPECT_EQ(slice_of("\"正aé☆z\"", "1", "-1"), "\"aé☆\"");
  EXPECT_EQ(slice_of("\"abcdefghi\"", "-2", "null"), "\"hi\"");
  EXPECT_EQ(slice_of("null", "1", "2"), "null");
  EXPECT_EQ(slice_of("1", "1", "2"), "error: Cannot index number with object ({\"start\":1,\"end\":2})");
  EXPECT_EQ(slice_of("[1]", "\"a\"", "2"), "error: Array/string slice indices must be integers");
}

TEST(Paths, Get) {
  expect_all({
      {"getpath", "{\"a\":{\"b\":[0,1]}}", {"[\"a\",\"b\",-1]"}, "1"},
      {"getpath", "null", {"[\"a\",0]"}, "null"},
      {"getpath", "1", {"[]"}, "1"},
      {"getpath", "{\"a\":0}", {"[\"a\",\"b\"]"}, "error: Cannot index number with string (\"b\")"},
      {"getpath", "{}", {"0"}, "error: Path must be specified as an array"},
  });
}

TEST(Paths, Set) {
  expect_all({
      {"setpath", "null", {"[\"a\",\"b\"]", "1"}, R"({"a":{"b":1}})"},
      {"setpath", "{\"a\":{\"b\":0,\"c\":2}}", {"[\"a\",\"b\"]", "1"}, R"({"a":{"b":1,"c":2}})"},
      {"setpath", "null", {"[0,\"a\"]", "1"}, "[{\"a\":1}]"},
      {"setpath", "[0,1,2]", {"[-2]", "5"}, "[0,5,2]"},
      {"setpath", "[4]", {"[2,1]", "1"}, "[4,null,[null,1]]"},
      {"setpath", "[0,1,2]", {"[1.1]", "5"}, "[0,5,2]"},
      {"setpath", "1", {"[]", "2"}, "2"},
      {"setpath", "[0,1,2,3,4]", {R"([{"start":1,"end":3}])", "[\"a\"]"}, R"([0,"a",3,4])"},
      {"setpath",
       "[0,1,2,3,4]",
       {R"([{"start":1.5,"end":3.5}])", "[\"a\",\"b\",\"c\",\"d\"]"},
       R"([0,"a","b","c","d",4])"},
      {"setpath", "[0,1,2,3,4]", {R"([{"start":2,"end":null},0])", "9"}, "[0,1,9,3,4]"},
  });
}

TEST(Paths, SayWhatCannotBeSet) {
  expect_all({
      {"setpath", "null", {"[-1]", "0"}, "error: Out of bounds negative array index"},
      {"setpath", "null", {"[999999999]", "0"}, "error: Array index too large"},
      {"setpath", "[0]", {"[nan]", "9"}, "error: Cannot set array element at NaN index"},
      {"setpath", "{\"hi\":1}", {"[1]", "1"}, "error: Cannot index object with number (1)"},
      {"setpath", "[]", {"[[1]]", "1"}, "error: Cannot update field at array index of array"},
      {"setpath", "\"foobar\"", {R"([{"start":1,"end":2}])", "\"x\""}, "error: Cannot update string slices"},
      {"setpath",
       "[0]",
       {R"([{"start":0,"end":1}])", "1"},
       "error: A slice of an array can only be assigned another array"},
      {"setpath", "{}", {"1", "1"}, "error: Path must be specified as an array"},
  });
}

TEST(Paths, Delete) {
  expect_all({
      {"delpaths", R"({"a":{"b":1},"x":{"y":2}})", {R"([["a","b"]])"}, R"({"a":{},"x":{"y":2}})"},
      {"delpaths",
       R"({"foo":[0,1,2,3,4],"bar":[0,1]})",
       {R"([["foo",0],["bar",0],["foo"],["baz","bar",0,"x"]])"},
       R"({"bar":[1]})"},
      {"delpaths",
       R"({"foo":[0,1,2,3,4],"bar":[0,1]})",
       {R"([["foo",2],["foo",3],["foo",0],["bar",2],["bar",3],["bar",0]])"},
       R"({"foo":[1,4],"bar":[1]})"},
      {"delpaths", "[0,1,2,3,4,5,6,7,8,9]", {R"([[1],[-6],[2],[{"start":-3,"end":9}]])"}, "[0,3,5,6,9]"},
      {"delpaths", "[1,2,3]", {"[[nan],[nan]]"}, "[1,2,3]"},
      {"delpaths", "[1,2,3]", {"[[-200]]"}, "[1,2,3]"},
      {"delpaths", "{\"bar\":false}", {"[[\"foo\",1]]"}, R"({"bar":false})"},
      {"delpaths", "[[{\"foo\":2,\"x\":1}]]", {"[[0,0,\"foo\"]]"}, R"([[{"x":1}]])"},
      {"delpaths", "1", {"[[]]"}, "null"},
      {"delpaths", "1", {"[]"}, "1"},
      {"delpaths", "{}", {"0"}, "error: Paths must be specified as an array"},
      {"delpaths", "{}", {"[0]"}, "error: Path must be specified as array, not number"},
      {"delpaths", "{}", {"[[0]]"}, "error: Cannot delete number field of object"},
      {"delpaths", "[]", {"[[\"a\"]]"}, "error: Cannot delete string element of array"},
      {"delpaths", "1", {"[[\"a\"]]"}, "error: Cannot delete fields from number"},
  });
}

}  // namespace
}  // namespace cairn::jq
