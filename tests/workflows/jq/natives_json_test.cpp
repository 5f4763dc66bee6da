// Values as JSON text, and back.

#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Tojson, WritesAnyValue) {
  expect_all({
      {"tojson",
       "[\"foo\",1,[\"a\",{\"b\":null}],{},[],nan,1.5,true]",
       {},
       R"("[\"foo\",1,[\"a\",{\"b\":null}],{},[],null,1.5,true]")"},
      {"tojson", "18446744073709551615", {}, "\"18446744073709551615\""},
      {"tojson", "\"a\\u0001\\u007f\\\"\"", {}, R"("\"a\\u0001\\u007f\\\"\"")"},
      {"tostring", "\"a\"", {}, "\"a\""},
      {"tostring", "[1]", {}, "\"[1]\""},
      {"tostring", "-1e1000", {}, "\"-1E+1000\""},
  });
}

TEST(Tojson, WritesLongTextsWhole) {
  Bench bench;
  std::string text(10'000, 'x');
  text[4095] = '"';
  text[4096] = '\\';
  const auto written = to_text(bench.surroundings(), Value::array({Value::string(text)}));
  EXPECT_EQ(written.value(), to_json(Value::array({Value::string(text)})));
}

TEST(Fromjson, ReadsAnyValue) {
  expect_all({
      {"fromjson",
       R"("[1, 2.5e1 ,\"a\\u00e9\\ud83d\\ude0e\\/\", {\"a\":{}, \"b\":[[]]}, true,false , null]")",
       {},
       R"([1,25,"aé😎/",{"a":{},"b":[[]]},true,false,null])"},
      {"fromjson", R"("{\"a\":1,\"b\":2,\"a\":3}")", {}, R"({"a":3,"b":2})"},
      {"fromjson", "\"-9223372036854775808\"", {}, "-9223372036854775808"},
      {"fromjson", "\"-0\"", {}, "-0"},
      {"fromjson", "\"1e1000\"", {}, "1E+1000"},
      {"fromjson", "\"1e-1000\"", {}, "1E-1000"},
      {"fromjson", "\"nan\"", {}, "null"},
      {"fromjson", "\"-NaN\"", {}, "null"},
      {"fromjson", R"("\"\\udc00x\"")", {}, "\"\xef\xbf\xbdx\""},
      {"fromjson", "\"\\ufeff[1]\"", {}, "[1]"},
  });
}

TEST(Fromjson, SaysWhatIsWrongAndWhere) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"NaN1", "Invalid numeric literal at EOF at line 1, column 4"},
      {"NaN100000", "Invalid numeric literal at EOF at line 1, column 9"},
      {"{'a': 123}", "Invalid string literal; expected \", but got ' at line 1, column 5"},
      {"", "Expected JSON value"},
      {" ", "Expected JSON value"},
      {"1 2", "Unexpected extra JSON values"},
      {"[1", "Unfinished JSON term at EOF at line 1, column 2"},
      {"\"abc", "Unfinished string at EOF at line 1, column 4"},
      {"[1,]", "Expected another array element at line 1, column 4"},
      {"{\"a\":1,}", "Expected another key-value pair at line 1, column 8"},
      {"{\"a\"}", "Objects must consist of key:value pairs at line 1, column 5"},
      {"{\"a\":}", "Unmatched '}' at line 1, column 6"},
      {"{1:2}", "Object keys must be strings at line 1, column 3"},
      {"[1:2]", "':' not as part of an object at line 1, column 3"},
      {"1,2", "Expected value before ',' at line 1, column 2"},
      {"]", "Unmatched ']' at line 1, column 1"},
      {"[}", "Unmatched '}' at line 1, column 2"},
      {"[\n1 2]", "Expected separator between values at line 2, column 4"},
      {"tru", "Invalid literal at EOF at line 1, column 3"},
      {"nul", "Invalid literal at EOF at line 1, column 3"},
      {"\"\\x\"", "Invalid escape at line 1, column 4"},
      {"\"\\ud800\"", "Invalid \\uXXXX\\uXXXX surrogate pair escape at line 1, column 8"},
      {"\"\\u12g4\"", "Invalid characters in \\uXXXX escape at line 1, column 8"},
  };
  for (const auto& [text, complaint] : cases) {
    Bench bench;
    const std::string expected = "error: " + std::string(complaint) + " (while parsing '" + std::string(text) + "')";
    EXPECT_EQ(bench.call("fromjson", Value::string(std::string(text))), expected);
  }
  expect_all({{"fromjson", "1", {}, "error: number (1) only strings can be parsed"}});
}

TEST(Tonumber, ReadsDecimalNumbersOnly) {
  expect_all({
      {"tonumber", "21", {}, "21"},
      {"tonumber", "\"1\"", {}, "1"},
      {"tonumber", "\"6.7\"", {}, "6.7"},
      {"tonumber", "\".89\"", {}, "0.89"},
      {"tonumber", "\"1.\"", {}, "1"},
      {"tonumber", "\"-876\"", {}, "-876"},
      {"tonumber", "\"+5.43\"", {}, "5.43"},
      {"tonumber", "\"1e3\"", {}, "1E+3"},
      {"tonumber", "\"18446744073709551615\"", {}, "18446744073709551615"},
      {"tonumber", "\"18446744073709551616\"", {}, "18446744073709551616"},
      {"tonumber", "\"nan\"", {}, "null"},
  });
  for (const auto text : {"", "2a", " 4", "5 ", ".", "-", "e5", "1e", "1e+", "0x10", "--1", "1.2.3", "infinit"}) {
    Bench bench;
    EXPECT_EQ(bench.call("tonumber", Value::string(text)),
              "error: string (\"" + std::string(text) + "\") cannot be parsed as a number");
  }
  expect_all({
      {"tonumber", "\"123\\u0000456\"", {}, "error: string (\"123\\u0000456\") cannot be parsed as a number"},
      {"tonumber", "null", {}, "error: null (null) cannot be parsed as a number"},
  });
}

TEST(Toboolean, ReadsTrueAndFalseOnly) {
  expect_all({
      {"toboolean", "\"false\"", {}, "false"},
      {"toboolean", "\"true\"", {}, "true"},
      {"toboolean", "true", {}, "true"},
      {"toboolean", "0", {}, "error: number (0) cannot be parsed as a boolean"},
      {"toboolean", "\"true\\u0000x\"", {}, "error: string (\"true\\u0000x\") cannot be parsed as a boolean"},
  });
}

}  // namespace
}  // namespace cairn::jq
