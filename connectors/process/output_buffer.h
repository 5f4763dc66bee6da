#pragma once
// What is kept of a stream of a child process, and how it is shown while it comes.

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

/// Bytes of a stream: all of them, or only the last ones (for messages).
class OutputBuffer {
 public:
  enum class Keep { all, tail };
  static constexpr std::size_t k_tail_bytes = 4096;

  explicit OutputBuffer(Keep keep) : keep_(keep) {}

  /// Takes a piece; returns the valid text to show live. A character split between pieces is shown with the later one.
  std::string append(std::string_view piece);
  [[nodiscard]] Keep keep() const { return keep_; }
  /// Bytes held.
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// What was kept as valid text: bytes that are not UTF-8 become U+FFFD.
  [[nodiscard]] std::string text() const;
  /// The last k_tail_bytes of it.
  [[nodiscard]] std::string tail() const;

 private:
  Keep keep_;
  std::string bytes_;
  std::string unfinished_;  // the beginning of a character at the end of the last piece
};

/// How many bytes at the end of `text` begin a UTF-8 character without ending it: 0 … 3.
std::size_t unfinished_utf8(std::string_view text);

}  // namespace cairn
