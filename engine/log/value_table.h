#pragma once
// The values of one record while it is encoded: each distinct value once, by number.

#include "workflows/value/codec.h"
#include "workflows/value/value.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Reused from record to record by clear(). Borrows the values it is given until then.
class ValueTable {
 public:
  void clear() {
    bytes_.clear();
    ends_.clear();
    values_.clear();
    hashes_.clear();
  }

  /// The number of `value`: 0 for null, else 1 + its place in the table.
  std::uint32_t add(const Value& value) {
    if (value.is_null()) return 0;
    // Most repetitions are the same storage, used a moment ago: found without encoding.
    // Doubles go by their bytes, which tell 0.0 from -0.0.
    const std::size_t recent = value.kind() == Value::Kind::Double ? 0 : std::min(values_.size(), k_recent);
    for (std::size_t back = 1; back <= recent; ++back) {
      const std::size_t entry = values_.size() - back;
      if (value.same_as(*values_[entry])) return static_cast<std::uint32_t>(entry + 1);
    }
    const std::size_t begin = bytes_.size();
    encode_value(value, bytes_);
    const auto fresh = std::string_view(bytes_).substr(begin);
    const std::size_t hash = std::hash<std::string_view>{}(fresh);
    for (auto at = std::find(hashes_.begin(), hashes_.end(), hash); at != hashes_.end();
         at = std::find(at + 1, hashes_.end(), hash)) {
      const auto entry = static_cast<std::size_t>(at - hashes_.begin());
      if (entry_bytes(entry) != fresh) continue;
      bytes_.resize(begin);
      return static_cast<std::uint32_t>(entry + 1);
    }
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    values_.push_back(&value);
    hashes_.push_back(hash);
    return static_cast<std::uint32_t>(ends_.size());
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<std::uint32_t>& ends() const { return ends_; }

 private:
  static constexpr std::size_t k_recent = 16;

  [[nodiscard]] std::string_view entry_bytes(std::size_t entry) const {
    const std::size_t begin = entry == 0 ? 0 : ends_[entry - 1];
    return std::string_view(bytes_).substr(begin, ends_[entry] - begin);
  }

  std::string bytes_;
  std::vector<std::uint32_t> ends_;
  std::vector<const Value*> values_;
  std::vector<std::size_t> hashes_;
};

}  // namespace cairn
