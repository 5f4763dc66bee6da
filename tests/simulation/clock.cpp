#include "tests/simulation/clock.h"

#include <algorithm>

namespace cairn::simulation {

std::optional<std::int64_t> SimulatedTime::alarm_at() const {
  if (alarm_ == nullptr || !alarm_->due_) return std::nullopt;
  if (*alarm_->due_ <= now()) return elapsed_ms_;
  return alarm_->due_->ms - k_began_ms - offset_ms_;
}

bool SimulatedTime::alarm_is_due() const { return alarm_at() == elapsed_ms_; }

void SimulatedTime::ring() {
  alarm_->due_.reset();
  const auto ring = std::exchange(alarm_->ring_, nullptr);
  ring();
}

bool SimulatedTime::ring_early() {
  if (!alarm_at()) return false;
  ring();
  return true;
}

bool SimulatedTime::step() {
  const auto alarm = alarm_at();
  if (alarm && (agenda_.empty() || *alarm <= agenda_.begin()->first.first)) {
    elapsed_ms_ = *alarm;
    ring();
    return true;
  }
  if (agenda_.empty()) return false;
  const auto next = agenda_.extract(agenda_.begin());
  elapsed_ms_ = std::max(elapsed_ms_, next.key().first);
  next.mapped()();
  return true;
}

}  // namespace cairn::simulation
