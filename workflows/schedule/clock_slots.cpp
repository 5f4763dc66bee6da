#include "workflows/schedule/clock_slots.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

Result<ClockSlots> ClockSlots::of(const Schedule& schedule) {
  CAIRN_TRY(const auto zone, TimeZone::find(schedule.timezone));
  ClockSlots slots(zone);
  slots.every_ms_ = schedule.every_ms;
  if (!schedule.cron.empty()) {
    CronProblem problem;
    slots.cron_ = Cron::parse(schedule.cron, problem);
    if (!slots.cron_) return make_error(ErrorCode::invalid_definition, problem.message, schedule.cron, problem.hint);
  }
  return slots;
}

std::optional<Timestamp> ClockSlots::after(Timestamp time) const {
  std::optional<std::int64_t> next;
  if (every_ms_) next = (floor_div(time.ms, *every_ms_) + 1) * *every_ms_;
  if (cron_) {
    if (const auto found = cron_after(floor_div(time.ms, 1'000)))
      next = std::min(next.value_or(*found * 1'000), *found * 1'000);
  }
  if (!next) return std::nullopt;
  return Timestamp{*next};
}

std::optional<std::int64_t> ClockSlots::cron_after(std::int64_t seconds) const {
  return cron_->is_hourly() ? elapsed_after(seconds) : daily_after(seconds);
}

/// Each instant at which the clock shows what the expression names.
std::optional<std::int64_t> ClockSlots::elapsed_after(std::int64_t seconds) const {
  std::int64_t from = seconds + 1;
  while (true) {
    const auto clock = zone_.at(from);
    const auto local = cron_->next(clock.local);
    if (!local) return std::nullopt;
    const std::int64_t instant = from + (*local - clock.local);
    if (instant < clock.until) return instant;
    from = clock.until;  // from there on the clock shows something else
  }
}

/// Each time of a day once. When the clock shows it is a rising function of it, so the first that comes later is the one.
std::optional<std::int64_t> ClockSlots::daily_after(std::int64_t seconds) const {
  auto local = cron_->next(zone_.at(seconds).local);
  while (local) {
    const std::int64_t instant = zone_.first_instant_of(*local);
    if (instant > seconds) return instant;
    local = cron_->next(*local + 1);
  }
  return std::nullopt;
}

}  // namespace cairn
