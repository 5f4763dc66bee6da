#pragma once
// workflows/schedule: when a workflow starts by itself. Pure: what the definition says, and which slots follow from it; what
// happens to them is engine/runtime/schedules.h.
//
// A slot is an instant at which a run is due. The slots of `every` and `cron` follow from the definition alone; `after` has
// its next one when a run has ended.

#include "workflows/core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// What becomes of slots that passed while nobody could start their runs (metadata.cairn.catchup).
enum class Catchup : std::uint8_t {
  none,  ///< nothing
  last,  ///< the last one is made up for
  all,   ///< each is, up to k_most_caught_up
};

/// Of the slots of one schedule that were missed, so many are made up for at most: the last ones.
inline constexpr std::size_t k_most_caught_up = 1'000;

/// The shortest interval of `every`.
inline constexpr std::int64_t k_shortest_interval_ms = 100;

/// The time zone of a schedule that names none.
inline constexpr std::string_view k_schedule_timezone = "UTC";

/// As the definition has it, checked. At least one of the three is there.
struct Schedule {
  std::optional<std::int64_t> every_ms;  ///< at least k_shortest_interval_ms
  std::string cron;                      ///< empty: none
  std::optional<std::int64_t> after_ms;
  std::string timezone{k_schedule_timezone};  ///< of `cron`
  Catchup catchup = Catchup::last;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// "cron 0 9 * * MON-FRI Europe/Berlin"; two schedules with the same text have the same slots. Without catch-up.
std::string to_string(const Schedule& schedule);

std::string_view name_of(Catchup catchup);
std::optional<Catchup> catchup_of(std::string_view name);

}  // namespace cairn
