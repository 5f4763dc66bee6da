#pragma once
// strftime and strptime with the C locale's names, in UTC: what the machine's locale and time zone are is never asked.

#include "workflows/jq/natives/calendar.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::jq::native {

inline constexpr std::string_view k_month_names[] = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
inline constexpr std::string_view k_day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

/// `moment` by `format`, as the C library's strftime with the GNU flags (- _ 0 ^ #) and widths; a conversion that is
/// not known stays as it is. Nothing when the text would be longer than `longest`.
std::optional<std::string> format_moment(const Moment& moment, std::string_view format, std::size_t longest);

/// What strptime found. Parts that the format does not mention are 0, but weekday 8 and yearday 367.
struct ParsedMoment {
  Moment moment;
  std::string_view rest;  ///< of the text, behind what matched
};
/// Nothing when the text does not match.
std::optional<ParsedMoment> parse_moment(std::string_view text, std::string_view format);

}  // namespace cairn::jq::native
