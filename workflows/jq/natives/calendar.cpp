#include "workflows/jq/natives/calendar.h"

namespace cairn::jq::native {
namespace {

constexpr std::int64_t k_day_s = 86'400;
constexpr std::int64_t k_era_years = 400;
constexpr std::int64_t k_era_days = 146'097;
constexpr std::int64_t k_epoch_in_era_0 = 719'468;  // days from 0000-03-01 to 1970-01-01

}  // namespace

bool is_leap_year(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t days_before_month(std::int64_t year, std::int64_t month) {
  constexpr std::int64_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return before[month] + (month > 1 && is_leap_year(year) ? 1 : 0);
}

// Years are counted from March, so that the leap day is the last one, and in eras of 400 years, which are all alike.
std::int64_t days_since_epoch(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += floor_div(month, 12);
  month = floor_mod(month, 12);
  const std::int64_t march_year = month < 2 ? year - 1 : year;
  const std::int64_t march_month = (month + 10) % 12;
  const std::int64_t era = floor_div(march_year, k_era_years);
  const std::int64_t year_of_era = march_year - era * k_era_years;
  const std::int64_t day_of_year = (153 * march_month + 2) / 5;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * k_era_days + day_of_era - k_epoch_in_era_0 + day - 1;
}

std::int64_t to_seconds(const Moment& m) {
  return days_since_epoch(m.year, m.month, m.day) * k_day_s + m.hour * 3600 + m.minute * 60 + m.second;
}

Moment to_moment(std::int64_t seconds) {
  const std::int64_t days = floor_div(seconds, k_day_s);
  const std::int64_t in_day = floor_mod(seconds, k_day_s);
  const std::int64_t shifted = days + k_epoch_in_era_0;
  const std::int64_t era = floor_div(shifted, k_era_days);
  const std::int64_t day_of_era = shifted - era * k_era_days;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  Moment m;
  m.month = (march_month + 2) % 12;
  m.year = year_of_era + era * k_era_years + (m.month < 2 ? 1 : 0);
  m.day = day_of_year - (153 * march_month + 2) / 5 + 1;
  m.hour = in_day / 3600;
  m.minute = in_day / 60 % 60;
  m.second = in_day % 60;
  constexpr std::int64_t thursday = 4;  // 1970-01-01
  m.weekday = floor_mod(days + thursday, 7);
  m.yearday = days_before_month(m.year, m.month) + m.day - 1;
  return m;
}

}  // namespace cairn::jq::native
