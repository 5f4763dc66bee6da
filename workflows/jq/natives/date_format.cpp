#include "workflows/jq/natives/date_text.h"

#include <algorithm>
#include <string>

namespace cairn::jq::native {
namespace {

constexpr std::size_t k_short_name = 3;

/// One conversion's `%`, flags and width.
struct Style {
  char pad = '\0';  // '-' none, '_' blanks, '0' zeros; '\0' the conversion's own
  bool upper = false;
  bool swap = false;
  std::size_t width = 0;
};

struct Week {
  std::int64_t year;
  std::int64_t number;
};

/// ISO 8601: weeks begin on Monday, and belong to the year that has their Thursday.
Week iso_week(const Moment& m) {
  const std::int64_t monday_based = (m.weekday + 6) % 7;
  const std::int64_t thursday = days_since_epoch(m.year, m.month, m.day) - monday_based + 3;
  const Moment middle = to_moment(thursday * 86'400);
  return {middle.year, middle.yearday / 7 + 1};
}

class Formatter {
 public:
  Formatter(const Moment& moment, std::size_t longest) : m_(moment), longest_(longest) {}

  bool format(std::string_view format) {
    while (!format.empty()) {
      const std::size_t percent = std::min(format.find('%'), format.size());
      out_ += format.substr(0, percent);
      format.remove_prefix(percent);
      if (!format.empty()) format.remove_prefix(convert(format));
      if (out_.size() > longest_) return false;
    }
    return true;
  }
  std::string take() { return std::move(out_); }

 private:
  /// The conversion at the front of `format`; how long it is.
  std::size_t convert(std::string_view format) {
    Style style;
    std::size_t at = 1;
    for (; at < format.size(); ++at) {
      const char flag = format[at];
      if (flag == '-' || flag == '_' || flag == '0') {
        style.pad = flag;
      } else if (flag == '^') {
        style.upper = true;
      } else if (flag == '#') {
        style.swap = true;
      } else {
        break;
      }
    }
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
      style.width = std::min(style.width * 10 + static_cast<std::size_t>(format[at] - '0'), longest_ + 1);
    }
    if (at < format.size() && (format[at] == 'E' || format[at] == 'O')) ++at;
    if (at == format.size() || !convert(format[at], style)) {
      at = std::min(at, format.size() - 1);
      out_ += format.substr(0, at + 1);
    }
    return at + 1;
  }

  bool convert(char conversion, const Style& style) {
    return date(conversion, style) || time(conversion, style) || other(conversion, style);
  }

  bool date(char conversion, const Style& style) {
    switch (conversion) {
      case 'a': return name(k_day_names[m_.weekday].substr(0, k_short_name), style);
      case 'A': return name(k_day_names[m_.weekday], style);
      case 'b':
      case 'h': return name(k_month_names[m_.month].substr(0, k_short_name), style);
      case 'B': return name(k_month_names[m_.month], style);
      case 'C': return number(floor_div(m_.year, 100), 1, '0', style);
      case 'd': return number(m_.day, 2, '0', style);
      case 'e': return number(m_.day, 2, '_', style);
      case 'g': return number(floor_mod(iso_week(m_).year, 100), 2, '0', style);
      case 'G': return number(iso_week(m_).year, 1, '0', style);
      case 'j': return number(m_.yearday + 1, 3, '0', style);
      case 'm': return number(m_.month + 1, 2, '0', style);
      case 'u': return number((m_.weekday + 6) % 7 + 1, 1, '0', style);
      case 'U': return number((m_.yearday + 7 - m_.weekday) / 7, 2, '0', style);
      case 'V': return number(iso_week(m_).number, 2, '0', style);
      case 'w': return number(m_.weekday, 1, '0', style);
      case 'W': return number((m_.yearday + 7 - (m_.weekday + 6) % 7) / 7, 2, '0', style);
      case 'y': return number(floor_mod(m_.year, 100), 2, '0', style);
      case 'Y': return number(m_.year, 1, '0', style);
      case 'D':
      case 'x': return composed("%m/%d/%y", style);
      case 'F': return composed("%Y-%m-%d", style);
      default: return false;
    }
  }

  bool time(char conversion, const Style& style) {
    const std::int64_t hour_of_12 = (m_.hour + 11) % 12 + 1;
    switch (conversion) {
      case 'H': return number(m_.hour, 2, '0', style);
      case 'I': return number(hour_of_12, 2, '0', style);
      case 'k': return number(m_.hour, 2, '_', style);
      case 'l': return number(hour_of_12, 2, '_', style);
      case 'M': return number(m_.minute, 2, '0', style);
      case 'p': return style.swap ? text(m_.hour < 12 ? "am" : "pm", style) : text(m_.hour < 12 ? "AM" : "PM", style);
      case 'P': return text(m_.hour < 12 ? "am" : "pm", style);
      case 's': return number(to_seconds(m_), 1, '0', style);
      case 'S': return number(m_.second, 2, '0', style);
      case 'z': return text("+0000", style);
      case 'Z': return text(style.swap ? "utc" : "UTC", style);
      case 'r': return composed("%I:%M:%S %p", style);
      case 'R': return composed("%H:%M", style);
      case 'T':
      case 'X': return composed("%H:%M:%S", style);
      default: return false;
    }
  }

  bool other(char conversion, const Style& style) {
    switch (conversion) {
      case 'c': return composed("%a %b %e %H:%M:%S %Y", style);
      case 'n': return text("\n", style);
      case 't': return text("\t", style);
      case '%': return text("%", style);
      default: return false;
    }
  }

  void pad(std::size_t size, std::size_t width, char with) {
    if (size < width) out_.append(width - size, with);
  }

  bool text(std::string text, const Style& style) {
    if (style.upper) {
      for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (style.pad != '-') pad(text.size(), style.width, style.pad == '0' ? '0' : ' ');
    out_ += text;
    return true;
  }

  bool name(std::string_view name, Style style) {
    style.upper = style.upper || style.swap;
    return text(std::string(name), style);
  }

  bool composed(std::string_view format, const Style& style) {
    Formatter inner(m_, longest_);
    return inner.format(format) && text(inner.take(), style);
  }

  bool number(std::int64_t value, std::size_t digits, char own_pad, const Style& style) {
    const bool negative = value < 0;
    const std::string shown = std::to_string(negative ? -value : value);
    const char with = style.pad == '\0' ? own_pad : style.pad;
    const std::size_t width = with == '-' ? 0 : std::max(digits, style.width);
    const std::size_t room = width - std::min<std::size_t>(width, negative ? 1 : 0);
    if (with == '_') pad(shown.size(), room, ' ');
    if (negative) out_ += '-';
    if (with == '0') pad(shown.size(), room, '0');
    out_ += shown;
    return true;
  }

  const Moment& m_;
  const std::size_t longest_;
  std::string out_;
};

}  // namespace

std::optional<std::string> format_moment(const Moment& moment, std::string_view format, std::size_t longest) {
  Formatter formatter(moment, longest);
  if (!formatter.format(format)) return std::nullopt;
  return formatter.take();
}

}  // namespace cairn::jq::native
