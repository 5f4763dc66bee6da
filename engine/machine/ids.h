#pragma once
// Identities of the engine as types, never bare integers.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Place of an event in its run, from 1. 0: no event. Also names what an event created: the frame of a task, a timer,
/// an effect are known by the number of the event that started them.
enum class EventSeq : std::uint64_t {};
constexpr std::uint64_t number_of(EventSeq seq) { return static_cast<std::uint64_t>(seq); }
constexpr EventSeq next_of(EventSeq seq) { return EventSeq{number_of(seq) + 1}; }
inline constexpr EventSeq k_no_event{0};

/// Place of a record in its partition's log, from 1.
enum class Lsn : std::uint64_t {};
constexpr std::uint64_t number_of(Lsn lsn) { return static_cast<std::uint64_t>(lsn); }

/// A share of the runs with one owner. Fixed per data directory.
enum class PartitionId : std::uint16_t {};

/// UUIDv7 (RFC 9562) whose 12 bits of rand_a are the partition the run lives on.
struct RunId {
  std::array<std::uint8_t, 16> bytes{};

  /// Builds an id from its parts; `random` fills rand_b (62 bits are used).
  static RunId make(std::int64_t unix_ms, PartitionId partition, std::uint64_t random);
  [[nodiscard]] PartitionId partition() const;
  /// "019a9f3c-6a1e-7003-9c5d-0a1b2c3d4e5f"
  [[nodiscard]] std::string to_string() const;
  static std::optional<RunId> parse(std::string_view text);
  [[nodiscard]] bool is_nil() const { return *this == RunId{}; }
  friend auto operator<=>(const RunId&, const RunId&) = default;
};

}  // namespace cairn
