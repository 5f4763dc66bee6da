// Operators: exact integers, doubles, texts, arrays, objects, and what they say when they cannot.

#include "natives_support.h"

namespace cairn::jq {
namespace {

using Operator = Answer<Value> (*)(Surroundings&, const Value&, const Value&);

struct Operation {
  std::string_view a;
  char sign;
  std::string_view b;
  std::string_view answer;
};

Operator of_sign(char sign) {
  switch (sign) {
    case '+': return add;
    case '-': return subtract;
    case '*': return multiply;
    case '/': return divide;
    default: return modulo;
  }
}

void expect_all(const std::vector<Operation>& operations) {
  for (const auto& [a, sign, b, answer] : operations) {
    Bench bench;
    EXPECT_EQ(bench.shown(of_sign(sign)(bench.surroundings(), bench.json(a), bench.json(b))), answer)
        << a << ' ' << sign << ' ' << b;
  }
}

TEST(Arithmetic, KeepsIntegersExactWithin64Bits) {
  expect_all({
      {"9007199254740993", '+', "0", "9007199254740993"},
      {"9223372036854775807", '+', "1", "9223372036854775808"},
      {"18446744073709551614", '+', "1", "18446744073709551615"},
      {"18446744073709551615", '-', "18446744073709551615", "0"},
      {"-9223372036854775807", '-', "1", "-9223372036854775808"},
      {"0", '-', "9223372036854775808", "-9223372036854775808"},
      {"4294967295", '*', "4294967297", "18446744073709551615"},
      {"-4294967296", '*', "2147483648", "-9223372036854775808"},
      {"18446744073709551615", '/', "5", "3689348814741910323"},
      {"18446744073709551615", '/', "-3", "-6148914691236517205"},
      {"18446744073709551615", '%', "10", "5"},
      {"-9223372036854775808", '%', "10", "-8"},
      {"-9223372036854775808", '%', "-1", "0"},
  });
}

TEST(Arithmetic, GoesOnWithDoublesBeyond64Bits) {
  expect_all({
      {"18446744073709551615", '+', "1", "18446744073709551616"},
      {"-9223372036854775808", '-', "2000", "-9223372036854777856"},
      {"18446744073709551615", '*', "18446744073709551615", "3.402823669209385e+38"},
      {"-9223372036854775808", '*', "9223372036854775808", "-8.507059173023462e+37"},
      {"1", '/', "3", "0.3333333333333333"},
      {"7", '/', "2", "3.5"},
  });
}

TEST(Arithmetic, WithADoubleIsDoubleArithmetic) {
  expect_all({
      {"1", '+', "0.5", "1.5"},
      {"1.5", '+', "1.5", "3"},
      {"9007199254740993", '+', "0.0", "9007199254740992"},
      {"1", '/', "1e-17", "100000000000000000"},
      {"0.1", '*', "3", "0.30000000000000004"},
      {"Infinity", '-', "Infinity", "null"},
  });
}

TEST(Arithmetic, RemainderIsOfWholePartsWithTheDividendsSign) {
  expect_all({
      {"5", '%', "3", "2"},
      {"-5", '%', "3", "-2"},
      {"5", '%', "-3", "2"},
      {"5.9", '%', "3.9", "2"},
      {"nan", '%', "1", "null"},
      {"1", '%', "nan", "null"},
      {"Infinity", '%', "1", "0"},
      {"-Infinity", '%', "1", "0"},
      {"Infinity", '%', "-1", "0"},
      {"-Infinity", '%', "-1", "0"},
      {"Infinity", '%', "Infinity", "0"},
      {"-Infinity", '%', "Infinity", "-1"},
      {"5", '%', "0.9", "error: number (5) and number (0.9) cannot be divided (remainder) because the divisor is zero"},
  });
}

TEST(Arithmetic, DivisionByZeroFails) {
  expect_all({
      {"1", '/', "0", "error: number (1) and number (0) cannot be divided because the divisor is zero"},
      {"0.0", '/', "0.0", "error: number (0.0) and number (0.0) cannot be divided because the divisor is zero"},
      {"1", '%', "0", "error: number (1) and number (0) cannot be divided (remainder) because the divisor is zero"},
  });
}

TEST(Arithmetic, NullIsNothingToAdd) {
  expect_all({{"null", '+', "1", "1"}, {"{\"a\":42}", '+', "null", "{\"a\":42}"}, {"null", '+', "null", "null"}});
}

TEST(Arithmetic, AddsTextsArraysAndObjects) {
  expect_all({
      {"\"asdf\"", '+', "\"jkl\"", "\"asdfjkl\""},
      {"\"\\u0000 \"", '+', "\"\\u0000\"", "\"\\u0000 \\u0000\""},
      {"[1,2]", '+', "[3,null]", "[1,2,3,null]"},
      {"{\"a\":1,\"b\":2}", '+', "{\"c\":3,\"a\":42}", "{\"a\":42,\"b\":2,\"c\":3}"},
  });
}

TEST(Arithmetic, SubtractsEveryOccurrenceFromArrays) {
  expect_all({
      {"[1,2,3,4,1]", '-', "[1,3]", "[2,4]"},
      {"[\"xml\",\"yaml\",\"json\"]", '-', "[\"xml\",\"yaml\"]", "[\"json\"]"},
      {"[1,1.0,nan,\"1\"]", '-', "[1,nan]", "[null,\"1\"]"},
      {"[0,1,2,3,4,5,6,7,8,9,{\"a\":1},[2],nan]", '-', "[9,8,7,6,5.0,4,3,2,\"1\",{\"a\":1.0},[2],nan]", "[0,1,null]"},
  });
}

TEST(Arithmetic, RepeatsTexts) {
  expect_all({
      {"\"abc\"", '*', "3", "\"abcabcabc\""},
      {"3", '*', "\"ab\"", "\"ababab\""},
      {"\"abc\"", '*', "3.7", "\"abcabcabc\""},
      {"\"abc\"", '*', "0.5", "\"\""},
      {"\"abc\"", '*', "0", "\"\""},
      {"\"abc\"", '*', "-0.5", "null"},
      {"\"abc\"", '*', "-1", "null"},
      {"\"abc\"", '*', "nan", "null"},
      {"\"\"", '*', "1000000000", "\"\""},
      {"\"abc\"", '*', "1000000000", "error: Repeat string result too long"},
      {"\"x\"", '*', "1e10", "error: Repeat string result too long"},
      {"\"x\"", '*', "1e9", "out of text"},
  });
}

TEST(Arithmetic, MergesObjectsDeep) {
  expect_all({
      {R"({"k":{"a":1,"b":2}})", '*', R"({"k":{"a":0,"c":3}})", R"({"k":{"a":0,"b":2,"c":3}})"},
      {R"({"k":{"a":1},"h":{"x":1}})", '*', R"({"k":{"c":3},"h":1})", R"({"k":{"a":1,"c":3},"h":1})"},
      {R"({"h":1})", '*', R"({"h":{"x":1}})", R"({"h":{"x":1}})"},
  });
}

TEST(Arithmetic, DividesTexts) {
  expect_all({
      {"\"a, b,c,d, e\"", '/', "\", \"", R"(["a","b,c,d","e"])"},
      {"\"\"", '/', "\",\"", "[]"},
      {"\"aé☆\"", '/', "\"\"", R"(["a","é","☆"])"},
  });
}

TEST(Arithmetic, SaysWhatItCannotDo) {
  expect_all({
      {R"({"a":1})", '+', "1", R"(error: object ({"a":1}) and number (1) cannot be added)"},
      {"\"very-long-long-long-long-string\"", '-', "\"very-long-long-long-long-string\"",
       R"(error: string ("very-long-long-long-long...") and string ("very-long-long-long-long...") cannot be subtracted)"},
      {"[]", '*', "1", "error: array ([]) and number (1) cannot be multiplied"},
      {"[]", '/', "{}", "error: array ([]) and object ({}) cannot be divided"},
      {"null", '%', "1", "error: null (null) and number (1) cannot be divided (remainder)"},
  });
}

TEST(Arithmetic, NegatesExactly) {
  Bench bench;
  const auto negated = [&](std::string_view text) {
    return bench.shown(negate(bench.surroundings(), bench.json(text)));
  };
  EXPECT_EQ(negated("13911860366432393"), "-13911860366432393");
  EXPECT_EQ(negated("9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(negated("-9223372036854775808"), "9223372036854775808");
  EXPECT_EQ(negated("18446744073709551615"), "-18446744073709551616");
  EXPECT_EQ(negated("0.5"), "-0.5");
  EXPECT_EQ(negated("\"foo\""), "error: string (\"foo\") cannot be negated");
}

TEST(Excerpt, CutsBetweenCharactersBeforeTheClosingMark) {
  Bench bench;
  const auto text = [&](std::string_view json) { return excerpt(bench.json(json)); };
  EXPECT_EQ(text("\"☆☆☆☆☆☆☆☆\""), "\"☆☆☆☆☆☆☆☆\"");
  EXPECT_EQ(text("\"xx☆☆☆☆☆☆☆☆\""), "\"xx☆☆☆☆☆☆☆☆\"");
  EXPECT_EQ(text("\"xxxx☆☆☆☆☆☆☆☆\""), "\"xxxx☆☆☆☆☆☆...\"");
  EXPECT_EQ(text("\"xxxxxxxx☆☆☆☆☆☆☆☆\""), "\"xxxxxxxx☆☆☆☆☆...\"");
  EXPECT_EQ(text("\"xxxxxxxxxx☆☆☆☆☆☆☆☆\""), "\"xxxxxxxxxx☆☆☆☆...\"");
  EXPECT_EQ(text("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]"), "[1,2,3,4,5,6,7,8,9,10,11,...]");
  EXPECT_EQ(text("{\"a\":{\"b\":{\"c\":33}}}"), "{\"a\":{\"b\":{\"c\":33}}}");
  EXPECT_EQ(text("nan"), "null");
}

TEST(Equality, IsExactAndNanEqualsNothing) {
  Bench bench;
  const auto same = [&](std::string_view a, std::string_view b) {
    return bench.shown(
        Answer<Value>(Value::boolean(equal(bench.surroundings(), bench.json(a), bench.json(b)).value())));
  };
  EXPECT_EQ(same("1", "1.0"), "true");
  EXPECT_EQ(same("9007199254740993", "9007199254740992.0"), "false");
  EXPECT_EQ(same("18446744073709551615", "18446744073709551616.0"), "false");
  EXPECT_EQ(same("nan", "nan"), "false");
  EXPECT_EQ(same("[nan]", "[nan]"), "false");
  EXPECT_EQ(same("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}"), "true");
  EXPECT_EQ(same("\"a\"", "[]"), "false");
}

TEST(Order, IsTotal) {
  Bench bench;
  const std::vector<std::string_view> ascending = {"null",
                                                   "false",
                                                   "true",
                                                   "nan",
                                                   "-Infinity",
                                                   "-9223372036854775808",
                                                   "-0.5",
                                                   "0",
                                                   "9007199254740992.0",
                                                   "9007199254740993",
                                                   "9223372036854775807",
                                                   "9223372036854775808",
                                                   "18446744073709551615",
                                                   "18446744073709551616.0",
                                                   "Infinity",
                                                   "\"\"",
                                                   "\"a\"",
                                                   "\"ab\"",
                                                   "\"é\"",
                                                   "[]",
                                                   "[null]",
                                                   "[2,5,3,11]",
                                                   "[2,6]",
                                                   "{}",
                                                   "{\"a\":42}",
                                                   "{\"a\":42,\"b\":2}",
                                                   "{\"a\":[],\"b\":1}",
                                                   "{\"b\":0}"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      if (i == j) continue;
      const int order = compare(bench.json(ascending[i]), bench.json(ascending[j]));
      EXPECT_EQ(order < 0, i < j) << ascending[i] << " against " << ascending[j];
      EXPECT_NE(order, 0) << ascending[i] << " against " << ascending[j];
    }
  }
  EXPECT_LT(compare(bench.json("nan"), bench.json("nan")), 0);
  EXPECT_EQ(compare(bench.json("1.0"), bench.json("1")), 0);
}

}  // namespace
}  // namespace cairn::jq
