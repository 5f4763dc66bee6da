#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Math, RoundsToWholeNumbersAndLeavesIntegersExact) {
  expect_all({
      {"floor", "-1.1", {}, "-2"},
      {"floor", "1.9", {}, "1"},
      {"floor", "9007199254740993", {}, "9007199254740993"},
      {"ceil", "18446744073709551615", {}, "18446744073709551615"},
      {"ceil", "1.1", {}, "2"},
      {"ceil", "-0.5", {}, "-0"},
      {"round", "-1.5", {}, "-2"},
      {"round", "2.5", {}, "3"},
      {"rint", "2.5", {}, "2"},
      {"nearbyint", "3.5", {}, "4"},
      {"trunc", "-1.9", {}, "-1"},
      {"trunc", "1e300", {}, "1e+300"},
      {"fabs", "-9223372036854775808", {}, "9223372036854775808"},
      {"fabs", "-1.1", {}, "1.1"},
  });
}

TEST(Math, ComputesAsTheLibrary) {
  expect_all({
      {"sqrt", "9", {}, "3"},
      {"pow", "null", {"2", "10"}, "1024"},
      {"log2", "8", {}, "3"},
      {"exp10", "2", {}, "100"},
      {"cbrt", "0", {}, "0"},
      {"sin", "0", {}, "0"},
      {"atan2", "null", {"0", "1"}, "0"},
      {"ldexp", "null", {"3", "2"}, "12"},
      {"ldexp", "null", {"1", "1e300"}, "1.7976931348623157e+308"},
      {"scalb", "null", {"3", "2"}, "12"},
      {"scalbln", "null", {"3", "2"}, "12"},
      {"fma", "null", {"2", "3", "4"}, "10"},
      {"fmin", "null", {"1", "nan"}, "1"},
      {"fmod", "null", {"5.5", "2"}, "1.5"},
      {"drem", "null", {"10", "3"}, "1"},
      {"hypot", "null", {"3", "4"}, "5"},
      {"significand", "10", {}, "1.25"},
      {"logb", "10", {}, "3"},
      {"gamma", "1", {}, "0"},
      {"tgamma", "5", {}, "24"},
      {"frexp", "10", {}, "[0.625,4]"},
      {"frexp", "Infinity", {}, "[1.7976931348623157e+308,0]"},
      {"modf", "3.5", {}, "[0.5,3]"},
      {"modf", "-Infinity", {}, "[-0,-1.7976931348623157e+308]"},
      {"modf", "9007199254740993", {}, "[0,9007199254740993]"},
      {"modf", "-1", {}, "[-0,-1]"},
      {"lgamma_r", "1", {}, "[0,1]"},
      {"jn", "null", {"1e9", "1"}, "0"},
  });
}

TEST(Math, RequiresNumbers) {
  expect_all({
      {"sqrt", "\"9\"", {}, "error: string (\"9\") number required"},
      {"pow", "1", {"\"a\"", "null"}, "error: string (\"a\") number required"},
      {"pow", "1", {"1", "null"}, "error: null (null) number required"},
      {"fma", "1", {"1", "2", "[]"}, "error: array ([]) number required"},
      {"frexp", "null", {}, "error: null (null) number required"},
  });
}

TEST(Numbers, KnowWhatTheyAre) {
  expect_all({
      {"isinfinite", "Infinity", {}, "true"},
      {"isinfinite", "1e308", {}, "false"},
      {"isinfinite", "\"a\"", {}, "false"},
      {"isnan", "nan", {}, "true"},
      {"isnan", "null", {}, "false"},
      {"isnormal", "0", {}, "false"},
      {"isnormal", "1", {}, "true"},
      {"isnormal", "5e-324", {}, "false"},
      {"isfinite", "1", {}, "true"},
      {"isfinite", "-Infinity", {}, "false"},
      {"infinite", "null", {}, "1.7976931348623157e+308"},
      {"nan", "null", {}, "null"},
      {"have_decnum", "null", {}, "true"},
      {"now", "null", {}, "1700000000.25"},
  });
}

TEST(Abs, NegatesWhatIsBelowZero) {
  expect_all({
      {"abs", "-10", {}, "10"},
      {"abs", "-1.1", {}, "1.1"},
      {"abs", "-9223372036854775808", {}, "9223372036854775808"},
      {"abs", "\"abc\"", {}, "\"abc\""},
      {"abs", "null", {}, "error: null (null) cannot be negated"},
      {"abs", "nan", {}, "null"},
  });
}

}  // namespace
}  // namespace cairn::jq
