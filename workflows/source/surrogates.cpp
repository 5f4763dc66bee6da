#include "workflows/source/surrogates.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cairn {

int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  return error == std::errc() && end == text.data() + 4 ? value : -1;
}

std::size_t YamlText::original_offset(std::size_t offset) const {
  const auto after = std::upper_bound(shifts.begin(), shifts.end(), offset,
                                      [](std::size_t at, const auto& shift) { return at < shift.first; });
  return after == shifts.begin() ? offset : offset + std::prev(after)->second;
}

YamlText join_surrogate_escapes(std::string_view text) {
  YamlText result;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool flow = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  if (!flow || (text.find("\\ud") == std::string_view::npos && text.find("\\uD") == std::string_view::npos)) {
    result.text = text;
    return result;
  }
  bool quoted = false;
  std::size_t ahead = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (!quoted || c != '\\' || at + 1 >= text.size()) {
      result.text += c;
      continue;
    }
    const int high = text[at + 1] == 'u' ? hex4(text.substr(at + 2)) : -1;
    const int low = text.substr(std::min(at + 6, text.size()), 2) == "\\u" ? hex4(text.substr(at + 8)) : -1;
    if (high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
      const int joined = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
      result.text += fmt::format("\\U{:08X}", joined);
      at += 11;
      ahead += 2;
      result.shifts.emplace_back(result.text.size(), ahead);
    } else {
      result.text += c;
      result.text += text[++at];
    }
  }
  return result;
}

}  // namespace cairn
