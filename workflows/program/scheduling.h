#pragma once
// When the effects of a program may go, as its definition says under `metadata.cairn`: priority, limits, singleton.
// What it means is docs/scheduling.md; engine/runtime/admission.h does it.

#include "workflows/program/template.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace cairn {

/// 0 … 9; 9 goes first.
inline constexpr std::int64_t k_priority_most = 9;
inline constexpr std::uint8_t k_priority_usual = 5;

/// Bounds of what limits may say. A burst times a period in milliseconds stays within 63 bits.
inline constexpr std::int64_t k_concurrency_most = 1'000'000;
inline constexpr std::int64_t k_rate_most = 1'000'000;
/// Bytes of an evaluated key: it is recorded, and held in memory as long as something goes by it.
inline constexpr std::size_t k_limit_key_bytes = 1'024;

/// A token bucket: it holds `burst` tokens at most, and `limit` more of them come in each period, evenly.
struct RateLimit {
  std::int64_t limit = 1;         ///< 1 … k_rate_most
  std::int64_t period_ms = 1000;  ///< above 0
  std::int64_t burst = 1;         ///< 1 … k_rate_most
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct ConcurrencySpec {
  std::int64_t limit = 1;  ///< 1 … k_concurrency_most
  std::optional<TemplateId> key;
};

struct RateSpec {
  RateLimit rate;
  std::optional<TemplateId> key;
};

/// Of a document or a task.
struct Scheduling {
  std::optional<std::uint8_t> priority;
  std::optional<ConcurrencySpec> concurrency;
  std::optional<RateSpec> rate;
};

/// What a start means for another run of its workflow with the same key.
struct SingletonSpec {
  enum class Mode : std::uint8_t {
    refuse,    ///< while one is open, another start is refused
    existing,  ///< it is answered with the open run
    cancel,    ///< it cancels the open run
    debounce,  ///< each run waits for `period` before its first task; a start meanwhile cancels it
  };
  Mode mode = Mode::refuse;
  std::optional<TemplateId> key;
  std::int64_t period_ms = 0;  ///< of debounce
};

}  // namespace cairn
