#pragma once
// Days and dates of the Gregorian calendar, extended both ways; UTC, no leap seconds. Pure: no time zone of the
// machine.

#include <cstdint>

namespace cairn::jq::native {

/// A point in time in its parts. Out-of-range parts (month 14, day 0) mean what counting on gives.
struct Moment {
  std::int64_t year = 0;
  std::int64_t month = 0;  ///< from 0
  std::int64_t day = 0;    ///< from 1
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t weekday = 0;  ///< from Sunday, 0
  std::int64_t yearday = 0;  ///< from 0
};

/// `a` / `b` rounded down, and what remains (never negative); `b` is positive.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return a - floor_div(a, b) * b; }

bool is_leap_year(std::int64_t year);
/// Days from 1970-01-01 to the day; month and day as in Moment.
std::int64_t days_since_epoch(std::int64_t year, std::int64_t month, std::int64_t day);
/// Days before the month (0 to 11) in the year.
std::int64_t days_before_month(std::int64_t year, std::int64_t month);
/// Seconds from 1970-01-01T00:00:00Z, by the parts from year to second.
std::int64_t to_seconds(const Moment& moment);
/// All parts within their ranges.
Moment to_moment(std::int64_t seconds);

}  // namespace cairn::jq::native
