#include "workflows/source/source.h"

#include "workflows/core/suggest.h"
#include "workflows/source/pointer.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

std::string json_of(std::string_view text) {
  const auto value = parse_yaml(text);
  return value ? to_json(value.value()) : "error: " + value.error().to_string();
}

Diagnostic error_of(std::string_view text, const SourceLimits& limits = {}) {
  const ParsedSource parsed = parse_source(text, limits);
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << text;
  return parsed.diagnostics.empty() ? Diagnostic{} : parsed.diagnostics.front();
}

TEST(Source, ReadsYamlAsData) {
  EXPECT_EQ(json_of("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  d: ~\n  e:\nf: |\n  two\n  lines\n"),
            R"({"a":1,"b":["x","y","z\n"],"c":{"d":null,"e":null},"f":"two\nlines\n"})");
}

TEST(Source, ReadsJsonThroughTheSameDoor) {
  EXPECT_EQ(json_of("{\"a\":[1,2.5,null,true],\"b\":{\"c\":\"\\u00e9\\/\\\"\"}}"),
            R"({"a":[1,2.5,null,true],"b":{"c":"é/\""}})");
  EXPECT_EQ(json_of("{\n\t\"a\": 1,\n\t\"b\": 2\n}"), R"({"a":1,"b":2})");
}

TEST(Source, ReadsJsonsSurrogatePairs) {
  EXPECT_EQ(json_of(R"({"a": "x\ud83d\ude00y", "b": "\\ud83d"})"), "{\"a\":\"x😀y\",\"b\":\"\\\\ud83d\"}");
}

TEST(Source, TakesQuotedScalarsForStrings) {
  EXPECT_EQ(json_of("[\"1\", 'true', \"null\", '~', !!str 5, ! 6]"), R"(["1","true","null","~","5","6"])");
}

TEST(Source, HonoursTheTagsOfTheCoreSchema) {
  EXPECT_EQ(json_of("[!!int 5, !!float 5, !!bool true, !!null ~, !!map {a: 1}, !!seq [1]]"),
            R"([5,5,true,null,{"a":1},[1]])");
  EXPECT_NE(error_of("a: !!int x").message.find("not what its tag"), std::string::npos);
  EXPECT_NE(error_of("a: !!binary aGk=").message.find("cannot have the tag"), std::string::npos);
  EXPECT_NE(error_of("a: !mine x").message.find("unknown tag"), std::string::npos);
}

TEST(Source, TakesKeysAsTheyAreWritten) {
  EXPECT_EQ(json_of("1: a\ntrue: b\n~: c\n1.50: d\n"), R"({"1":"a","true":"b","~":"c","1.50":"d"})");
}

TEST(Source, ExpandsAliases) {
  EXPECT_EQ(json_of("a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n"),
            R"({"a":{"b":[1]},"c":{"b":[1]},"d":[{"b":[1]},{"b":[1]}]})");
}

TEST(Source, MergesMappingsBehindTheKeysThatAreThere) {
  EXPECT_EQ(json_of("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\n"), R"({"base":{"x":1,"y":2},"one":{"y":3,"x":1}})");
  EXPECT_EQ(json_of("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b]}\n"),
            R"({"a":{"x":1},"b":{"x":2,"z":3},"c":{"x":1,"z":3}})");
  EXPECT_EQ(json_of("{\"<<\": 5}"), R"({"<<":5})") << "a quoted << is a key like any other";
  EXPECT_NE(error_of("a: {<<: 5}").message.find("'<<' merges"), std::string::npos);
}

TEST(Source, KnowsWhereEverythingStands) {
  const ParsedSource parsed = parse_source("a: 1\nb:\n  - x\n  - é: [y]\nn:\nm: ~\n");
  ASSERT_NE(parsed.document, nullptr);
  const SourceNode& root = parsed.document->root();
  EXPECT_EQ(root.position, (SourcePosition{1, 1}));
  EXPECT_EQ(root.find("a")->key_position, (SourcePosition{1, 1}));
  EXPECT_EQ(root.find("a")->value->position, (SourcePosition{1, 4}));
  const SourceNode& list = *root.find("b")->value;
  EXPECT_EQ(list.items[0]->position, (SourcePosition{3, 5}));
  EXPECT_EQ(list.items[1]->members[0].value->position, (SourcePosition{4, 8})) << "columns count code points";
  EXPECT_EQ(root.find("n")->value->position, (SourcePosition{5, 1})) << "an absent value is at its key";
  EXPECT_EQ(root.find("m")->value->position, (SourcePosition{6, 4}));
}

TEST(Source, PointsPastAnchorsAndTags) {
  const ParsedSource parsed = parse_source("a: &x !!str  5\n");
  ASSERT_NE(parsed.document, nullptr);
  EXPECT_EQ(parsed.document->root().find("a")->value->position, (SourcePosition{1, 14}));
}

TEST(Source, ReportsEveryDuplicateKeyAndGoesOn) {
  const ParsedSource parsed = parse_source("do:\ndo: [1]\nx: {a: 1, a: 2}\n");
  ASSERT_NE(parsed.document, nullptr);
  ASSERT_EQ(parsed.diagnostics.size(), 2u);
  EXPECT_EQ(parsed.diagnostics[0].position, (SourcePosition{2, 1}));
  EXPECT_EQ(parsed.diagnostics[0].message, "duplicate key 'do': it stands already at line 1, column 1");
  EXPECT_EQ(parsed.diagnostics[1].position, (SourcePosition{3, 11}));
  EXPECT_EQ(parsed.diagnostics[1].pointer, "/x/a");
  EXPECT_EQ(to_json(parsed.document->root().value), R"({"do":[1],"x":{"a":2}})");
}

TEST(Source, FindsDuplicatesInLargeMappings) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "k" + std::to_string(i) + ": 1\n";
  text += "k57: 2\n";
  EXPECT_EQ(error_of(text).position, (SourcePosition{101, 1}));
}

TEST(Source, GivesTheWrittenFormOfPlainScalars) {
  const ParsedSource parsed = parse_source("{a: 0123, b: 1.10 , c: '7'}\n");
  ASSERT_NE(parsed.document, nullptr);
  const SourceNode& root = parsed.document->root();
  EXPECT_EQ(parsed.document->written(*root.find("a")->value), "0123");
  EXPECT_EQ(parsed.document->written(*root.find("b")->value), "1.10");
  EXPECT_EQ(parsed.document->written(*root.find("c")->value), "");
}

struct Broken {
  const char* text;
  SourcePosition position;
  const char* message;
};

class BrokenYaml : public testing::TestWithParam<Broken> {};

TEST_P(BrokenYaml, IsExplainedAtItsPlace) {
  const Diagnostic error = error_of(GetParam().text);
  EXPECT_EQ(error.position, GetParam().position)
      << error.position.line << ":" << error.position.column << " " << error.message;
  EXPECT_NE(error.message.find(GetParam().message), std::string::npos) << error.message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenYaml,
    testing::Values(Broken{"", {1, 1}, "empty"}, Broken{"# only a comment\n", {1, 1}, "empty"},
                    Broken{"a: 1\n---\nb: 2\n", {2, 1}, "second document"}, Broken{"a:\n\tb: 1\n", {2, 1}, "tab"},
                    Broken{"a: 'x\nb: 1\n", {1, 4}, "line 2, which is not indented"},
                    Broken{"a:\n  b: \"x\n  c: 1\n", {2, 6}, "line 3, which is not indented"},
                    Broken{"a: 'x\n  b: 1\n", {1, 4}, "never closed"}, Broken{"[\"a\n, b]\n", {1, 2}, "never closed"},
                    Broken{"a: \"x", {1, 4}, "'\"' is never closed"},
                    Broken{"a: [1, 2\nb: 3\n", {1, 4}, "'[' is never closed"},
                    Broken{"a: {b: [1, 2}\n", {1, 8}, "'[' is never closed"},
                    Broken{"a: b: c\n", {1, 5}, "':' stands where no key can be"},
                    Broken{"a: 1\n  b: 2\n", {2, 4}, "':' stands where no key can be"},
                    Broken{"a: *nope\n", {1, 4}, "alias"}, Broken{"a: &x [*x]\n", {1, 8}, "inside the value it names"},
                    Broken{"a: }\n", {1, 4}, "closed that was not opened"},
                    Broken{"a: \"\\q\"\n", {1, 7}, "unknown escape"}, Broken{"a: \"\\(x)\"\n", {1, 7}, "'\\('"},
                    Broken{"a: @x\n", {1, 4}, "cannot begin a value"}, Broken{"a: .inf\n", {1, 4}, "not a JSON value"},
                    Broken{"a: 1e999\n", {1, 4}, "too large"}, Broken{"a: 0x1FFFFFFFFFFFFFFFF\n", {1, 4}, "64 bits"},
                    Broken{"[a, b]: c\n", {1, 1}, "a key must be a string"},
                    Broken{"- a\nb: c\n", {2, 1}, "does not continue what is above"},
                    Broken{"a: 1\n- b\n", {2, 1}, "does not continue the mapping"},
                    Broken{"%YAML 3.0\n---\na: 1\n", {1, 1}, "YAML"}));

TEST(Source, RefusesBytesThatAreNotText) {
  using namespace std::string_view_literals;
  EXPECT_EQ(error_of("a: x\0y"sv).position, (SourcePosition{1, 5}));
  EXPECT_NE(error_of("a: x\0y"sv).message.find("U+0000"), std::string::npos);
  EXPECT_EQ(error_of("é: 1\nb: \xff\n").position, (SourcePosition{2, 4}));
  EXPECT_NE(error_of("a: \xed\xa0\x80").message.find("UTF-8"), std::string::npos) << "a lone surrogate is not UTF-8";
  EXPECT_NE(error_of("\xfe\xff\0a"sv).message.find("UTF-8"), std::string::npos);
  EXPECT_EQ(json_of("\xef\xbb\xbf{\"a\": 1}"), R"({"a":1})") << "a byte order mark is skipped";
}

TEST(Source, ReadsQuotedStringsOfSeveralLines) {
  EXPECT_EQ(json_of("a: 'one\n  two\n\n  it''s'\nb: [\"x\ny\"]\nc:\n- \"p\n  q\"\n"),
            R"({"a":"one two\nit's","b":["x y"],"c":["p q"]})");
}

TEST(Source, ReadsWindowsLineEnds) { EXPECT_EQ(json_of("a: 1\r\nb:\r\n  - x\r\n"), R"({"a":1,"b":["x"]})"); }

TEST(Pointer, EscapesItsSegments) {
  std::string pointer;
  append_pointer_segment(pointer, "a/b~c");
  EXPECT_EQ(pointer, "/a~1b~0c");
}

TEST(Shown, CutsBetweenCharacters) {
  const std::string text = shown(std::string(71, 'a') + "éé");
  EXPECT_EQ(text, std::string(71, 'a') + "é…");
}

}  // namespace
}  // namespace cairn
