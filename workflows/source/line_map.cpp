#include "workflows/source/line_map.h"

#include <algorithm>

namespace cairn {

namespace {

constexpr std::size_t k_block = 256;

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u ? 1u : 0u;
  return count;
}

}  // namespace

LineMap::LineMap(std::string_view text) : text_(text), line_starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
  std::size_t points = 0;
  for (std::size_t block = 0; block <= text.size(); block += k_block) {
    points_before_block_.push_back(static_cast<std::uint32_t>(points));
    points += count_code_points(text.substr(block, k_block));
  }
}

std::size_t LineMap::code_points_before(std::size_t offset) const {
  const std::size_t block = offset / k_block;
  return points_before_block_[block] + count_code_points(text_.substr(block * k_block, offset % k_block));
}

SourcePosition LineMap::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::size_t line = static_cast<std::size_t>(after - line_starts_.begin());
  const std::size_t column = code_points_before(offset) - code_points_before(line_starts_[line - 1]);
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column + 1)};
}

}  // namespace cairn
