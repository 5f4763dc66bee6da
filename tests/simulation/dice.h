#pragma once
// Chance under a seed: every choice of a simulation comes from a Dice, so that a seed is a whole history.

#include "engine/runtime/environment.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace cairn::simulation {

/// splitmix64. Also the engine's Random.
class Dice final : public Random {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  /// Both ends are possible.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// True `parts` times of a thousand.
  bool per_mille(std::size_t parts) { return below(1'000) < parts; }
  template <class List>
  const auto& of(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }
  /// Dice of their own for another subject: what one subject throws does not change what the other gets.
  [[nodiscard]] Dice apart(std::uint64_t subject) const {
    Dice mixed(state_ ^ (subject * 0xd1342543de82ef95U));
    return Dice(mixed.next());
  }

 private:
  std::uint64_t state_;
};

}  // namespace cairn::simulation
