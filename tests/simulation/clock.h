#pragma once
// Simulated time: a wall clock that jumps, an agenda of what happens when, and the engine's alarm. Time passes only in
// step(), from one thing to the next.

#include "engine/runtime/environment.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace cairn::simulation {

class SimulatedAlarm;

class SimulatedTime final : public Clock {
 public:
  /// The wall clock.
  [[nodiscard]] Timestamp now() const override { return {k_began_ms + elapsed_ms_ + offset_ms_}; }
  /// Time that really passed; never jumps.
  [[nodiscard]] std::int64_t elapsed_ms() const { return elapsed_ms_; }
  void jump(std::int64_t ms) {
    before_jumps_ms_ = latest().ms;
    offset_ms_ += ms;
  }
  /// The latest time that the wall clock ever showed.
  [[nodiscard]] Timestamp latest() const { return {std::max(before_jumps_ms_, now().ms)}; }

  void after(std::int64_t delay_ms, std::function<void()> what) {
    agenda_.emplace(std::pair(elapsed_ms_ + delay_ms, next_order_++), std::move(what));
  }
  [[nodiscard]] bool alarm_is_due() const;
  /// Nothing is to come.
  [[nodiscard]] bool empty() const { return agenda_.empty() && !alarm_at(); }
  /// Lets time pass until the next thing, the alarm before others, and does it. False: nothing is to come.
  bool step();
  /// Rings the alarm before its time, if it is set.
  bool ring_early();

 private:
  friend class SimulatedAlarm;
  static constexpr std::int64_t k_began_ms = 1'800'000'000'000;
  [[nodiscard]] std::optional<std::int64_t> alarm_at() const;  ///< in elapsed time
  void ring();

  std::int64_t elapsed_ms_ = 0;
  std::int64_t offset_ms_ = 0;
  std::int64_t before_jumps_ms_ = 0;  ///< the latest time before the last jump
  std::uint64_t next_order_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> agenda_;
  SimulatedAlarm* alarm_ = nullptr;  ///< of the process that lives
};

class SimulatedAlarm final : public Alarm {
 public:
  explicit SimulatedAlarm(SimulatedTime& time) : time_(time) { time_.alarm_ = this; }
  SimulatedAlarm(const SimulatedAlarm&) = delete;
  SimulatedAlarm& operator=(const SimulatedAlarm&) = delete;
  ~SimulatedAlarm() override { time_.alarm_ = nullptr; }
  void set(Timestamp due, std::function<void()> ring) override {
    due_ = due;
    ring_ = std::move(ring);
  }
  void cancel() override { due_.reset(); }

 private:
  friend class SimulatedTime;
  SimulatedTime& time_;
  std::optional<Timestamp> due_;
  std::function<void()> ring_;
};

}  // namespace cairn::simulation
