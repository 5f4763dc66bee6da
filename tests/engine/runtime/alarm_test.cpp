// The alarm of the operating system: when it rings, and when no more.

#include "engine/runtime/environment.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {1'800'000'000'000}; }
};

class AlarmTest : public testing::Test {
 protected:
  [[nodiscard]] Timestamp in(std::int64_t ms) const { return {clock_.now().ms + ms}; }
  std::string ring_all() {
    io_.run();
    return rung_;
  }
  std::function<void()> note(char what) {
    return [this, what] { rung_ += what; };
  }

  FixedClock clock_;
  boost::asio::io_context io_;
  std::unique_ptr<Alarm> alarm_ = make_alarm(io_, clock_);
  std::string rung_;
};

TEST_F(AlarmTest, RingsOnceAndNotBeforeSetReturns) {
  alarm_->set(in(-1), note('a'));
  EXPECT_EQ(rung_, "");
  EXPECT_EQ(ring_all(), "a");
}

TEST_F(AlarmTest, AnotherSettingTakesThePlaceOfTheFirst) {
  alarm_->set(in(0), note('a'));
  alarm_->set(in(1), note('b'));
  EXPECT_EQ(ring_all(), "b");
}

TEST_F(AlarmTest, DoesNotRingWhenItIsCancelledOrGoneThoughItsTimeHasCome) {
  alarm_->set(in(0), note('a'));
  alarm_->cancel();
  alarm_->set(in(0), note('b'));
  alarm_.reset();
  EXPECT_EQ(ring_all(), "");
}

}  // namespace
}  // namespace cairn
