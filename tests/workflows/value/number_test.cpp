// Numbers keep the text of their literal, and compare by what it says.

#include "workflows/value/number.h"

#include "workflows/value/codec.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cairn {
namespace {

using Kind = Value::Kind;

Value number(std::string_view text) {
  auto value = parse_number(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Value());
}

struct Literal {
  const char* text;
  Kind kind;
  const char* prints;
};

class Literals : public testing::TestWithParam<Literal> {};

TEST_P(Literals, HaveAKindAndPrintAsWritten) {
  const auto& [text, kind, prints] = GetParam();
  const Value value = number(text);
  EXPECT_EQ(value.kind(), kind) << text;
  EXPECT_EQ(to_json(value), prints);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, Literals,
    testing::Values(Literal{"0", Kind::Int, "0"}, Literal{"007", Kind::Int, "7"}, Literal{"+5", Kind::Int, "5"},
                    Literal{"-9223372036854775808", Kind::Int, "-9223372036854775808"},
                    Literal{"18446744073709551615", Kind::Uint, "18446744073709551615"},
                    Literal{"18446744073709551617", Kind::Decimal, "18446744073709551617"},
                    Literal{"-9223372036854775809", Kind::Decimal, "-9223372036854775809"},
                    Literal{"1.5", Kind::Double, "1.5"}, Literal{"0.1", Kind::Double, "0.1"},
                    Literal{"0.0625", Kind::Double, "0.0625"},
                    Literal{"123456789012.345", Kind::Double, "123456789012.345"},
                    Literal{"19.90", Kind::Decimal, "19.90"}, Literal{"1.0", Kind::Decimal, "1.0"},
                    Literal{"100e-2", Kind::Decimal, "1.00"}, Literal{"1e2", Kind::Decimal, "1E+2"},
                    Literal{"1e-05", Kind::Double, "1e-05"}, Literal{"1.5e+300", Kind::Double, "1.5e+300"},
                    Literal{"1.25e-7", Kind::Decimal, "1.25E-7"}, Literal{"0.000001", Kind::Decimal, "0.000001"},
                    Literal{"1E+1000", Kind::Decimal, "1E+1000"}, Literal{"-1e-1000", Kind::Decimal, "-1E-1000"},
                    Literal{"9999999999E999999990", Kind::Decimal, "9.999999999E+999999999"},
                    Literal{"1e9999999999", Kind::Double, "1.7976931348623157e+308"},
                    Literal{"1e-9999999999", Kind::Double, "0"}, Literal{"0e99", Kind::Decimal, "0E+99"},
                    Literal{"0.00", Kind::Decimal, "0.00"}, Literal{"-0", Kind::Double, "-0"},
                    Literal{".5", Kind::Double, "0.5"}, Literal{"5.", Kind::Double, "5"},
                    Literal{"0.12345678901234567890123456789", Kind::Decimal, "0.12345678901234567890123456789"}));

TEST(Numbers, AreNothingElse) {
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "1 ", " 1", "1.2.3", "0x1", "nan", "1_000", "--1"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(Numbers, EqualAndOrderByWhatTheySay) {
  EXPECT_EQ(number("1.0"), number("1"));
  EXPECT_EQ(number("0.10"), number("0.1"));
  EXPECT_EQ(number("100e-2"), Value::integer(1));
  EXPECT_EQ(number("1e19"), number("10000000000000000000"));
  EXPECT_EQ(number("0.00"), number("-0"));
  EXPECT_NE(number("18446744073709551616"), number("18446744073709551617"));
  EXPECT_NE(number("0.1000000000000000055511151231257827"), number("0.1"));
  EXPECT_NE(number("1E+400"), number("1E+401"));

  const char* ascending[] = {"-1E+400",
                             "-18446744073709551616",
                             "-9223372036854775808",
                             "-1.50",
                             "-1E-400",
                             "0",
                             "1E-400",
                             "0.1",
                             "0.10000000000000000000001",
                             "1.0",
                             "9223372036854775807",
                             "9223372036854775807.5",
                             "18446744073709551615",
                             "18446744073709551615.0001",
                             "18446744073709551616",
                             "1e400"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      EXPECT_EQ(compare_numbers(number(ascending[i]), number(ascending[j])), expected)
          << ascending[i] << " " << ascending[j];
    }
  }
  const Value infinity = Value::number(std::numeric_limits<double>::infinity());
  EXPECT_LT(compare_numbers(number("1e400"), infinity), 0);
  EXPECT_GT(compare_numbers(number("-1e400"), Value::number(-std::numeric_limits<double>::infinity())), 0);
  EXPECT_NE(number("1.0"), Value::number(std::nan("")));
}

TEST(Numbers, HaveOneTextWhenTheyAreEqual) {
  EXPECT_EQ(canonical_text(number("1.0")), canonical_text(number("1")));
  EXPECT_EQ(canonical_text(number("1000")), canonical_text(number("1e3")));
  EXPECT_EQ(canonical_text(number("-0")), canonical_text(number("0.00")));
  EXPECT_EQ(canonical_text(Value::number(1e300)), canonical_text(number("1e300")));
  EXPECT_NE(canonical_text(number("1.0")), canonical_text(number("1.00000000000000000000001")));
}

TEST(Numbers, AreWholeWithoutAFraction) {
  for (const char* text : {"0", "1.0", "1e2", "100e-2", "0.00", "123456789012345678901234567890"}) {
    EXPECT_TRUE(is_whole(number(text))) << text;
  }
  for (const char* text : {"0.5", "1.50", "1.00000000000000000000001", "1e-2", "1E-400"}) {
    EXPECT_FALSE(is_whole(number(text))) << text;
  }
}

TEST(Numbers, ComputeAsTheNearestDouble) {
  EXPECT_EQ(number("19.90").as_double(), 19.9);
  EXPECT_EQ(number("123456789012345678901234567890").as_double(), 123456789012345678901234567890.0);
  EXPECT_EQ(number("1e400").as_double(), std::numeric_limits<double>::infinity());
}

TEST(Numbers, KeepTheirTextInTheLog) {
  std::string bytes;
  encode_value(number("19.90"), bytes);
  EXPECT_EQ(bytes, std::string("\x09\x05") + "19.90");
  const auto again = decode_value(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(again.value()), "19.90");
  EXPECT_FALSE(decode_value(std::string("\x09\x03") + "1.5"));  // a double
  EXPECT_FALSE(decode_value(std::string("\x09\x03") + "1e2"));  // not in its one form
  EXPECT_FALSE(decode_value(std::string("\x09\x09") + "1"));
}

}  // namespace
}  // namespace cairn
