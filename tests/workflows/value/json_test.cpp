#include "workflows/value/json.h"

#include "tests/workflows/value/value_generator.h"
#include "workflows/core/limits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace cairn {
namespace {

Value parsed(std::string_view text) {
  auto result = parse_json(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().to_string());
  return result ? result.value() : Value();
}

std::string nested(std::string_view opening, std::string_view core, std::string_view closing, std::size_t levels) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += opening;
  text += core;
  for (std::size_t i = 0; i < levels; ++i) text += closing;
  return text;
}

TEST(ParseJson, ReadsEveryKind) {
  const Value value =
      parsed(R"( { "n": null, "t": true, "f": false, "i": -3, "d": 0.5, "s": "x", "a": [1, []], "o": {} } )");
  EXPECT_EQ(to_json(value), R"({"n":null,"t":true,"f":false,"i":-3,"d":0.5,"s":"x","a":[1,[]],"o":{}})");
}

TEST(ParseJson, KeepsIntegersOfSixtyFourBitsExact) {
  EXPECT_TRUE(parsed("-9223372036854775808").same_as(Value::integer(INT64_MIN)));
  EXPECT_TRUE(parsed("9223372036854775807").same_as(Value::integer(INT64_MAX)));
  EXPECT_TRUE(parsed("9223372036854775808").same_as(Value::unsigned_integer(1ull << 63)));
  EXPECT_TRUE(parsed("18446744073709551615").same_as(Value::unsigned_integer(UINT64_MAX)));
  EXPECT_TRUE(parsed("9007199254740993").same_as(Value::integer(9007199254740993)));
}

TEST(ParseJson, KeepsTheDigitsOfOtherNumbers) {
  for (const char* text :
       {"18446744073709551617", "-9223372036854775809", "1.0", "19.90", "-0", "1.5", "1E-400", "1e-05"}) {
    EXPECT_EQ(to_json(parsed(text)), text);
  }
  EXPECT_EQ(parsed("1.7976931348623157e308"), Value::number(std::numeric_limits<double>::max()));
}

TEST(ParseJson, ReadsEscapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\té\u0000\ud83d\ude00")").as_string(),
            std::string("\"\\/\b\f\n\r\t\xc3\xa9\0\xf0\x9f\x98\x80", 15));
}

TEST(ParseJson, ReadsMembersInTheirOrder) { EXPECT_EQ(to_json(parsed(R"({"z":1,"a":2})")), R"({"z":1,"a":2})"); }

TEST(ParseJson, SkipsAByteOrderMark) { EXPECT_EQ(parsed("\xef\xbb\xbf[]"), Value::array({})); }

struct Malformed {
  std::string_view text;
  std::string_view where;
  std::string_view message;
};

void PrintTo(const Malformed& malformed, std::ostream* out) { *out << quote_json(malformed.text); }

class MalformedJson : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedJson, IsRefusedWithItsPlace) {
  const auto result = parse_json(GetParam().text);
  ASSERT_FALSE(result) << to_json(result.value());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(result.error().where, GetParam().where);
  EXPECT_EQ(result.error().message, GetParam().message);
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    Structure, MalformedJson,
    testing::Values(
        Malformed{"", "line 1, column 1", "the text is empty where a JSON value should be"},
        Malformed{" \n\n ", "line 1, column 1", "the text is empty where a JSON value should be"},
        Malformed{"[1, 2", "line 1, column 6", "the text ends before the value is complete"},
        Malformed{"{\n  \"a\":\n", "line 3, column 1", "the text ends before the value is complete"},
        Malformed{"[1, ]", "line 1, column 5", "unexpected ']': a value should come here"},
        Malformed{"[1 2]", "line 1, column 4", "unexpected '2': ',' or ']' should come here"},
        Malformed{"[1}", "line 1, column 3", "unexpected '}': ',' or ']' should come here"},
        Malformed{"{\"a\": 1 \"bc\": 2}", "line 1, column 9", "unexpected string: ',' or '}' should come here"},
        Malformed{"{\"a\": 1]", "line 1, column 8", "unexpected ']': ',' or '}' should come here"},
        Malformed{"{\"a\" 1}", "line 1, column 6", "unexpected '1': ':' should come here"},
        Malformed{"{a: 1}", "line 1, column 2", "unexpected 'a': a member name in quotes should come here"},
        Malformed{"{\"a\": 1,}", "line 1, column 9", "unexpected '}': a member name in quotes should come here"},
        Malformed{"{\"a\":}", "line 1, column 6", "unexpected '}': a value should come here"},
        Malformed{"[] x", "line 1, column 4", "unexpected 'x': the text should end here"},
        Malformed{"1 2", "line 1, column 3", "unexpected '2': the text should end here"},
        Malformed{"[\n  1,\n  nope\n]", "line 3, column 3", "unexpected 'nope': a value should come here"},
        Malformed{"truth", "line 1, column 1", "unexpected 'truth': a value should come here"},
        Malformed{"'a'", "line 1, column 1", "unexpected ''': a value should come here"},
        Malformed{"[1, // one\n2]", "line 1, column 5", "unexpected '/': a value should come here"},
        Malformed{"[\x01]", "line 1, column 2", "unexpected character: a value should come here"},
        Malformed{"[1]\0[2]"sv, "line 1, column 4", "JSON text has no NUL bytes"},
        Malformed{"\xef\xbb[]", "line 1, column 1", "the text is not UTF-8"},
        Malformed{"\xef\xbb\xbf[x", "line 1, column 2", "unexpected 'x': a value should come here"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, MalformedJson,
    testing::Values(Malformed{"[\"abc", "line 1, column 6", "the text ends inside a string"},
                    Malformed{"\"a\nb\"", "line 1, column 3", "a control character inside a string must be escaped"},
                    Malformed{"\"\\x41\"", "line 1, column 3", "unknown escape after a backslash"},
                    Malformed{"\"\\u12g4\"", "line 1, column 6", "\\u must be followed by four hexadecimal digits"},
                    Malformed{"\"\\ud800\"", "line 1, column 8", "half of a surrogate pair is no character"},
                    Malformed{"\"\\udc00\"", "line 1, column 7", "half of a surrogate pair is no character"},
                    Malformed{"\"\xff\"", "line 1, column 2", "the text is not UTF-8"},
                    Malformed{"\"\xc3\xa9\xc0\xaf\"", "line 1, column 3", "the text is not UTF-8"},
                    Malformed{"\"\xed\xa0\x80\"", "line 1, column 3", "the text is not UTF-8"},
                    Malformed{"\"\xe2\x82", "line 1, column 3", "the text is not UTF-8"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, MalformedJson,
    testing::Values(Malformed{"[01]", "line 1, column 2", "unexpected '01': ',' or ']' should come here"},
                    Malformed{"[1.]", "line 1, column 2", "malformed number '1.'"},
                    Malformed{"[-x]", "line 1, column 2", "malformed number '-x'"},
                    Malformed{"[1e+]", "line 1, column 2", "malformed number '1e+'"},
                    Malformed{"[+1]", "line 1, column 2", "unexpected '+1': a value should come here"},
                    Malformed{"[.5]", "line 1, column 2", "unexpected '.5': a value should come here"},
                    Malformed{"[NaN]", "line 1, column 2", "unexpected 'NaN': a value should come here"},
                    Malformed{"[0, 1e309]", "line 1, column 5", "the number 1e309 is too large for a double"},
                    Malformed{"-1e999", "line 1, column 1", "the number -1e999 is too large for a double"}));

INSTANTIATE_TEST_SUITE_P(
    RepeatedNames, MalformedJson,
    testing::Values(
        Malformed{"{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "line 3, column 2", "the member \"a\" is given twice"},
        Malformed{"{\"x\": {\"\\\"\": 1, \"\\u0022\": 2}}", "line 1, column 17", "the member \"\\\"\" is given twice"},
        Malformed{"{\"\": [], \"\" : 0}", "line 1, column 10", "the member \"\" is given twice"},
        Malformed{R"({"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,
"q":0,"b":1})",
                  "line 2, column 7", "the member \"b\" is given twice"}));

TEST(ParseJson, CountsColumnsInCharacters) {
  const auto result = parse_json("[\"é\xf0\x9f\x98\x80\", ?]");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "line 1, column 8");
}

TEST(ParseJson, AcceptsNestingUpToTheLimit) {
  const auto depth = limits::k_value_depth;
  EXPECT_EQ(parsed(nested("[", "", "]", depth)).depth(), depth);
  EXPECT_EQ(parsed(nested("{\"a\":", "1", "}", depth)).depth(), depth);
}

TEST(ParseJson, RefusesNestingOneBeyondTheLimitWhereItHappens) {
  for (const auto& text :
       {nested("[", "", "]", limits::k_value_depth + 1), nested("[", "{}", "]", limits::k_value_depth)}) {
    const auto result = parse_json(text);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(result.error().where, "line 1, column 513");
    EXPECT_EQ(result.error().message, "nested deeper than 512 levels");
  }
}

TEST(ParseJson, RefusesAMillionLevelsWithoutRecursion) {
  EXPECT_EQ(parse_json(std::string(1'000'000, '[')).error().code, ErrorCode::limit_exceeded);
}

TEST(ParseJson, TakesAnObjectOfManyMembersInGoodTime) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"m" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(parsed(text).as_object().size(), 50'000u);
}

TEST(ToJson, PrintsWholeDoublesAsIntegersWhileTheyAreExact) {
  const auto printed = [](double number) { return to_json(Value::number(number)); };
  EXPECT_EQ(printed(3.0), "3");
  EXPECT_EQ(printed(-0.0), "-0");
  EXPECT_EQ(printed(1e16), "10000000000000000");
  EXPECT_EQ(printed(1e17), "100000000000000000");
  EXPECT_EQ(printed(1e20), "1e+20");
  EXPECT_EQ(printed(0.1), "0.1");
  EXPECT_EQ(printed(1e-7), "1e-07");
  EXPECT_EQ(printed(5e-324), "5e-324");
}

TEST(ToJson, PrintsWhatJsonCannotSayAsJqDoes) {
  EXPECT_EQ(to_json(Value::number(std::nan(""))), "null");
  EXPECT_EQ(to_json(Value::number(std::numeric_limits<double>::infinity())), "1.7976931348623157e+308");
  EXPECT_EQ(to_json(Value::number(-std::numeric_limits<double>::infinity())), "-1.7976931348623157e+308");
}

TEST(ToJson, PrintsTheEdgesOfTheIntegers) {
  EXPECT_EQ(to_json(Value::integer(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(to_json(Value::unsigned_integer(UINT64_MAX)), "18446744073709551615");
}

TEST(QuoteJson, EscapesAsJqDoes) {
  EXPECT_EQ(quote_json(""), R"("")");
  EXPECT_EQ(quote_json("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quote_json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(quote_json(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(quote_json("é\xf0\x9f\x98\x80"), "\"é\xf0\x9f\x98\x80\"");
}

TEST(ToPrettyJson, IndentsByTwoSpaces) {
  EXPECT_EQ(to_pretty_json(parsed(R"({"a":[1,{"b":[]}],"c":{}})")), R"({
  "a": [
    1,
    {
      "b": []
    }
  ],
  "c": {}
})");
  EXPECT_EQ(to_pretty_json(Value::string("x")), "\"x\"");
}

RC_GTEST_PROP(Json, ReadsBackWhatItPrints, (const Value& value)) {
  RC_ASSERT(parse_json(to_json(value)).value() == value);
  RC_ASSERT(parse_json(to_pretty_json(value)).value() == value);
}

RC_GTEST_PROP(Json, PrintsTheSameAgainAfterReading, (const Value& value)) {
  const std::string text = to_json(value);
  RC_ASSERT(to_json(parse_json(text).value()) == text);
}

RC_GTEST_PROP(ParseJson, GivesAPlaceForEveryCutText, (const Value& inner)) {
  const std::string text = to_json(Value::array({inner}));
  const auto size = *rc::gen::inRange<std::size_t>(0, text.size());
  const auto result = parse_json(std::string_view(text).substr(0, size));
  RC_ASSERT(!result);
  RC_ASSERT(result.error().where.starts_with("line 1, column "));
}

RC_GTEST_PROP(ParseJson, SurvivesAnyBytes, (const std::string& noise)) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "[", "]", "{", "}", ",", ":", "\"", "\\", "a", "-", "0", "1e9", ".", "true", "\n", "\xc3", "\xa9", "\\u00"));
  std::string text = noise;
  for (const auto& piece : pieces) text += piece;
  const auto result = parse_json(text);
  if (result) {
    RC_ASSERT(parse_json(to_json(result.value())).value() == result.value());
  } else {
    RC_ASSERT(!result.error().where.empty());
  }
}

}  // namespace
}  // namespace cairn
