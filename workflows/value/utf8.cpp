#include "workflows/value/utf8.h"

#include <cstdint>
#include <cstring>

namespace cairn {
namespace {

/// What the bytes at the front of a text are: one character, or a piece that starts none.
struct Piece {
  std::size_t size;
  bool valid;
};

struct Lead {
  std::size_t continuations;  // 0: this byte starts no character of several bytes
  std::uint8_t second_min;    // the second byte's range excludes overlong forms, surrogates and what is above U+10FFFF
  std::uint8_t second_max;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
  if (byte == 0xe0) return {2, 0xa0, 0xbf};
  if (byte == 0xed) return {2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {2, 0x80, 0xbf};
  if (byte == 0xf0) return {3, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {3, 0x80, 0xbf};
  if (byte == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

Piece first_piece(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (at(0) < 0x80) return {1, true};
  const Lead lead = lead_of(at(0));
  if (lead.continuations == 0) return {1, false};
  if (text.size() < 2 || at(1) < lead.second_min || at(1) > lead.second_max) return {1, false};
  std::size_t size = 2;
  while (size <= lead.continuations) {
    if (size == text.size() || at(size) < 0x80 || at(size) > 0xbf) return {size, false};
    ++size;
  }
  return {size, true};
}

/// Length of the longest prefix that is valid.
std::size_t valid_prefix(std::string_view text) {
  constexpr std::uint64_t top_bits = 0x8080808080808080u;
  std::size_t at = 0;
  while (at < text.size()) {
    if (std::uint64_t eight = 0; text.size() - at >= sizeof eight) {  // ASCII, eight bytes at a time
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & top_bits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const Piece piece = first_piece(text.substr(at));
    if (!piece.valid) return at;
    at += piece.size;
  }
  return at;
}

}  // namespace

bool is_valid_utf8(std::string_view text) { return valid_prefix(text) == text.size(); }

std::string utf8_lossy(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t valid = valid_prefix(text);
    out.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    out += "\xef\xbf\xbd";
    text.remove_prefix(first_piece(text).size);
  }
  return out;
}

std::size_t utf8_boundary(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) --at;
  return at;
}

}  // namespace cairn
