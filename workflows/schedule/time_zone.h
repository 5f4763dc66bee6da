#pragma once
// Time zones, from the system's data (Debian: tzdata), read through Abseil. What zones change in future is for that data to
// say: only schedules depend on it, never what a run decides.

#include "workflows/core/error.h"
#include "workflows/core/time.h"
#include "workflows/schedule/cron.h"

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

class TimeZone {
 public:
  /// A name of the IANA data, as "Europe/Berlin"; "UTC" needs no data. not_found: says whether the name or the data is missing.
  static Result<TimeZone> find(std::string_view name);

  /// What the clock shows at this instant, and from then on until `until` runs evenly.
  struct Shown {
    LocalSeconds local = 0;
    std::int64_t until = 0;  ///< seconds of UTC; far away when it never changes again
  };
  [[nodiscard]] Shown at(std::int64_t utc_seconds) const;

  /// When the clock shows this for the first time, or, when it skips that, jumps over it.
  [[nodiscard]] std::int64_t first_instant_of(LocalSeconds local) const;

  /// "2026-03-29T03:00:00+02:00"
  [[nodiscard]] std::string shown(Timestamp time) const;

 private:
  explicit TimeZone(absl::TimeZone zone) : zone_(zone) {}
  absl::TimeZone zone_;
};

}  // namespace cairn
