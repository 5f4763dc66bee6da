#pragma once
// Instants and durations, as numbers of milliseconds. Pure: nothing here reads a clock.

#include "workflows/core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored (POSIX time × 1000).
struct Timestamp {
  std::int64_t ms = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// "2026-11-20T23:29:51.123Z" (RFC 3339, UTC, always milliseconds).
std::string to_iso8601(Timestamp time);

/// An RFC 3339 date-time with `Z` or an offset and up to nine fraction digits (below a millisecond: cut off).
Result<Timestamp> parse_timestamp(std::string_view text);

/// An ISO 8601 duration as the DSL's schema allows it ("PT1H30M", "P1DT0.5S", "P2W"), in milliseconds. A year counts
/// 365 days and a month 30 (docs/dsl-decisions.md). Fails on other text and beyond limits::k_duration_ms.
Result<std::int64_t> parse_duration_ms(std::string_view text);

/// Shortest ISO 8601 form, e.g. 5'400'000 → "PT1H30M", 0 → "PT0S".
std::string to_iso8601_duration(std::int64_t ms);

}  // namespace cairn
