#pragma once
// Values and times in a few words, for lines that people read.

#include "workflows/core/time.h"
#include "workflows/program/problem.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::size_t k_brief_length = 80;  ///< characters of a value in a gist

/// `text` on one line (control characters become blanks), cut to `length` characters and marked with "…" when it is
/// longer.
std::string brief_text(std::string_view text, std::size_t length = k_brief_length);
/// Compact JSON, cut the same way. Cost: what is shown, not what the value holds.
std::string brief_json(const Value& value, std::size_t length = k_brief_length);
/// "communication 503 Service Unavailable: the host …"
std::string brief_problem(const Problem& problem);
/// "350 ms", "3 s", "1.25 s", "2 min 5 s", "3 h 10 min", "4 d 2 h".
std::string brief_duration(std::int64_t ms);
/// "12:00:03.250", with the date in front when it is another day than `now`. UTC.
std::string brief_time(Timestamp time, Timestamp now);

}  // namespace cairn
