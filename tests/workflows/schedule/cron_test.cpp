// Cron expressions: what they name, what is wrong with them and where; held against a walk over every minute.

#include "workflows/schedule/cron.h"

#include <absl/time/civil_time.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace cairn {
namespace {

LocalSeconds at(const std::string& text) {
  absl::CivilSecond second;
  EXPECT_TRUE(absl::ParseLenientCivilTime(text, &second)) << text;
  return second - absl::CivilSecond(1970, 1, 1);
}
std::string shown(LocalSeconds local) { return absl::FormatCivilTime(absl::CivilSecond(1970, 1, 1) + local); }

Cron parsed(const std::string& text) {
  CronProblem problem;
  auto cron = Cron::parse(text, problem);
  EXPECT_TRUE(cron) << text << ": " << problem.message;
  return *cron;
}

struct Named {
  std::string text;
  std::string from;
  std::vector<std::string> next;
};

class CronNames : public testing::TestWithParam<Named> {};

TEST_P(CronNames, TheInstantsOneAfterTheOther) {
  const Cron cron = parsed(GetParam().text);
  LocalSeconds from = at(GetParam().from);
  for (const auto& expected : GetParam().next) {
    const auto found = cron.next(from);
    ASSERT_TRUE(found);
    EXPECT_EQ(shown(*found), expected);
    from = *found + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cron, CronNames,
    testing::Values(Named{"0 0 * * *", "2026-11-21T00:00:01", {"2026-11-22T00:00:00", "2026-11-23T00:00:00"}},
                    Named{"0 0 * * *", "2026-11-21T00:00:00", {"2026-11-21T00:00:00"}},
                    Named{"*/15 9-10 * * MON-FRI",
                          "2026-11-20T10:40:00",
                          {"2026-11-20T10:45:00", "2026-11-23T09:00:00", "2026-11-23T09:15:00"}},
                    Named{"30 8,12,18 1 jan,Jul *",
                          "2026-06-30T00:00:00",
                          {"2026-07-01T08:30:00", "2026-07-01T12:30:00", "2026-07-01T18:30:00", "2027-01-01T08:30:00"}},
                    Named{"5 4 * * 7", "2026-11-21T00:00:00", {"2026-11-22T04:05:00", "2026-11-29T04:05:00"}},
                    Named{"5 4 * * 5-7",
                          "2026-11-19T00:00:00",
                          {"2026-11-20T04:05:00", "2026-11-21T04:05:00", "2026-11-22T04:05:00", "2026-11-27T04:05:00"}},
                    Named{"0 0 * * FRI-SUN", "2026-11-21T12:00:00", {"2026-11-22T00:00:00", "2026-11-27T00:00:00"}},
                    // Both day fields: either.
                    Named{"0 0 13 * FRI",
                          "2026-11-10T00:00:00",
                          {"2026-11-13T00:00:00", "2026-11-20T00:00:00", "2026-11-27T00:00:00", "2026-12-04T00:00:00",
                           "2026-12-11T00:00:00", "2026-12-13T00:00:00"}},
                    // One begins with a star: both.
                    Named{"0 0 */2 * MON", "2026-11-01T00:00:00", {"2026-11-09T00:00:00", "2026-11-23T00:00:00"}},
                    Named{"0 0 ? * MON", "2026-11-21T00:00:00", {"2026-11-23T00:00:00"}},
                    Named{"10/20 5 * * *",
                          "2026-11-21T05:11:00",
                          {"2026-11-21T05:30:00", "2026-11-21T05:50:00", "2026-11-22T05:10:00"}},
                    Named{"*/20 30 5 * * *",
                          "2026-11-21T05:30:01",
                          {"2026-11-21T05:30:20", "2026-11-21T05:30:40", "2026-11-22T05:30:00"}},
                    Named{"0 0 29 2 *", "2096-03-01T00:00:00", {"2104-02-29T00:00:00"}},
                    Named{"59 59 23 31 12 *", "2026-01-01T00:00:00", {"2026-12-31T23:59:59"}},
                    Named{"@daily", "2026-11-21T00:00:01", {"2026-11-22T00:00:00"}},
                    Named{"@hourly", "2026-11-21T00:00:01", {"2026-11-21T01:00:00"}},
                    Named{"@weekly", "2026-11-21T00:00:01", {"2026-11-22T00:00:00"}},
                    Named{"@yearly", "2026-11-21T00:00:01", {"2027-01-01T00:00:00"}},
                    Named{"\t0  0 * * *  ", "2026-11-21T00:00:01", {"2026-11-22T00:00:00"}}));

struct Wrong {
  std::string text;  // « before the place
  std::string says;
};

class CronProblems : public testing::TestWithParam<Wrong> {};

TEST_P(CronProblems, AreToldAtTheirPlace) {
  std::string text = GetParam().text;
  const std::string mark = "«";
  const std::size_t place = text.find(mark);
  text.erase(place, mark.size());
  CronProblem problem;
  EXPECT_FALSE(Cron::parse(text, problem)) << text;
  EXPECT_EQ(problem.begin, place) << text;
  EXPECT_GT(problem.end, problem.begin);
  EXPECT_NE((problem.message + " " + problem.hint).find(GetParam().says), std::string::npos)
      << text << ": " << problem.message << " " << problem.hint;
}

INSTANTIATE_TEST_SUITE_P(
    Cron, CronProblems,
    testing::Values(Wrong{"«0 0 * *", "five or six fields, not 4"}, Wrong{"0 0 * * * * «*", "not 7"},
                    Wrong{"«60 0 * * *", "a minute is from 0 to 59, not 60"},
                    Wrong{"0 «24 * * *", "an hour is from 0 to 23"}, Wrong{"0 0 «0 * *", "from 1 to 31, not 0"},
                    Wrong{"0 0 * «13 *", "from 1 to 12"}, Wrong{"0 0 * * «8", "from 0 to 7"},
                    Wrong{"0 0 * «JUM *", "did you mean 'JUN'"}, Wrong{"0 0 * * 1,«,2", "an empty item"},
                    Wrong{"0 0 * * 1,«", "an empty item"}, Wrong{"«30-10 * * * *", "goes backwards"},
                    Wrong{"*/«0 * * * *", "from 1 to 60, not 0"}, Wrong{"*/«61 * * * *", "from 1 to 60"},
                    Wrong{"*/«x * * * *", "'x' is no step"}, Wrong{"0 0 «L * *", "L, W, # and H"},
                    Wrong{"0 0 * * «5#2", "L, W, # and H"}, Wrong{"«? 0 * * *", "'?' cannot stand"},
                    Wrong{"0 0 «30 2 *", "no day of any year"}, Wrong{"«@dayly", "@daily"},
                    Wrong{"«@every 5m", "`every: PT1H`"}, Wrong{"«@reboot", "`after`"},
                    Wrong{"«-5 * * * *", "'' is no minute"}, Wrong{"«99999999999999999999 * * * *", "is no minute"},
                    Wrong{"0 0 1-«x * *", "'x' is no day of the month"}));

TEST(Cron, AnEmptyExpressionIsAProblem) {
  CronProblem problem;
  EXPECT_FALSE(Cron::parse("", problem));
  EXPECT_FALSE(Cron::parse("  ", problem));
  EXPECT_NE(problem.message.find("not empty"), std::string::npos);
}

/// One field at random, and the values that it names.
struct Field {
  std::string text;
  std::set<int> values;
};

rc::Gen<Field> field(int least, int most) {
  return rc::gen::exec([least, most] {
    Field field;
    const int items = *rc::gen::inRange(1, 4);
    for (int i = 0; i < items; ++i) {
      const int first = *rc::gen::inRange(least, most + 1);
      const int last = *rc::gen::inRange(first, most + 1);
      const int step = *rc::gen::inRange(1, most - least + 2);
      const int form = *rc::gen::inRange(0, 4);
      if (i > 0) field.text += ",";
      if (form == 0) {
        field.text += std::to_string(first);
        field.values.insert(first);
        continue;
      }
      const int begin = form == 3 ? least : first;
      const int end = form == 3 ? most : last;
      field.text += (form == 3 ? "*" : std::to_string(first) + "-" + std::to_string(last));
      if (form != 1) field.text += "/" + std::to_string(step);
      for (int value = begin; value <= end; value += form == 1 ? 1 : step) field.values.insert(value);
    }
    return field;
  });
}

RC_GTEST_PROP(Cron, NextIsTheFirstThatAWalkOverEveryMinuteFinds, ()) {
  const Field minute = *field(0, 59);
  const Field hour = *field(0, 23);
  const Field day = *field(1, 31);
  const Field weekday = *field(0, 6);
  const std::string text = minute.text + " " + hour.text + " " + day.text + " * " + weekday.text;
  const Cron cron = parsed(text);
  const bool any = day.text.starts_with('*') || weekday.text.starts_with('*');
  const LocalSeconds from = at("2026-01-01T00:00:00") + *rc::gen::inRange(0, 400 * 86'400);
  LocalSeconds walk = (from + 59) / 60 * 60;
  const auto named = [&](LocalSeconds local) {
    const auto civil = absl::CivilSecond(1970, 1, 1) + local;
    const auto of_week = (static_cast<int>(absl::GetWeekday(civil)) + 1) % 7;
    const bool by_day = day.values.contains(civil.day());
    const bool by_weekday = weekday.values.contains(of_week);
    return minute.values.contains(civil.minute()) && hour.values.contains(civil.hour()) &&
           (any ? by_day && by_weekday : by_day || by_weekday);
  };
  const LocalSeconds end = walk + 40 * 86'400;
  while (walk < end && !named(walk)) walk += 60;
  const auto found = cron.next(from);
  RC_ASSERT(found.has_value());
  if (walk < end) {
    RC_ASSERT(*found == walk);
  } else {
    RC_ASSERT(*found >= end);
  }
}

RC_GTEST_PROP(Cron, AnyTextIsReadToItsEndOrRefusedWithAPlaceInIt, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789*/,-? @LJANSUdaily#\t")));
  CronProblem problem;
  if (!Cron::parse(text, problem)) {
    RC_ASSERT(problem.begin <= text.size());
    RC_ASSERT(!problem.message.empty());
  }
}

}  // namespace
}  // namespace cairn
