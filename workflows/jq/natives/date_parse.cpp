#include "workflows/jq/natives/date_text.h"

#include <algorithm>
#include <span>

namespace cairn::jq::native {
namespace {

constexpr std::int64_t k_unknown_weekday = 8;
constexpr std::int64_t k_unknown_yearday = 367;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_ignoring_case(std::string_view text, std::string_view with) {
  return text.size() >= with.size() &&
         std::equal(with.begin(), with.end(), text.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    m_.year = 1900;
    m_.weekday = k_unknown_weekday;
    m_.yearday = k_unknown_yearday;
  }

  bool parse(std::string_view format) {
    for (std::size_t at = 0; at < format.size(); ++at) {
      if (is_blank(format[at])) {
        skip_blanks();
        continue;
      }
      if (format[at] != '%') {
        if (!literal(format[at])) return false;
        continue;
      }
      ++at;
      while (at < format.size() && std::string_view("-_0^#").find(format[at]) != std::string_view::npos) ++at;
      if (at < format.size() && (format[at] == 'E' || format[at] == 'O')) ++at;
      if (at >= format.size() || !convert(format[at])) return false;
    }
    return true;
  }

  ParsedMoment take() {
    complete();
    return {m_, text_};
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
  }

  bool literal(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// A number of at most `digits` digits within the range, behind blanks.
  bool number(std::int64_t least, std::int64_t greatest, std::size_t digits, std::int64_t& value) {
    skip_blanks();
    if (text_.empty() || !is_digit(text_.front())) return false;
    std::int64_t read = 0;
    for (; digits > 0 && !text_.empty() && is_digit(text_.front()); --digits) {
      read = read * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    value = read;
    return read >= least && read <= greatest;
  }

  /// A number that people count from 1, and the broken-down time from 0.
  bool counted(std::int64_t greatest, std::size_t digits, std::int64_t& value) {
    if (!number(1, greatest, digits, value)) return false;
    --value;
    return true;
  }

  /// One of the names, in full or its first three letters.
  bool name(std::span<const std::string_view> names, std::int64_t& value) {
    constexpr std::size_t short_name = 3;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool full = begins_ignoring_case(text_, names[i]);
      if (!full && !begins_ignoring_case(text_, names[i].substr(0, short_name))) continue;
      text_.remove_prefix(full ? names[i].size() : short_name);
      value = static_cast<std::int64_t>(i);
      return true;
    }
    return false;
  }

  bool convert(char conversion) { return date(conversion) || time(conversion) || other(conversion); }

  bool date(char conversion) {
    switch (conversion) {
      case 'a':
      case 'A': return have_weekday_ = name(k_day_names, m_.weekday);
      case 'b':
      case 'B':
      case 'h': return want_days_ = have_month_ = name(k_month_names, m_.month);
      case 'C': return want_days_ = have_century_ = number(0, 99, 2, century_);
      case 'd':
      case 'e': return want_days_ = have_day_ = number(1, 31, 2, m_.day);
      case 'j': return have_yearday_ = counted(366, 3, m_.yearday);
      case 'm': return want_days_ = have_month_ = counted(12, 2, m_.month);
      case 'y': return short_year();
      case 'Y': return full_year();
      case 'u': return iso_weekday();
      case 'w': return have_weekday_ = number(0, 6, 1, m_.weekday);
      case 'U': return have_sunday_week_ = number(0, 53, 2, week_);
      case 'W': return have_monday_week_ = number(0, 53, 2, week_);
      case 'V': return number(0, 53, 2, ignored_);
      case 'g': return number(0, 99, 2, ignored_);
      case 'G': return number(0, 9999, 4, ignored_);
      case 'D':
      case 'x': return parse("%m/%d/%y");
      case 'F': return parse("%Y-%m-%d");
      default: return false;
    }
  }

  bool time(char conversion) {
    switch (conversion) {
      case 'H':
      case 'k': have_12_ = false; return number(0, 23, 2, m_.hour);
      case 'I':
      case 'l': return hour_of_12();
      case 'M': return number(0, 59, 2, m_.minute);
      case 'S': return number(0, 61, 2, m_.second);
      case 'p':
      case 'P': return half_of_day();
      case 's': return epoch_seconds();
      case 'z': return offset();
      case 'r': return parse("%I:%M:%S %p");
      case 'R': return parse("%H:%M");
      case 'T':
      case 'X': return parse("%H:%M:%S");
      default: return false;
    }
  }

  bool other(char conversion) {
    switch (conversion) {
      case 'c': return parse("%a %b %e %H:%M:%S %Y");
      case 'n':
      case 't': skip_blanks(); return true;
      case 'Z': zone_name(); return true;
      case '%': return literal('%');
      default: return false;
    }
  }

  bool full_year() {
    if (!number(0, 9999, 4, m_.year)) return false;
    have_century_ = false;
    return want_days_ = true;
  }

  bool short_year() {
    constexpr std::int64_t first_of_1900s = 69;
    if (!number(0, 99, 2, year_of_century_)) return false;
    m_.year = year_of_century_ + (year_of_century_ >= first_of_1900s ? 1900 : 2000);
    have_short_year_ = true;
    return want_days_ = true;
  }

  bool iso_weekday() {
    if (!number(1, 7, 1, m_.weekday)) return false;
    m_.weekday %= 7;
    return have_weekday_ = true;
  }

  bool hour_of_12() {
    if (!number(1, 12, 2, m_.hour)) return false;
    m_.hour %= 12;
    return have_12_ = true;
  }

  bool half_of_day() {
    if (begins_ignoring_case(text_, "am")) {
      afternoon_ = false;
    } else if (begins_ignoring_case(text_, "pm")) {
      afternoon_ = true;
    } else {
      return false;
    }
    text_.remove_prefix(2);
    return true;
  }

  bool epoch_seconds() {
    constexpr std::size_t most_digits = 15;
    std::int64_t seconds = 0;
    if (text_.empty() || !is_digit(text_.front()) || !number(0, INT64_MAX, most_digits, seconds)) return false;
    m_ = to_moment(seconds);
    have_month_ = have_day_ = have_weekday_ = have_yearday_ = true;
    return true;
  }

  /// Z, or hours and perhaps minutes with a sign. jq reads the offset and leaves the time as it is, and so do we.
  bool offset() {
    skip_blanks();
    if (text_.starts_with('Z')) {
      text_.remove_prefix(1);
      return true;
    }
    if (!text_.starts_with('+') && !text_.starts_with('-')) return false;
    text_.remove_prefix(1);
    std::size_t digits = 0;
    std::int64_t value = 0;
    while (digits < 4 && !text_.empty() && (is_digit(text_.front()) || (digits == 2 && text_.front() == ':'))) {
      if (is_digit(text_.front())) {
        value = value * 10 + (text_.front() - '0');
        ++digits;
      }
      text_.remove_prefix(1);
    }
    if (digits == 2) value *= 100;
    constexpr std::int64_t greatest = 1400;
    return (digits == 2 || digits == 4) && value <= greatest && value % 100 < 60;
  }

  void zone_name() {
    skip_blanks();
    while (!text_.empty() && !is_blank(text_.front())) text_.remove_prefix(1);
  }

  /// Derives what the parts imply, as the C library does.
  void complete() {
    if (have_12_ && afternoon_) m_.hour += 12;
    if (have_century_) m_.year = century_ * 100 + (have_short_year_ ? year_of_century_ : 0);
    if (want_days_ && !have_weekday_) {
      if (!(have_month_ && have_day_) && have_yearday_) month_and_day_by_yearday();
      m_.weekday = weekday_of(m_.month, m_.day);
    }
    if (want_days_ && !have_yearday_) m_.yearday = days_before_month(m_.year, m_.month) + m_.day - 1;
    if ((have_sunday_week_ || have_monday_week_) && have_weekday_) complete_by_week();
  }

  [[nodiscard]] std::int64_t weekday_of(std::int64_t month, std::int64_t day) const {
    constexpr std::int64_t thursday = 4;  // 1970-01-01
    return floor_mod(days_since_epoch(m_.year, month, day) + thursday, 7);
  }

  void month_and_day_by_yearday() {
    std::int64_t month = 11;
    while (days_before_month(m_.year, month) > m_.yearday) --month;
    if (!have_month_) m_.month = month;
    if (!have_day_) m_.day = m_.yearday - days_before_month(m_.year, month) + 1;
    have_month_ = have_day_ = true;
  }

  void complete_by_week() {
    const std::int64_t first_day = have_sunday_week_ ? 0 : 1;
    const std::int64_t new_year = weekday_of(0, 1);
    if (!have_yearday_) {
      m_.yearday = (7 - (new_year - first_day)) % 7 + (week_ - 1) * 7 + (m_.weekday - first_day + 7) % 7;
    }
    if ((!have_month_ || !have_day_) && m_.yearday >= 0) month_and_day_by_yearday();
  }

  std::string_view text_;
  Moment m_;
  bool have_weekday_ = false;
  bool have_month_ = false;
  bool have_day_ = false;
  bool have_yearday_ = false;
  bool have_century_ = false;
  bool have_short_year_ = false;
  bool have_12_ = false;
  bool have_sunday_week_ = false;
  bool have_monday_week_ = false;
  bool want_days_ = false;  // a part of the date is given, so that weekday and yearday are derived
  bool afternoon_ = false;
  std::int64_t century_ = 0;
  std::int64_t year_of_century_ = 0;
  std::int64_t week_ = 0;
  std::int64_t ignored_ = 0;
};

}  // namespace

std::optional<ParsedMoment> parse_moment(std::string_view text, std::string_view format) {
  Parser parser(text);
  if (!parser.parse(format)) return std::nullopt;
  return parser.take();
}

}  // namespace cairn::jq::native
