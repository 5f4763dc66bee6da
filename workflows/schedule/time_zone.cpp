#include "workflows/schedule/time_zone.h"

#include "workflows/core/suggest.h"

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cairn {
namespace {

/// The name becomes a path below the system's data; nothing else is looked at.
bool is_zone_name(std::string_view name) {
  constexpr std::size_t k_longest = 64;
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
           c == '-';
  };
  if (name.empty() || name.size() > k_longest || name.front() == '/' || name.back() == '/') return false;
  return std::ranges::all_of(name, [&](char c) { return c == '/' || is_part(c); }) &&
         name.find("//") == std::string_view::npos;
}

absl::CivilSecond civil_of(LocalSeconds local) { return absl::CivilSecond(1970, 1, 1) + local; }

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC") return TimeZone(absl::UTCTimeZone());
  absl::TimeZone zone;
  if (is_zone_name(name) && absl::LoadTimeZone(std::string(name), &zone)) return TimeZone(zone);
  if (!absl::LoadTimeZone("Europe/London", &zone)) {
    return make_error(
        ErrorCode::not_found,
        fmt::format("time zone '{}' cannot be looked up: this system has no data of time zones", cairn::shown(name)),
        {}, "Install the package tzdata");
  }
  return make_error(ErrorCode::not_found, fmt::format("there is no time zone '{}'", cairn::shown(name)), {},
                    "Write a name such as Europe/Berlin, America/New_York or UTC");
}

TimeZone::Shown TimeZone::at(std::int64_t utc_seconds) const {
  const auto time = absl::FromUnixSeconds(utc_seconds);
  Shown shown{zone_.At(time).cs - absl::CivilSecond(1970, 1, 1), std::numeric_limits<std::int64_t>::max()};
  absl::TimeZone::CivilTransition change;
  if (zone_.NextTransition(time, &change)) {
    // The instant of a change is that of the first civil time after it.
    shown.until = absl::ToUnixSeconds(zone_.At(change.to).trans);
    if (zone_.At(change.to).kind == absl::TimeZone::TimeInfo::UNIQUE)
      shown.until = absl::ToUnixSeconds(zone_.At(change.to).pre);
  }
  return shown;
}

std::int64_t TimeZone::first_instant_of(LocalSeconds local) const {
  const auto found = zone_.At(civil_of(local));
  const bool skipped = found.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixSeconds(skipped ? found.trans : found.pre);
}

std::string TimeZone::shown(Timestamp time) const {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S%Ez", absl::FromUnixMillis(time.ms), zone_);
}

}  // namespace cairn
