#pragma once
// JSON writes characters beyond U+FFFF as two escapes (\ud83d\ude00); YAML has one for them (\U0001F600).

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// A text for the YAML parser, and the way back from its offsets.
struct YamlText {
  std::string text;
  /// (offset in `text`, how many bytes the original is ahead from there on), in order.
  std::vector<std::pair<std::size_t, std::size_t>> shifts;

  [[nodiscard]] std::size_t original_offset(std::size_t offset) const;
};

/// `text` with the escaped surrogate pairs of its double-quoted strings joined, when it is a flow collection as JSON
/// is; any other text as it is.
YamlText join_surrogate_escapes(std::string_view text);

/// The value of the four hexadecimal digits at the front of `text`, or -1.
int hex4(std::string_view text);

}  // namespace cairn
