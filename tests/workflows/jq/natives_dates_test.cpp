#include <fmt/format.h>

#include <ctime>

#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Dates, ComeApartAndTogether) {
  expect_all({
      {"gmtime", "1425599507", {}, "[2015,2,5,23,51,47,4,63]"},
      {"gmtime", "1425599507.25", {}, "[2015,2,5,23,51,47.25,4,63]"},
      {"gmtime", "-1", {}, "[1969,11,31,23,59,59,3,364]"},
      {"gmtime", "951782400", {}, "[2000,1,29,0,0,0,2,59]"},
      {"gmtime", "-62167219200", {}, "[0,0,1,0,0,0,6,0]"},
      {"localtime", "0", {}, "[1970,0,1,0,0,0,4,0]"},
      {"mktime", "[2015,2,5,23,51,47,4,63]", {}, "1425599507"},
      {"mktime", "[2024,8,21]", {}, "1726876800"},
      {"mktime", "[2024,14,0,25,61,61.9]", {}, "1740794521"},
      {"mktime", "[1969,11,31,23,59,59]", {}, "-1"},
      {"gmtime", "1e300", {}, "error: error converting number of seconds since epoch to datetime"},
      {"gmtime", "nan", {}, "error: error converting number of seconds since epoch to datetime"},
      {"gmtime", "18446744073709551615", {}, "error: error converting number of seconds since epoch to datetime"},
      {"gmtime", "\"0\"", {}, "error: gmtime() requires numeric inputs"},
      {"localtime", "null", {}, "error: localtime() requires numeric inputs"},
      {"mktime", "1", {}, "error: mktime requires array inputs"},
      {"mktime", "[\"a\",1,2,3,4,5,6,7]", {}, "error: mktime requires parsed datetime inputs"},
  });
}

TEST(Dates, AgreeWithTheLibraryOnAnyDay) {
  Bench bench;
  for (std::int64_t seconds = -70'000'000'000; seconds < 260'000'000'000; seconds += 86'399 * 97) {
    const std::time_t time = seconds;
    std::tm tm{};
    ASSERT_NE(gmtime_r(&time, &tm), nullptr);
    const std::string expected = fmt::format("[{},{},{},{},{},{},{},{}]", tm.tm_year + 1900, tm.tm_mon, tm.tm_mday,
                                             tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday);
    ASSERT_EQ(bench.call("gmtime", Value::integer(seconds)), expected);
    ASSERT_EQ(bench.call("mktime", bench.json(expected)), std::to_string(seconds));
    char week[64];
    const std::size_t size = std::strftime(week, sizeof week, "%G %g %V %U %W %u %w %j %y %C %e %I %l %k %p", &tm);
    ASSERT_EQ(bench.call("strftime", Value::integer(seconds),
                         {Value::string("%G %g %V %U %W %u %w %j %y %C %e %I %l %k %p")}),
              quote_json(std::string_view(week, size)));
  }
}

TEST(Dates, AreWritten) {
  expect_all({
      {"strftime", "[2015,2,5,23,51,47,4,63]", {"\"%Y-%m-%dT%H:%M:%SZ\""}, "\"2015-03-05T23:51:47Z\""},
      {"strftime", "1435677542.822351", {"\"%A, %B %d, %Y\""}, "\"Tuesday, June 30, 2015\""},
      {"strftime",
       "1425599507",
       {"\"%c|%D|%F|%r|%R|%T|%x|%X|%h|%b|%a|%s|%z|%Z|%n%t%%\""},
       R"("Thu Mar  5 23:51:47 2015|03/05/15|2015-03-05|11:51:47 PM|23:51|23:51:47|03/05/15|23:51:47|Mar|Mar|Thu|1425599507|+0000|UTC|\n\t%")"},
      {"strftime",
       "1425599507",
       {"\"%-d %_d %05d %^a %#p %10Y %_5m %-H %Ey %Od %P\""},
       "\"5  5 00005 THU pm 0000002015     3 23 15 05 pm\""},
      {"strftime", "0", {"\"%Q %\""}, "\"%Q %\""},
      {"strftime", "0", {"\"\""}, "\"\""},
      {"strftime", "[2024,2,15]", {"\"%Y-%m-%dT%H:%M:%SZ\""}, "\"2024-03-15T00:00:00Z\""},
      {"strflocaltime", "0", {"\"%H %Z\""}, "\"00 UTC\""},
      {"todate", "1425599507", {}, "\"2015-03-05T23:51:47Z\""},
      {"date", "1425599507", {}, "\"2015-03-05T23:51:47Z\""},
      {"dateadd", "1", {"\"seconds\"", "2"}, "3"},
      {"datesub", "1", {"\"seconds\"", "2"}, "-1"},
      {"strftime", "\"a\"", {"\"%Y\""}, "error: strftime/1 requires parsed datetime inputs"},
      {"strftime", "[\"a\",1,2,3,4,5,6,7]", {"\"%Y\""}, "error: strftime/1 requires parsed datetime inputs"},
      {"strflocaltime", "[\"a\",1,2,3,4,5,6,7]", {"\"%Y\""}, "error: strflocaltime/1 requires parsed datetime inputs"},
      {"strftime", "0", {"[]"}, "error: strftime/1 requires a string format"},
      {"strflocaltime", "0", {"{}"}, "error: strflocaltime/1 requires a string format"},
      {"strftime", "0", {"\"%999999999Y\""}, "out of text"},
  });
}

TEST(Dates, AreRead) {
  expect_all({
      {"strptime", "\"2015-03-05T23:51:47Z\"", {"\"%Y-%m-%dT%H:%M:%SZ\""}, "[2015,2,5,23,51,47,4,63]"},
      {"fromdate", "\"2015-03-05T23:51:47Z\"", {}, "1425599507"},
      {"fromdateiso8601", "\"2038-01-19T03:14:08Z\"", {}, "2147483648"},
      {"strptime", "\"thu, 5 MARCH 2015 11:51 pm\"", {"\"%A, %d %b %Y %I:%M %p\""}, "[2015,2,5,23,51,0,4,63]"},
      {"strptime", "\"12:05 AM\"", {"\"%I:%M %p\""}, "[1900,0,0,0,5,0,8,367]"},
      {"strptime", "\"10:20\"", {"\"%H:%M\""}, "[1900,0,0,10,20,0,8,367]"},
      {"strptime", "\"2015\"", {"\"%Y\""}, "[2015,0,0,0,0,0,3,-1]"},
      {"strptime", "\"2015 64\"", {"\"%Y %j\""}, "[2015,2,5,0,0,0,4,63]"},
      {"strptime", "\"15 68 69\"", {"\"%d %y %%y\""}, "error: date \"15 68 69\" does not match format \"%d %y %%y\""},
      {"strptime", "\"1 1 68\"", {"\"%d %m %y\""}, "[2068,0,1,0,0,0,0,0]"},
      {"strptime", "\"1 1 69\"", {"\"%d %m %y\""}, "[1969,0,1,0,0,0,3,0]"},
      {"strptime", "\"1425599507\"", {"\"%s\""}, "[2015,2,5,23,51,47,4,63]"},
      {"strptime", "\"2015-03-05 +01:30 CET\"", {"\"%F %z %Z\""}, "[2015,2,5,0,0,0,4,63]"},
      {"strptime", "\"2015 10 4\"", {"\"%Y %U %w\""}, "[2015,2,12,0,0,0,4,70]"},
      {"strptime", "\"  5 x\"", {"\"%d\""}, "[1900,0,5,0,0,0,5,4,\" x\"]"},
      {"strptime", "\"2015-03-05x\"", {"\"%F\""}, "error: date \"2015-03-05x\" does not match format \"%F\""},
      {"strptime", "\"2015-13-05\"", {"\"%F\""}, "error: date \"2015-13-05\" does not match format \"%F\""},
      {"strptime", "1", {"\"%F\""}, "error: strptime/1 requires string inputs and arguments"},
      {"fromdate", "\"yesterday\"", {}, "error: date \"yesterday\" does not match format \"%Y-%m-%dT%H:%M:%SZ\""},
  });
}

TEST(Dates, ReadWhatTheyWrite) {
  Bench bench;
  for (std::int64_t seconds = -60'000'000'000; seconds < 250'000'000'000; seconds += 86'401 * 1013) {
    const auto text = find_native("todate", 0)->call(bench.surroundings(), Value::integer(seconds), {});
    ASSERT_EQ(bench.call("fromdate", text.value()), std::to_string(seconds));
  }
}

}  // namespace
}  // namespace cairn::jq
