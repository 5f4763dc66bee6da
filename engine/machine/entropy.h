#pragma once
// A deterministic stream of bits from the seed a stimulus brings (splitmix64, Steele, Lea & Flood 2014).

#include <cstdint>
#include <string>

namespace cairn {

class Entropy {
 public:
  explicit Entropy(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return span == 0 ? static_cast<std::int64_t>(next()) : low + static_cast<std::int64_t>(next() % span);
  }

  /// A UUIDv4 (RFC 9562) as text.
  std::string uuid();

 private:
  std::uint64_t state_;
};

}  // namespace cairn
