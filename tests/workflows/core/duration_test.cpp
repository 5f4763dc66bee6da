#include "workflows/core/limits.h"
#include "workflows/core/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

constexpr std::int64_t k_day_ms = 86'400'000;

struct Duration {
  std::string_view text;
  std::int64_t ms;
};

void PrintTo(const Duration& duration, std::ostream* out) { *out << duration.text; }

class ReadableDuration : public testing::TestWithParam<Duration> {};

TEST_P(ReadableDuration, IsReadInMilliseconds) {
  const auto ms = parse_duration_ms(GetParam().text);
  ASSERT_TRUE(ms) << ms.error().to_string();
  EXPECT_EQ(ms.value(), GetParam().ms);
}

INSTANTIATE_TEST_SUITE_P(
    Iso8601, ReadableDuration,
    testing::Values(Duration{"PT0S", 0}, Duration{"PT1S", 1'000}, Duration{"PT1M", 60'000}, Duration{"PT1H", 3'600'000},
                    Duration{"P1D", k_day_ms}, Duration{"P2W", 14 * k_day_ms}, Duration{"P1M", 30 * k_day_ms},
                    Duration{"P1Y", 365 * k_day_ms}, Duration{"PT1H30M", 5'400'000},
                    Duration{"P1DT0.5S", k_day_ms + 500},
                    Duration{"P1Y2M3W4DT5H6M7.008S", (365 + 60 + 21 + 4) * k_day_ms + 18'367'008},
                    Duration{"PT0.0005S", 0}, Duration{"PT0.0019S", 1}, Duration{"PT0.5H", 1'800'000},
                    Duration{"P0.5D", k_day_ms / 2}, Duration{"P1.5W", k_day_ms * 21 / 2},
                    Duration{"P0.1Y", 3'153'600'000}, Duration{"PT0.333333333333333333333333333333333333M", 19'999},
                    Duration{"PT0000000000000000000001S", 1'000}, Duration{"PT36H", 129'600'000},
                    Duration{"PT3155760000S", limits::k_duration_ms}, Duration{"P100Y", 36'500 * k_day_ms}));

struct Refused {
  std::string_view text;
  ErrorCode code;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.text; }

class UnreadableDuration : public testing::TestWithParam<Refused> {};

TEST_P(UnreadableDuration, IsRefused) {
  const auto ms = parse_duration_ms(GetParam().text);
  ASSERT_FALSE(ms) << ms.value();
  EXPECT_EQ(ms.error().code, GetParam().code);
  EXPECT_NE(ms.error().message.find(GetParam().text), std::string::npos);
}

std::vector<Refused> malformed() {
  std::vector<Refused> cases;
  for (const std::string_view text : {"",
                                      "P",
                                      "PT",
                                      "P1DT",
                                      "P1",
                                      "PT1",
                                      "1S",
                                      "T1S",
                                      "P1S",
                                      "P1H",
                                      "PT1D",
                                      "PT1Y",
                                      "PT1S1M",
                                      "P1D1Y",
                                      "PT1S1S",
                                      "PT.5S",
                                      "PT1.S",
                                      "PT1,5S",
                                      "PT1..5S",
                                      "p1d",
                                      "pt1s",
                                      "PT1s",
                                      "-PT1S",
                                      "+PT1S",
                                      "PT-1S",
                                      "PT1S ",
                                      " PT1S",
                                      "PT 1S",
                                      "PT1SX",
                                      "P1DT1HT1S",
                                      "PTT1S",
                                      "PP1D",
                                      "P1D1H",
                                      "P1WT",
                                      "PT1H30",
                                      "5 seconds",
                                      "PT1S\n",
                                      "PT٣S",
                                      "PT999999999999999999999X",
                                      "P999999999999Y1"}) {
    cases.push_back({text, ErrorCode::invalid_input});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Malformed, UnreadableDuration, testing::ValuesIn(malformed()));

INSTANTIATE_TEST_SUITE_P(TooLong, UnreadableDuration,
                         testing::Values(Refused{"PT3155760000.001S", ErrorCode::limit_exceeded},
                                         Refused{"PT3155760001S", ErrorCode::limit_exceeded},
                                         Refused{"P101Y", ErrorCode::limit_exceeded},
                                         Refused{"P100Y26D", ErrorCode::limit_exceeded},
                                         Refused{"P50Y700M", ErrorCode::limit_exceeded},
                                         Refused{"PT99999999999999999999999999S", ErrorCode::limit_exceeded},
                                         Refused{"P9223372036854775807D", ErrorCode::limit_exceeded}));

TEST(ToIso8601Duration, PrintsDaysHoursMinutesAndSeconds) {
  const Duration cases[] = {{"PT0S", 0},
                            {"PT0.001S", 1},
                            {"PT0.1S", 100},
                            {"PT1.25S", 1'250},
                            {"PT1M", 60'000},
                            {"PT1H30M", 5'400'000},
                            {"PT1H0.5S", 3'600'500},
                            {"P1D", k_day_ms},
                            {"P14D", 14 * k_day_ms},
                            {"P1DT12H", 36 * 3'600'000},
                            {"P36525D", limits::k_duration_ms},
                            {"-PT1.5S", -1'500},
                            {"P106751991167DT7H12M55.807S", INT64_MAX},
                            {"-P106751991167DT7H12M55.808S", INT64_MIN}};
  for (const auto& c : cases) EXPECT_EQ(to_iso8601_duration(c.ms), c.text);
}

RC_GTEST_PROP(Duration, IsReadBackAsItWasPrinted, ()) {
  const auto ms = *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 5'000'000),
                                  rc::gen::inRange<std::int64_t>(0, limits::k_duration_ms + 1));
  RC_ASSERT(parse_duration_ms(to_iso8601_duration(ms)).value() == ms);
}

}  // namespace
}  // namespace cairn
