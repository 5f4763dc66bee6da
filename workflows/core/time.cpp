#include "workflows/core/time.h"

#include "workflows/core/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace cairn {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t k_second_ms = 1'000;
constexpr std::int64_t k_minute_ms = 60 * k_second_ms;
constexpr std::int64_t k_hour_ms = 60 * k_minute_ms;
constexpr std::int64_t k_day_ms = 24 * k_hour_ms;
constexpr std::int64_t k_week_ms = 7 * k_day_ms;
constexpr std::int64_t k_month_ms = 30 * k_day_ms;
constexpr std::int64_t k_year_ms = 365 * k_day_ms;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Takes pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_either(char a, char b) { return take(a) || take(b); }

  /// Exactly `count` digits as a number from `least` to `most`.
  std::optional<int> number(std::size_t count, int least, int most) {
    const auto text = digits();
    if (text.size() != count) return std::nullopt;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    if (value < least || value > most) return std::nullopt;
    return value;
  }

  /// As many digits as there are.
  std::string_view digits() {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    const auto text = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return text;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// A fraction's digits as that part of `unit_ms`, cut off below a millisecond; any number of digits.
std::int64_t fraction_ms(std::string_view digits, std::int64_t unit_ms) {
  std::int64_t ms = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) ms = ((*digit - '0') * unit_ms + ms) / 10;
  return ms;
}

std::optional<chrono::year_month_day> parse_date(Scanner& text) {
  const auto year = text.number(4, 0, 9999);
  if (!year || !text.take('-')) return std::nullopt;
  const auto month = text.number(2, 1, 12);
  if (!month || !text.take('-')) return std::nullopt;
  const auto day = text.number(2, 1, 31);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

struct TimeOfDay {
  std::int64_t ms;
  bool leap_second;
};

std::optional<TimeOfDay> parse_time_of_day(Scanner& text) {
  const auto hour = text.number(2, 0, 23);
  if (!hour || !text.take(':')) return std::nullopt;
  const auto minute = text.number(2, 0, 59);
  if (!minute || !text.take(':')) return std::nullopt;
  const auto second = text.number(2, 0, 60);
  if (!second) return std::nullopt;
  std::int64_t fraction = 0;
  if (text.take('.')) {
    const auto digits = text.digits();
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    fraction = fraction_ms(digits, k_second_ms);
  }
  return TimeOfDay{*hour * k_hour_ms + *minute * k_minute_ms + *second * k_second_ms + fraction, *second == 60};
}

/// How far the clock of the text is ahead of UTC.
std::optional<std::int64_t> parse_offset_ms(Scanner& text) {
  if (text.take_either('Z', 'z')) return 0;
  const bool behind = text.take('-');
  if (!behind && !text.take('+')) return std::nullopt;
  const auto hours = text.number(2, 0, 23);
  if (!hours || !text.take(':')) return std::nullopt;
  const auto minutes = text.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  const std::int64_t offset = *hours * k_hour_ms + *minutes * k_minute_ms;
  return behind ? -offset : offset;
}

/// Leap seconds come at the end of a UTC month only; here they count as the first second of the next one.
bool may_follow_leap_second(std::int64_t ms) {
  const std::int64_t second = floor_divide(ms, k_second_ms) * k_second_ms;
  const chrono::sys_days day{chrono::days(floor_divide(second, k_day_ms))};
  return second % k_day_ms == 0 && chrono::year_month_day(day).day() == chrono::day(1);
}

std::optional<Timestamp> parse_date_time(std::string_view whole) {
  Scanner text(whole);
  const auto date = parse_date(text);
  if (!date || !text.take_either('T', 't')) return std::nullopt;
  const auto time = parse_time_of_day(text);
  if (!time) return std::nullopt;
  const auto offset = parse_offset_ms(text);
  if (!offset || !text.rest().empty()) return std::nullopt;
  const std::int64_t days = chrono::sys_days(*date).time_since_epoch().count();
  const std::int64_t ms = days * k_day_ms + time->ms - *offset;
  if (time->leap_second && !may_follow_leap_second(ms)) return std::nullopt;
  return Timestamp{ms};
}

/// One part of a duration: a number, perhaps with a fraction, and the letter of its unit.
struct Part {
  std::string_view whole;
  std::string_view fraction;
  char unit;
};

std::optional<Part> parse_part(Scanner& text) {
  Part part{text.digits(), {}, '\0'};
  if (part.whole.empty()) return std::nullopt;
  if (text.take('.')) {
    part.fraction = text.digits();
    if (part.fraction.empty()) return std::nullopt;
  }
  if (text.rest().empty()) return std::nullopt;
  part.unit = text.rest().front();
  text.take(part.unit);
  return part;
}

constexpr std::int64_t k_too_long = limits::k_duration_ms + 1;

/// Milliseconds of a part, k_too_long at most.
std::int64_t part_ms(const Part& part, std::int64_t unit_ms) {
  std::int64_t whole = 0;
  for (const char c : part.whole) {
    whole = whole * 10 + (c - '0');
    if (whole > limits::k_duration_ms / unit_ms) return k_too_long;
  }
  return std::min(whole * unit_ms + fraction_ms(part.fraction, unit_ms), k_too_long);
}

struct Unit {
  char letter;
  std::int64_t ms;
};

constexpr Unit k_date_units[] = {{'Y', k_year_ms}, {'M', k_month_ms}, {'W', k_week_ms}, {'D', k_day_ms}};
constexpr Unit k_time_units[] = {{'H', k_hour_ms}, {'M', k_minute_ms}, {'S', k_second_ms}};

/// Adds parts to `total` up to the end of the text or a 'T': at least one, units in the order of `units`, each once.
template <std::size_t N>
bool add_parts(Scanner& text, const Unit (&units)[N], std::int64_t& total) {
  std::size_t next = 0;
  do {
    const auto part = parse_part(text);
    if (!part) return false;
    while (next < N && units[next].letter != part->unit) ++next;
    if (next == N) return false;
    total = std::min(total + part_ms(*part, units[next++].ms), k_too_long);
  } while (!text.rest().empty() && !text.rest().starts_with('T'));
  return true;
}

/// Nothing when the text is malformed, k_too_long when only its length is wrong.
std::optional<std::int64_t> parse_parts(std::string_view whole) {
  Scanner text(whole);
  std::int64_t total = 0;
  if (!text.take('P')) return std::nullopt;
  if (!text.rest().starts_with('T') && !add_parts(text, k_date_units, total)) return std::nullopt;
  if (text.take('T') && !add_parts(text, k_time_units, total)) return std::nullopt;
  return text.rest().empty() ? std::optional(total) : std::nullopt;
}

}  // namespace

std::string to_iso8601(Timestamp time) {
  // The calendar repeats every 400 years, so years beyond std::chrono's range are those of one era, shifted.
  constexpr std::int64_t era_days = 146'097;
  const std::int64_t days = floor_divide(time.ms, k_day_ms);
  const std::int64_t era = floor_divide(days, era_days);
  const chrono::year_month_day date{chrono::sys_days{chrono::days(days - era * era_days)}};
  const std::int64_t year = static_cast<int>(date.year()) + era * 400;
  std::int64_t ms = time.ms % k_day_ms;  // not time.ms - days * k_day_ms, which overflows at the first day of all
  if (ms < 0) ms += k_day_ms;
  const std::int64_t hour = ms / k_hour_ms;
  ms %= k_hour_ms;
  const std::int64_t minute = ms / k_minute_ms;
  ms %= k_minute_ms;
  // ISO 8601 writes years that do not fit four digits with a sign.
  const std::string year_text = year >= 0 && year <= 9999 ? fmt::format("{:04}", year) : fmt::format("{:+07}", year);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year_text, static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), hour, minute, ms / k_second_ms, ms % k_second_ms);
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto time = parse_date_time(text);
  if (!time) {
    return make_error(ErrorCode::invalid_input, fmt::format("'{}' is not a date and time", text), {},
                      "Write it like 2026-11-20T23:29:51Z or 2026-11-20T23:29:51.5+01:00");
  }
  return *time;
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
  const auto total = parse_parts(text);
  if (!total) {
    return make_error(ErrorCode::invalid_input, fmt::format("'{}' is not an ISO 8601 duration", text), {},
                      "Write it like PT30S, PT1H30M or P2D");
  }
  if (*total == k_too_long) {
    return make_error(ErrorCode::limit_exceeded, fmt::format("the duration '{}' is longer than 100 years", text));
  }
  return *total;
}

std::string to_iso8601_duration(std::int64_t ms) {
  if (ms == 0) return "PT0S";
  // In negatives, where the least integer has its opposite too.
  std::int64_t left = ms < 0 ? ms : -ms;
  std::string text = ms < 0 ? "-P" : "P";
  const auto take = [&](std::int64_t unit_ms, char letter) {
    if (const std::int64_t count = -(left / unit_ms); count != 0) text += fmt::format("{}{}", count, letter);
    left %= unit_ms;
  };
  take(k_day_ms, 'D');
  if (left == 0) return text;
  text += 'T';
  take(k_hour_ms, 'H');
  take(k_minute_ms, 'M');
  if (left == 0) return text;
  text += fmt::format("{}", -(left / k_second_ms));
  if (const std::int64_t rest = -(left % k_second_ms); rest != 0) {
    text += fmt::format(".{:03}", rest);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + 'S';
}

}  // namespace cairn
