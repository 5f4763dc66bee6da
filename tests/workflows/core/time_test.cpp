#include "workflows/core/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

TEST(ToIso8601, AlwaysPrintsMillisecondsInUtc) {
  EXPECT_EQ(to_iso8601({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601({-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601({951'782'400'000}), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(to_iso8601({1'795'217'391'123}), "2026-11-20T23:29:51.123Z");
  EXPECT_EQ(to_iso8601({253'402'300'799'999}), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601({-62'167'219'200'000}), "0000-01-01T00:00:00.000Z");
}

TEST(ToIso8601, PrintsYearsOfMoreThanFourDigitsWithASign) {
  EXPECT_EQ(to_iso8601({253'402'300'800'000}), "+010000-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601({-62'167'219'200'001}), "-000001-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601({INT64_MAX}), "+292278994-08-17T07:12:55.807Z");
  EXPECT_EQ(to_iso8601({INT64_MIN}), "-292275055-05-16T16:47:04.192Z");
}

struct Instant {
  std::string_view text;
  std::string_view utc;
};

void PrintTo(const Instant& instant, std::ostream* out) { *out << instant.text; }

class ReadableTimestamp : public testing::TestWithParam<Instant> {};

TEST_P(ReadableTimestamp, IsReadAsItsInstant) {
  const auto time = parse_timestamp(GetParam().text);
  ASSERT_TRUE(time) << time.error().to_string();
  EXPECT_EQ(to_iso8601(time.value()), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(Rfc3339, ReadableTimestamp,
                         testing::Values(Instant{"2026-11-20T23:29:51Z", "2026-11-20T23:29:51.000Z"},
                                         Instant{"2026-11-20t23:29:51z", "2026-11-20T23:29:51.000Z"},
                                         Instant{"2026-11-20T23:29:51.5Z", "2026-11-20T23:29:51.500Z"},
                                         Instant{"2026-11-20T23:29:51.123999999Z", "2026-11-20T23:29:51.123Z"},
                                         Instant{"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
                                         Instant{"2026-11-20T23:29:51+01:30", "2026-11-20T21:59:51.000Z"},
                                         Instant{"2026-12-31T23:29:51-05:00", "2027-01-01T04:29:51.000Z"},
                                         Instant{"2026-11-20T23:29:51-00:00", "2026-11-20T23:29:51.000Z"},
                                         Instant{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
                                         Instant{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
                                         Instant{"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
                                         Instant{"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
                                         Instant{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
                                         Instant{"2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.250Z"},
                                         Instant{"2017-01-01T08:59:60+09:00", "2017-01-01T00:00:00.000Z"}));

class UnreadableTimestamp : public testing::TestWithParam<std::string_view> {};

TEST_P(UnreadableTimestamp, IsRefused) {
  const auto time = parse_timestamp(GetParam());
  ASSERT_FALSE(time) << to_iso8601(time.value());
  EXPECT_EQ(time.error().code, ErrorCode::invalid_input);
  EXPECT_NE(time.error().message.find(GetParam()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(NotRfc3339, UnreadableTimestamp,
                         testing::Values("", "now", "2026-11-20", "2026-11-20T23:29:51", "2026-11-20 23:29:51Z",
                                         "2026-11-20T23:29Z", "2026-11-20T23:29:51.Z",
                                         "2026-11-20T23:29:51.1234567890Z", "2026-11-20T23:29:51,5Z",
                                         "2026-11-20T24:00:00Z", "2026-11-20T23:60:00Z", "2026-11-20T23:29:61Z",
                                         "2026-11-20T23:29:60Z", "2026-11-20T23:59:60Z", "2026-13-01T00:00:00Z",
                                         "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
                                         "2026-04-31T00:00:00Z", "2026-11-20T23:29:51+0100",
                                         "2026-11-20T23:29:51+24:00", "2026-11-20T23:29:51+01:60",
                                         "2026-11-20T23:29:51Zz", " 2026-11-20T23:29:51Z", "26-11-20T23:29:51Z",
                                         "12026-11-20T23:29:51Z", "-2026-11-20T23:29:51Z", "2026-1-20T23:29:51Z"));

RC_GTEST_PROP(Timestamp, IsReadBackAsItWasPrinted, ()) {
  const Timestamp time{*rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000)};
  RC_ASSERT(parse_timestamp(to_iso8601(time)).value() == time);
}

}  // namespace
}  // namespace cairn
