#pragma once
// Byte offsets of a text → lines and columns, fast on any text: a minified file of one line must not cost a walk of
// that line for every node in it.

#include "workflows/source/position.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn {

class LineMap {
 public:
  /// Keeps a view of `text`, which must be valid UTF-8 and outlive the map.
  explicit LineMap(std::string_view text);

  /// The place of byte `offset`; offsets beyond the end give the place after the last character.
  [[nodiscard]] SourcePosition position(std::size_t offset) const;

 private:
  [[nodiscard]] std::size_t code_points_before(std::size_t offset) const;

  std::string_view text_;
  std::vector<std::uint32_t> line_starts_;
  std::vector<std::uint32_t> points_before_block_;  // code points before each block of k_block bytes
};

}  // namespace cairn
