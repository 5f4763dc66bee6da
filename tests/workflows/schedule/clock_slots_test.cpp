// Slots on real clocks: days on which clocks change, and a walk over every minute of a year.

#include "workflows/schedule/clock_slots.h"

#include <absl/time/civil_time.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace cairn {
namespace {

Timestamp at(const std::string& text) {
  const auto time = parse_timestamp(text);
  EXPECT_TRUE(time) << text;
  return time ? time.value() : Timestamp{};
}

ClockSlots cron(const std::string& text, const std::string& zone) {
  Schedule schedule;
  schedule.cron = text;
  schedule.timezone = zone;
  auto slots = ClockSlots::of(schedule);
  EXPECT_TRUE(slots) << text;
  return slots.value();
}

struct Changing {
  std::string name;
  std::string cron;
  std::string zone;
  std::string after;
  std::vector<std::string> shown;  // as clocks there show it
};

class ClocksThatChange : public testing::TestWithParam<Changing> {};

TEST_P(ClocksThatChange, HaveTheirSlots) {
  const auto slots = cron(GetParam().cron, GetParam().zone);
  Timestamp time = at(GetParam().after);
  for (const auto& expected : GetParam().shown) {
    const auto next = slots.after(time);
    ASSERT_TRUE(next);
    ASSERT_GT(*next, time);
    EXPECT_EQ(slots.shown(*next), expected);
    time = *next;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Slots, ClocksThatChange,
    testing::Values(
        // Berlin skips 02:00–03:00 on 2026-03-29 and repeats it on 2026-10-25.
        Changing{"ATimeThatIsSkippedIsDueWhenTheClockHasJumped",
                 "30 2 * * *",
                 "Europe/Berlin",
                 "2026-03-28T00:00:00Z",
                 {"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
        Changing{"SeveralSkippedTimesAreOneSlot",
                 "0,20,40 2 * * *",
                 "Europe/Berlin",
                 "2026-03-29T00:30:00Z",
                 {"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
        Changing{"WhatIsDueWhenTheClockHasJumpedAnywayIsNotTwice",
                 "0 2,3 * * *",
                 "Europe/Berlin",
                 "2026-03-28T22:00:00Z",
                 {"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
        Changing{"ATimeThatIsRepeatedIsDueTheFirstTime",
                 "30 2 * * *",
                 "Europe/Berlin",
                 "2026-10-24T12:00:00Z",
                 {"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
        Changing{"AnHourlyScheduleHasNoSlotInTheSkippedHour",
                 "30 * * * *",
                 "Europe/Berlin",
                 "2026-03-29T00:00:00Z",
                 {"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}},
        Changing{"AnHourlyScheduleHasTheRepeatedHourTwice",
                 "30 * * * *",
                 "Europe/Berlin",
                 "2026-10-25T00:00:00Z",
                 {"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"}},
        Changing{"EveryTwentyMinutesGoesByElapsedTime",
                 "*/20 * * * *",
                 "Europe/Berlin",
                 "2026-10-25T00:35:00Z",
                 {"2026-10-25T02:40:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:20:00+01:00"}},
        Changing{"MidnightThatIsSkippedIsDueAtOne",
                 "0 0 * * *",
                 "America/Havana",
                 "2026-03-07T12:00:00Z",
                 {"2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"}},
        Changing{"MidnightThatIsRepeatedIsDueOnce",
                 "0 0 * * *",
                 "America/Havana",
                 "2026-10-31T12:00:00Z",
                 {"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}},
        Changing{"HalfAnHourIsSkipped",
                 "15 2 * * *",
                 "Australia/Lord_Howe",
                 "2026-10-03T00:00:00Z",
                 {"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
        Changing{"AWholeDayIsSkipped",
                 "0 9 30 12 *",
                 "Pacific/Apia",
                 "2011-12-29T00:00:00Z",
                 {"2011-12-31T00:00:00+14:00", "2012-12-30T09:00:00+14:00"}},
        Changing{"AfterWhatTheDataRecordsTheRuleGoesOn",
                 "30 2 * * *",
                 "Europe/Berlin",
                 "2060-03-27T12:00:00Z",
                 {"2060-03-28T03:00:00+02:00", "2060-03-29T02:30:00+02:00"}},
        Changing{"WithoutAZoneItIsUtc", "30 2 * * *", "UTC", "2026-03-28T12:00:00Z", {"2026-03-29T02:30:00+00:00"}}),
    [](const auto& info) { return info.param.name; });

TEST(Slots, AnIntervalHasItsSlotsAtItsMultiplesSince1970) {
  Schedule schedule;
  schedule.every_ms = 900'000;
  const auto slots = ClockSlots::of(schedule);
  ASSERT_TRUE(slots);
  EXPECT_EQ(slots.value().after(at("2026-11-21T10:07:00Z")), at("2026-11-21T10:15:00Z"));
  EXPECT_EQ(slots.value().after(at("2026-11-21T10:15:00Z")), at("2026-11-21T10:30:00Z"));
  EXPECT_EQ(slots.value().after(at("1969-12-31T23:59:59Z")), at("1970-01-01T00:00:00Z"));
}

TEST(Slots, OfAnIntervalAndACronAreThoseOfBoth) {
  Schedule schedule;
  schedule.every_ms = 3'600'000;
  schedule.cron = "20,40 * * * *";
  const auto slots = ClockSlots::of(schedule);
  ASSERT_TRUE(slots);
  Timestamp time = at("2026-11-21T09:50:00Z");
  for (const auto* expected :
       {"2026-11-21T10:00:00Z", "2026-11-21T10:20:00Z", "2026-11-21T10:40:00Z", "2026-11-21T11:00:00Z"}) {
    time = *slots.value().after(time);
    EXPECT_EQ(time, at(expected));
  }
}

TEST(TimeZones, ThatDoNotExistAreRefusedWithoutLookingElsewhere) {
  for (const auto* name :
       {"Europe/Berlln", "", "/etc/passwd", "../../etc/passwd", "Europe//Berlin", "Europe/Berlin/", "A B"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
}

RC_GTEST_PROP(Slots, AreWhatAWalkOverEveryMinuteFinds, ()) {
  const auto zone_name = *rc::gen::elementOf(std::vector<std::string>{
      "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "UTC"});
  const int minute = *rc::gen::inRange(0, 60);
  const int hour = *rc::gen::inRange(-1, 24);
  const auto slots = cron(std::to_string(minute) + " " + (hour < 0 ? "*" : std::to_string(hour)) + " * * *", zone_name);
  const auto zone = TimeZone::find(zone_name);
  RC_ASSERT(zone.has_value());
  const std::int64_t from = at("2026-01-01T00:00:00Z").ms / 1'000 + 60LL * *rc::gen::inRange(0, 365 * 1'440);
  const auto found = slots.after(Timestamp{from * 1'000});
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->ms > from * 1'000);
  // Every minute in between: is it named, or has the clock just jumped over what is named?
  for (std::int64_t time = from + 60; time <= from + 2 * 86'400; time += 60) {
    const auto local = zone.value().at(time).local;
    const auto before = zone.value().at(time - 60).local;
    const auto is_named = [&](LocalSeconds shown) {
      const auto of_day = ((shown % 86'400) + 86'400) % 86'400;
      return of_day % 3'600 / 60 == minute && (hour < 0 || of_day / 3'600 == hour);
    };
    bool expected = is_named(local);
    if (hour >= 0) {
      for (LocalSeconds skipped = before + 60; skipped < local; skipped += 60) expected |= is_named(skipped);
      // Shown before already: no more than three hours ago in any zone of this year.
      for (std::int64_t back = time - 60; is_named(local) && back > time - 3 * 3'600; back -= 60) {
        if (zone.value().at(back).local == local) expected = false;
      }
    }
    if (expected) {
      RC_ASSERT(found->ms == time * 1'000);
      return;
    }
  }
  RC_FAIL("nothing in two days");
}

}  // namespace
}  // namespace cairn
