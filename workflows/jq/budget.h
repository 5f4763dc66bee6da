#pragma once
// Budget: what one evaluation may use up. Every loop of the engine and of a builtin pays here, so nothing runs
// unbounded.

#include <cstdint>

namespace cairn::jq {

struct Limits {
  std::uint64_t fuel = 20'000'000;       ///< steps: an instruction, an element visited, 64 bytes of text produced
  std::uint64_t bytes = 256ULL << 20;    ///< allocated over the whole evaluation, freed or not counts once
  std::uint64_t outputs = 1'000'000;     ///< values a program may give
  std::uint32_t text_bytes = 64U << 20;  ///< one string
  std::uint32_t depth = 500;             ///< nesting of a value; below limits::k_value_depth
  std::uint32_t frames = 100'000;        ///< calls inside one another and backtrack points
};

/// Which limit stopped an evaluation.
enum class Exhausted : std::uint8_t { none, fuel, bytes, outputs, text, depth, frames };

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits), fuel_(limits.fuel), bytes_(limits.bytes) {}

  /// False when the fuel is used up; the caller gives up at once with out_of(Exhausted::fuel).
  [[nodiscard]] bool spend(std::uint64_t steps) {
    if (steps > fuel_) {
      fuel_ = 0;
      exhausted_ = Exhausted::fuel;
      return false;
    }
    fuel_ -= steps;
    return true;
  }
  /// To be asked before `count` bytes are allocated. A text longer than limits().text_bytes is refused as
  /// Exhausted::text by text().
  [[nodiscard]] bool allocate(std::uint64_t count) {
    if (count > bytes_) {
      bytes_ = 0;
      exhausted_ = Exhausted::bytes;
      return false;
    }
    bytes_ -= count;
    return true;
  }
  /// For a string of `size` bytes: its limit, its bytes and the fuel to write it.
  [[nodiscard]] bool text(std::uint64_t size) {
    if (size > limits_.text_bytes) {
      exhausted_ = Exhausted::text;
      return false;
    }
    return spend(1 + size / 64) && allocate(k_header + size);
  }
  /// For an array of `count` elements.
  [[nodiscard]] bool elements(std::uint64_t count) { return spend(1 + count) && allocate(k_header + 16 * count); }
  /// For an object of `count` members, whose names are `name_bytes` bytes of new text.
  [[nodiscard]] bool members(std::uint64_t count, std::uint64_t name_bytes = 0) {
    return spend(1 + count + name_bytes / 64) && allocate(k_header + 48 * count + name_bytes);
  }

  void exhaust(Exhausted what) { exhausted_ = what; }
  [[nodiscard]] Exhausted exhausted() const { return exhausted_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] std::uint64_t fuel_left() const { return fuel_; }

 private:
  static constexpr std::uint64_t k_header = 64;  ///< what a string, array or object takes beside what it holds

  const Limits& limits_;
  std::uint64_t fuel_;
  std::uint64_t bytes_;
  Exhausted exhausted_ = Exhausted::none;
};

}  // namespace cairn::jq
