// Which timers fire, and when: in memory, and from the index of the log.

#include "engine/runtime/timer_window.h"

#include "tests/engine/runtime/memory_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t k_hour = 3'600'000;

DueTimer timer(std::int64_t due, std::uint64_t number) {
  return {Timestamp{due}, RunId::make(1'800'000'000'000, PartitionId{0}, number), EventSeq{number}};
}

class TimerWindowTest : public testing::Test {
 protected:
  std::vector<DueTimer> due(std::int64_t now, std::size_t limit = 1'000'000) {
    auto taken = window.take_due(Timestamp{now}, limit);
    EXPECT_TRUE(taken.has_value());
    return taken ? taken.value() : std::vector<DueTimer>{};
  }
  /// As the engine does when a step is durable.
  void set(const DueTimer& timer) {
    log.timers.insert(timer);
    window.add(timer);
  }

  MemoryLog log;
  TimerWindow window{log};
};

TEST_F(TimerWindowTest, TimersFireInTheirOrderWhenTheirTimeHasComeAndOnce) {
  for (const auto& each : {timer(300, 3), timer(100, 1), timer(200, 2)}) window.add(each);
  EXPECT_EQ(window.next(), Timestamp{100});
  EXPECT_THAT(due(99), IsEmpty());
  EXPECT_THAT(due(250), ElementsAre(timer(100, 1), timer(200, 2)));
  EXPECT_THAT(due(250), IsEmpty());
  window.remove(timer(300, 3));
  EXPECT_THAT(due(1'000), IsEmpty());
  EXPECT_EQ(window.next(), std::nullopt);
}

TEST_F(TimerWindowTest, WithoutTheLogOnlyWhatWasGivenFires) {
  log.timers.insert(timer(100, 1));
  window.add(timer(10 * k_hour, 2));
  EXPECT_THAT(due(9 * k_hour), IsEmpty());
  EXPECT_THAT(due(10 * k_hour), ElementsAre(timer(10 * k_hour, 2)));
}

TEST_F(TimerWindowTest, TheIndexIsReadBeforeItsTimersAreDue) {
  log.timers = {timer(100, 1), timer(k_hour, 2), timer(2 * k_hour, 3)};
  window.follow_log();
  EXPECT_THAT(due(200), ElementsAre(timer(100, 1)));
  const auto again = window.next();
  ASSERT_TRUE(again.has_value());
  EXPECT_LT(again->ms, k_hour) << "so that what is due then is in memory by then";
  EXPECT_GT(again->ms, 200);
  EXPECT_THAT(due(again->ms), IsEmpty());
  EXPECT_EQ(window.next(), Timestamp{k_hour});
  EXPECT_THAT(due(k_hour), ElementsAre(timer(k_hour, 2)));
}

TEST_F(TimerWindowTest, WhatIsSetLaterFiresInsideTheWindowAndBeyondIt) {
  window.follow_log();
  EXPECT_THAT(due(0), IsEmpty());
  set(timer(5'000, 1));
  set(timer(k_hour, 2));
  EXPECT_THAT(due(5'000), ElementsAre(timer(5'000, 1)));
  log.timers.erase(timer(5'000, 1));
  EXPECT_THAT(due(k_hour - 1), IsEmpty());
  EXPECT_THAT(due(k_hour), ElementsAre(timer(k_hour, 2)));
}

TEST_F(TimerWindowTest, AJumpOfTheClockLosesNoneAndFiresNoneTwice) {
  window.follow_log();
  EXPECT_THAT(due(0), IsEmpty());
  set(timer(k_hour, 1));
  set(timer(30 * k_hour, 2));
  EXPECT_THAT(due(24 * k_hour), ElementsAre(timer(k_hour, 1)));
  log.timers.erase(timer(k_hour, 1));
  EXPECT_THAT(due(0), IsEmpty()) << "a day back";
  set(timer(2 * k_hour, 3));
  EXPECT_THAT(due(k_hour), IsEmpty());
  EXPECT_THAT(due(2 * k_hour), ElementsAre(timer(2 * k_hour, 3)));
  log.timers.erase(timer(2 * k_hour, 3));
  EXPECT_THAT(due(30 * k_hour), ElementsAre(timer(30 * k_hour, 2)));
}

TEST_F(TimerWindowTest, AHundredThousandAtOnceAreReadInPagesAndAllFire) {
  constexpr std::uint64_t k_many = 100'000;
  for (std::uint64_t i = 1; i <= k_many; ++i) log.timers.insert(timer(500, i));
  window.follow_log();
  std::set<DueTimer> fired;
  while (true) {
    const auto some = due(1'000, 4'096);
    if (some.empty()) break;
    fired.insert(some.begin(), some.end());
    for (const auto& each : some) log.timers.erase(each);
  }
  EXPECT_THAT(fired, SizeIs(k_many));
}

TEST_F(TimerWindowTest, MoreThanFitInMemoryAreLeftToTheIndexAndAllFire) {
  window.follow_log();
  EXPECT_THAT(due(0), IsEmpty());
  constexpr std::uint64_t k_many = 200'000;
  for (std::uint64_t i = 1; i <= k_many; ++i) set(timer(static_cast<std::int64_t>(i % 20'000), i));
  std::set<DueTimer> fired;
  for (std::int64_t now = 0; now <= 20'000; now += 500) {
    for (const auto& each : due(now)) {
      EXPECT_LE(each.due.ms, now);
      EXPECT_TRUE(fired.insert(each).second);
      log.timers.erase(each);
    }
  }
  EXPECT_THAT(fired, SizeIs(k_many));
}

TEST_F(TimerWindowTest, ItKnowsWhatItHoldsInMemoryOrInTheIndex) {
  window.follow_log();
  EXPECT_THAT(due(0), IsEmpty());
  set(timer(1'000, 1));
  set(timer(k_hour, 2));
  EXPECT_TRUE(window.holds(timer(1'000, 1)).value());
  EXPECT_TRUE(window.holds(timer(k_hour, 2)).value());
  EXPECT_FALSE(window.holds(timer(k_hour, 3)).value());
  EXPECT_FALSE(window.holds(timer(1'001, 1)).value());
}

}  // namespace
}  // namespace cairn::tests
