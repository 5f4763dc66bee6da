#include "connectors/process/output_buffer.h"

#include "workflows/value/utf8.h"

#include <algorithm>

namespace cairn {

std::string OutputBuffer::append(std::string_view piece) {
  bytes_.append(piece);
  // Cut only now and then: moving the tail for every small piece would be slow.
  if (keep_ == Keep::tail && bytes_.size() > 16 * k_tail_bytes) bytes_.erase(0, bytes_.size() - k_tail_bytes);
  std::string fresh = std::move(unfinished_) + std::string(piece);
  const auto open = unfinished_utf8(fresh);
  unfinished_ = fresh.substr(fresh.size() - open);
  fresh.resize(fresh.size() - open);
  return utf8_lossy(fresh);
}

std::string OutputBuffer::text() const { return utf8_lossy(bytes_); }

std::string OutputBuffer::tail() const {
  std::string_view last = bytes_;
  if (last.size() > k_tail_bytes) last.remove_prefix(last.size() - k_tail_bytes);
  // Do not begin inside a character.
  while (!last.empty() && (static_cast<unsigned char>(last.front()) & 0xC0U) == 0x80U) last.remove_prefix(1);
  return utf8_lossy(last);
}

std::size_t unfinished_utf8(std::string_view text) {
  const std::size_t furthest = std::min<std::size_t>(3, text.size());
  for (std::size_t back = 1; back <= furthest; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // inside a character: look further back for its beginning
    std::size_t length = 1;
    if ((byte & 0xE0U) == 0xC0U) length = 2;
    if ((byte & 0xF0U) == 0xE0U) length = 3;
    if ((byte & 0xF8U) == 0xF0U) length = 4;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace cairn
