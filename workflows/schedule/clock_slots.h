#pragma once
// ClockSlots: the slots of `every` and `cron`, one after the other.
//
// `every` has its slots at the multiples of its interval since 1970-01-01T00:00:00Z: PT15M at each full quarter of an hour, P1D at
// midnight UTC. So they do not depend on when a process began, and a slot has the same name in every one.
//
// When clocks change, a cron expression that has slots in every hour goes by elapsed time: nothing is made up for, nothing is left
// out, and the repeated hour has its slots twice. Any other has each time of a day once: what the clock skips is due when it
// has jumped (together: one slot), what it repeats is due the first time.

#include "workflows/schedule/schedule.h"
#include "workflows/schedule/time_zone.h"

#include <optional>

namespace cairn {

class ClockSlots {
 public:
  /// Of a schedule that may have neither (then there are no slots). Errors: the time zone, or a broken expression of a text that
  /// nobody has checked.
  static Result<ClockSlots> of(const Schedule& schedule);

  /// The first slot after `time`.
  [[nodiscard]] std::optional<Timestamp> after(Timestamp time) const;

  /// `time` as clocks in the schedule's zone show it.
  [[nodiscard]] std::string shown(Timestamp time) const { return zone_.shown(time); }

 private:
  explicit ClockSlots(TimeZone zone) : zone_(zone) {}
  [[nodiscard]] std::optional<std::int64_t> cron_after(std::int64_t seconds) const;
  [[nodiscard]] std::optional<std::int64_t> elapsed_after(std::int64_t seconds) const;
  [[nodiscard]] std::optional<std::int64_t> daily_after(std::int64_t seconds) const;

  std::optional<std::int64_t> every_ms_;
  std::optional<Cron> cron_;
  TimeZone zone_;
};

}  // namespace cairn
