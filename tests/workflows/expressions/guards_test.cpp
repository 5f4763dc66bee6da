// Inputs that make libjq 1.6 abort the process, run on unstoppably or depend on the machine. Each must end as a failure
// or a plain result: reaching the end of a test is half of what it shows.

#include "tests/workflows/expressions/support.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

namespace cairn::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> texts_of(const Cases& cases) {
  std::vector<std::string> texts;
  for (const auto& [text, expected] : cases) texts.push_back(text);
  return texts;
}

TEST(Guards, what_aborts_libjq_fails_instead) {
  const Cases cases = {
      {"nan | todate", "NaN is not a time"},
      {"now | strftime([1])", "a time format must be a string"},
      {"now | strftime(null)", "a time format must be a string"},
      {"[1, 2] | strftime(\"%Y\")", "a time must be"},
      {"[2015, 2, 5, 23, 51, 47] | strftime(\"%Y\")", "parsed datetime"},
      {"[1e18, 2, 5, 23, 51, 47, 4, 63] | strftime(\"%Y\")", "a time must be"},
      {"\"x\" | strftime(\"%Y\")", "parsed datetime"},
      {"1e300 | todate", "is not a time"},
      {"infinite | gmtime", "is not a time"},
      {"\"x\" | gmtime", "numeric inputs"},
      {"[nan, 1, 1, 1, 1, 1] | mktime", "a time must be"},
      {"[\"a\", 1, 1, 1, 1, 1] | mktime", "a time must be"},
      {"[1] | mktime", "parsed datetime"},
      {"5 | mktime", "array inputs"},
      {"5 | strptime(\"%Y\")", "string inputs"},
      {"\"x\" | strptime(\"%Y\")", "does not match"},
      {"\"10\" | strptime([1])", "string inputs"},
      {"[1114112] | implode", "code points"},
      {"[55296] | implode", "code points"},
      {"[-1] | implode", "code points"},
      {"[\"a\"] | implode", "code points"},
      {"[1.5] | implode", "code points"},
      {"[nan] | implode", "code points"},
      {"5 | implode", "must be an array"},
      {".[nan:]", "NaN"},
      {".[:nan]", "NaN"},
      {".[(0 * infinite):]", "NaN"},
      {"[1][nan:nan]", "NaN"},
      {"[1] | .[{start: nan}]", "NaN"},
      {"[1] | .[nan:] = [2]", "NaN"},
      {"[1] | getpath([{start: nan, end: 1}])", "NaN"},
      {"[1] | setpath([nan]; 1)", "NaN"},
      {"[1] | setpath([{start: nan}]; [1])", "NaN"},
      {"[1] | delpaths([[nan, nan], [nan]])", "NaN"},
      {"[1] | del(.[nan])", "NaN"},
      {"nan | truncate_stream([[0], 1])", "NaN"},
      {"\"nan\" | tonumber", "NaN"},
      {"\"[nan]\" | fromjson", "NaN"},
      {".[1e9] = 1", "too large"},
      {"[] | .[1000000] = 1", "too large"},
      {"[] | .[1e9] |= 1", "too large"},
      {"[] | setpath([1e300]; 1)", "too large"},
      {"fromstream([[1e9], 1], [[1e9]])", "too large"},
      {"\"x\" * 1e9", "16 MiB"},
      {"1e9 * \"x\"", "16 MiB"},
      {"reduce range(40) as $i (\"x\"; . + .)", "16 MiB"},
      {"\"é\" | [match(\"\"; \"g\")]", "matches nothing"},
      {"\"aé€\" | [scan(\"é*\")]", "matches nothing"},
      {"\"é\" | gsub(\"\"; \"x\")", "matches nothing"},
      {"\"é\" | [splits(\"\")]", "matches nothing"},
      {"\"éa\" | [match(\"x?\"; \"g\")]", "matches nothing"},
      {"jn(1e9; 1)", "order is too large"},
      {"yn(nan; 1)", "order is too large"},
      {"5 | setpath(5; 1)", "Path must be specified as an array"},
      {"limit(-1; 1)", "negative count"},
  };
  const auto results = evaluate_all(texts_of(cases));
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_THAT(results[i], AllOf(StartsWith("failed: "), HasSubstr(cases[i].second))) << cases[i].first;
  }
}

TEST(Guards, what_is_harmless_still_works) {
  const Cases cases = {
      {"1e300 % -1", "0"},
      {"infinite % -1", "0"},
      {"5 % -3", "2"},
      {"[97, 8364] | implode", "\"a€\""},
      {"[] | .[999999] = 1 | length", "1000000"},
      {"[1, 2, 3] | .[1:] = [9]", "[1,9]"},
      {"[1, 2, 3] | del(.[0, 2])", "[2]"},
      {"[1, 2, 3] | to_entries | map(.key)", "[0,1,2]"},
      {"{a: [1, {b: 2}]} | [paths | map(tostring) | join(\".\")] | join(\" \")", "\"a a.0 a.1 a.1.b\""},
      {"{a: [1, {b: 2}], c: {}} | fromstream(tostream)", R"({"a":[1,{"b":2}],"c":{}})"},
      {"[1, [2]] | fromstream(1 | truncate_stream([[0, 1], 5], [[0, 1]]))", "[null,5]"},
      {"\"ab\" * 3", "\"ababab\""},
      {"\"ab\" * 0", "null"},
      {"\"\" * 1e9", "\"\""},
      {"[1, 2] | map(. * 2) | tostring", "\"[2,4]\""},
      {"{a: 1} * {b: {c: 2}}", R"({"a":1,"b":{"c":2}})"},
      {"\"abc\" | indices(\"\")", "null"},
      {"\"abcb\" | [index(\"b\"), rindex(\"b\"), indices(\"b\")]", "[1,3,[1,3]]"},
      {"[1, 2, 1] | indices(1)", "[0,2]"},
      {"\"abc\" | [ltrimstr(\"a\"), rtrimstr(\"c\"), ltrimstr(1)]", R"(["bc","ab","abc"])"},
      {"5 | ltrimstr(\"a\")", "5"},
      {"\"aXbx\" | [match(\"x\"; \"gi\").offset]", "[1,3]"},
      {"\"éaéa\" | gsub(\"a\"; \"b\")", "\"ébéb\""},
      {"\"éx x\" | [match(\"\\\\bx\\\\b\"; \"g\").offset]", "[3]"},
      {"\"abab\" | gsub(\"(?<l>a)\"; \"<\\(.l)>\")", "\"<a>b<a>b\""},
      {"\"abc\" | gsub(\"\"; \"-\")", "\"-a-b-c\""},
      {"\"abc\" | [sub(\"b\"; \"1\", \"2\")]", R"(["a1c","a2c"])"},
      {"\"a1b22\" | [scan(\"[0-9]+\")]", R"(["1","22"])"},
      {"\"a, b,c\" | [splits(\", *\")]", R"(["a","b","c"])"},
      {"\"xyz\" | capture(\"(?<first>.)(?<rest>.*)\")", R"({"first":"x","rest":"yz"})"},
      {"\"x\" | [test(\"X\"), test(\"X\"; \"i\"), test([\"X\", \"i\"])]", "[false,true,true]"},
      {"[limit(2; 1, 2, 3)], [limit(0; 1)] | select(length == 0)", "[]"},
      {"[1, null, \"a\", true] | join(\",\")", "\"1,,a,true\""},
      {"[[1], [2]] | add", "[1,2]"},
      {"[] | add", "null"},
      {"path(.a[0].b?)", R"(["a",0,"b"])"},
      {"[null | getpath([\"a\", \"b\"])]", "[null]"},
      {"{a: 1} | map_values(. + 1)", R"({"a":2})"},
      {"\"[1, {\\\"a\\\": 2}]\" | fromjson", R"([1,{"a":2}])"},
      {"[nan] | .[0] | isnan", "true"},
      {"jn(2; 1) > 0", "true"},
  };
  expect_results(cases);
}

TEST(Guards, formats_that_would_abort_or_read_the_machine_are_refused) {
  std::vector<std::string> texts;
  for (const char* format : {"%s", "%Z", "x %-Z", "%5s", "%Es", "%%%s"}) {
    texts.push_back(fmt::format("now | strftime(\"{}\")", format));
    texts.push_back(fmt::format("\"1\" | strptime(\"{}\")", format));
  }
  for (const std::string& result : evaluate_all(texts)) EXPECT_THAT(result, HasSubstr("time zone"));
  EXPECT_EQ(evaluate("now | strftime(\"%A %d %B %Y, %%s%%Z\")"), "\"Saturday 04 July 2015, %s%Z\"");
  EXPECT_THAT(evaluate("now | strftime(\"x\" * 5000)"), HasSubstr("longer than 4096"));
}

TEST(Guards, times_do_not_depend_on_the_time_zone) {
  const char* before = std::getenv("TZ");
  const std::string saved = before != nullptr ? before : "";
  for (const char* zone : {"UTC", "America/New_York", "Asia/Kolkata", "EST5EDT"}) {
    ASSERT_EQ(setenv("TZ", zone, 1), 0);
    tzset();
    const std::vector<std::string> expected = {"true", "1436000000", "1741053721", "\"08:53 +0000\""};
    EXPECT_EQ(evaluate_all(
                  {"[0, -1, 951827696, 1436000000, 1600000000, 10000000000, -62135596800] | . == map(gmtime | mktime)",
                   "\"2015-07-04T08:53:20Z\" | fromdate", "[2024, 13, 31, 25, 61, 61] | mktime",
                   "now | strftime(\"%H:%M %z\")"}),
              expected)
        << zone;
  }
  ASSERT_EQ(before != nullptr ? setenv("TZ", saved.c_str(), 1) : unsetenv("TZ"), 0);
  tzset();
}

}  // namespace
}  // namespace cairn::test
