#pragma once
// Cron expressions: five fields (minute, hour, day of the month, month, day of the week), six (a second in front), or a name
// such as @daily. A field is a list of values, ranges, and either with a step; months and days of the week have names.
//
// Days: when both day fields are restricted (neither begins with `*` or is `?`), a day counts that meets one of them; otherwise one
// that meets both.
//
// Pure, and in local time, which has no zone: clock_slots.h puts it on a real clock.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// What is wrong with an expression, and where.
struct CronProblem {
  std::size_t begin = 0;  ///< bytes of the text
  std::size_t end = 0;
  std::string message;
  std::string hint;
};

/// Seconds from 1970-01-01T00:00:00 on a clock that shows local time.
using LocalSeconds = std::int64_t;

class Cron {
 public:
  /// Nothing: `problem` says why. An expression that no day ever meets (30 February) is a problem, too.
  static std::optional<Cron> parse(std::string_view text, CronProblem& problem);

  /// The first instant at or after `from` that it names. Nothing: none in the next k_years, which a valid expression has
  /// until the end of the calendar.
  [[nodiscard]] std::optional<LocalSeconds> next(LocalSeconds from) const;

  /// It names something in every hour of the days it names: such a schedule goes by elapsed time when clocks change.
  [[nodiscard]] bool is_hourly() const { return hours_.all(); }

 private:
  friend class CronParser;
  Cron() = default;
  [[nodiscard]] bool meets(std::int64_t day) const;
  /// The first second of a day at or after this one.
  [[nodiscard]] std::optional<std::int64_t> next_in_day(std::int64_t second) const;

  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     ///< 1 … 31
  std::bitset<13> months_;   ///< 1 … 12
  std::bitset<7> weekdays_;  ///< 0 is Sunday
  bool any_day_ = false;     ///< one of the day fields is not restricted
};

}  // namespace cairn
