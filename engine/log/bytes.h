#pragma once
// Fixed-width numbers in keys and rows: big-endian, so that the order of bytes is the order of numbers. RocksDB's own files
// are little-endian with varints.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

template <class Integer>
void put_big_endian(std::string& out, Integer value) {
  for (int shift = 8 * (static_cast<int>(sizeof(Integer)) - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}

/// Takes fields off the front of bytes. Once something does not fit, ok() is false and everything read is zero or empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <class Integer>
  Integer big_endian() {
    Integer value = 0;
    for (const char c : take(sizeof(Integer)))
      value = static_cast<Integer>((value << 8) | static_cast<unsigned char>(c));
    return value;
  }
  template <class Integer>
  Integer little_endian() {
    Integer value = 0;
    int shift = 0;
    for (const char c : take(sizeof(Integer))) {
      value = static_cast<Integer>(value | (static_cast<Integer>(static_cast<unsigned char>(c)) << shift));
      shift += 8;
    }
    return value;
  }
  /// Seven bits a byte, lowest first.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = take(1);
      if (byte.empty()) return 0;
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte[0]) & 0x7F) << shift;
      if ((static_cast<unsigned char>(byte[0]) & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  /// A varint, then as many bytes.
  std::string_view prefixed() { return take(varint()); }
  std::string_view take(std::uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace cairn
