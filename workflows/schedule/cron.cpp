#include "workflows/schedule/cron.h"

#include "workflows/schedule/cron_parser.h"

#include <absl/time/civil_time.h>

namespace cairn {
namespace {

constexpr std::int64_t k_day_seconds = 86'400;
/// Leap days are at most eight years apart (1896, 1904).
constexpr std::int64_t k_days_ahead = 8 * 366 + 1;

template <std::size_t N>
std::optional<std::size_t> first_from(const std::bitset<N>& bits, std::size_t at) {
  for (; at < N; ++at) {
    if (bits[at]) return at;
  }
  return std::nullopt;
}

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text, CronProblem& problem) {
  return CronParser(text, problem).parse();
}

bool Cron::meets(std::int64_t day) const {
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + day;
  if (!months_[static_cast<std::size_t>(date.month())]) return false;
  const bool by_day = days_[static_cast<std::size_t>(date.day())];
  const auto weekday = static_cast<std::size_t>((day % 7 + 7 + 4) % 7);  // day 0 was a Thursday
  const bool by_weekday = weekdays_[weekday];
  return any_day_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<std::int64_t> Cron::next_in_day(std::int64_t second) const {
  auto hour = static_cast<std::size_t>(second / 3600);
  auto minute = static_cast<std::size_t>(second / 60 % 60);
  auto part = static_cast<std::size_t>(second % 60);
  for (auto h = first_from(hours_, hour); h; h = first_from(hours_, *h + 1)) {
    if (*h != hour) minute = part = 0;
    for (auto m = first_from(minutes_, minute); m; m = first_from(minutes_, *m + 1)) {
      if (*m != minute) part = 0;
      if (const auto s = first_from(seconds_, part)) return static_cast<std::int64_t>(*h * 3600 + *m * 60 + *s);
      part = 0;
    }
    minute = part = 0;
    hour = *h;
  }
  return std::nullopt;
}

std::optional<LocalSeconds> Cron::next(LocalSeconds from) const {
  std::int64_t day = floor_div(from, k_day_seconds);
  std::int64_t second = from - day * k_day_seconds;
  for (const std::int64_t last = day + k_days_ahead; day <= last; ++day, second = 0) {
    if (!meets(day)) continue;
    if (const auto found = next_in_day(second)) return day * k_day_seconds + *found;
  }
  return std::nullopt;
}

}  // namespace cairn
