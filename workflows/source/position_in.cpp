// SourceDocument::position_in: the value of a scalar and its text are walked side by side.

#include "workflows/source/source.h"
#include "workflows/source/surrogates.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace cairn {

namespace {

/// Walks a scalar's text. `at(offset)` is the byte of the text that gave byte `offset` of the value.
class ScalarWalk {
 public:
  ScalarWalk(std::string_view text, const SourceNode& scalar)
      : text_(text), value_(scalar.value.as_string()), style_(scalar.style), at_(scalar.begin) {}

  std::optional<std::size_t> at(std::size_t offset) {
    if (offset > value_.size()) return std::nullopt;
    begin();
    while (done_ < offset) {
      if (!step()) return std::nullopt;
    }
    settle();
    return at_;
  }

 private:
  using Style = SourceNode::Style;

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool at_break() const { return peek() == '\n' || (peek() == '\r' && peek(1) == '\n'); }
  void skip_break() { at_ += peek() == '\r' ? 2 : 1; }

  void begin() {
    if (style_ == Style::single_quoted || style_ == Style::double_quoted) ++at_;
    if (style_ == Style::literal || style_ == Style::folded) begin_block();
  }

  /// Past the indicator's line, to the first character of the first line.
  void begin_block() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ < text_.size()) ++at_;
    // What the first line that is not blank has before it in the text, and still has in the value. (An indicator may
    // say how much is indentation, relative to a parent that is not known here.)
    const auto blanks = [](std::string_view text) -> std::optional<std::size_t> {
      while (!text.empty()) {
        const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
        if (first < text.size() && text[first] != '\n' && text[first] != '\r') return first;
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
      }
      return std::nullopt;
    };
    const auto written = blanks(text_.substr(at_));
    const auto kept = blanks(value_);
    if (written && kept && *kept <= *written) indentation_ = *written - *kept;
    skip_indentation();
  }

  void skip_indentation() {
    for (std::size_t i = 0; i < indentation_ && peek() == ' '; ++i) ++at_;
  }

  /// Takes what stands for one byte of the value (an escape may stand for several).
  bool step() {
    if (at_ >= text_.size()) return false;
    switch (style_) {
      case Style::literal: return step_literal();
      case Style::folded: return step_folded();
      case Style::double_quoted:
        if (peek() == '\\') return step_escape();
        return step_flow();
      case Style::single_quoted:
        if (peek() == '\'' && peek(1) == '\'') {
          at_ += 2;
          ++done_;
          return true;
        }
        return step_flow();
      default: return step_flow();
    }
  }

  bool step_literal() {
    if (at_break()) {
      if (value_[done_] != '\n') return false;
      skip_break();
      skip_indentation();
      ++done_;
      return true;
    }
    return take();
  }

  bool take() {
    if (peek() != value_[done_]) return false;
    ++at_;
    ++done_;
    return true;
  }

  /// A break between lines is a space, or is left out before empty lines, or stays beside lines that are indented more.
  bool step_folded() {
    if (!at_break()) return take();
    while (at_break()) {
      skip_break();
      skip_indentation();
    }
    if (value_[done_] == ' ') {
      ++done_;
      return true;
    }
    if (value_[done_] != '\n') return false;
    while (done_ < value_.size() && value_[done_] == '\n') ++done_;
    return true;
  }

  /// Plain and quoted text: a line break, with the blanks around it, is a space; empty lines are breaks.
  bool step_flow() {
    std::size_t blank = at_;
    while (blank < text_.size() && (text_[blank] == ' ' || text_[blank] == '\t')) ++blank;
    const bool breaks =
        blank < text_.size() &&
        (text_[blank] == '\n' || (text_[blank] == '\r' && blank + 1 < text_.size() && text_[blank + 1] == '\n'));
    if (!breaks) return take();
    at_ = blank;
    std::size_t lines = 0;
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || at_break())) {
      if (at_break()) ++lines;
      at_ += peek() == '\r' ? 2 : 1;
    }
    if (lines == 1) {
      if (value_[done_] != ' ' && value_[done_] != '\n') return false;
      ++done_;
      return true;
    }
    for (std::size_t i = 1; i < lines; ++i) {
      if (done_ >= value_.size() || value_[done_] != '\n') return false;
      ++done_;
    }
    return true;
  }

  bool step_escape() {
    const char kind = peek(1);
    std::size_t digits = 0;
    if (kind == 'x') digits = 2;
    if (kind == 'u') digits = 4;
    if (kind == 'U') digits = 8;
    const int high = kind == 'u' ? hex4(text_.substr(std::min(at_ + 2, text_.size()))) : -1;
    if (high >= 0xD800 && high < 0xDC00) digits = 10;  // \ud83d\ude00: one character
    if (kind == '\n' || kind == '\r') return step_continuation();
    at_ += 2 + digits;
    // The escape gave one character: all of its bytes in the value.
    ++done_;
    while (done_ < value_.size() && (static_cast<unsigned char>(value_[done_]) & 0xC0u) == 0x80u) ++done_;
    return true;
  }

  /// An escaped line break is nothing, and so are the blanks after it; empty lines are breaks.
  bool step_continuation() {
    ++at_;
    for (bool first = true;; first = false) {
      if (!first) {
        if (done_ >= value_.size() || value_[done_] != '\n') return false;
        ++done_;
      }
      skip_break();
      skip_blanks();
      if (!at_break()) return true;
    }
  }

  /// At a character of the value, not on what is nothing before it.
  void settle() {
    if (style_ == Style::plain && done_ == 0) at_ = std::min(text_.find_first_not_of(' ', at_), text_.size());
    if (style_ != Style::double_quoted) return;
    while (peek() == '\\' && (peek(1) == '\n' || peek(1) == '\r')) {
      ++at_;
      skip_break();
      skip_blanks();
    }
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }

  std::string_view text_;
  std::string_view value_;
  Style style_;
  std::size_t at_;
  std::size_t done_ = 0;
  std::size_t indentation_ = 0;
};

}  // namespace

SourcePosition SourceDocument::position_in(const SourceNode& scalar, std::size_t offset) const {
  if (!scalar.value.is_string() || scalar.style == SourceNode::Style::none) return scalar.position;
  const auto found = ScalarWalk(text_, scalar).at(offset);
  return found ? position(*found) : scalar.position;
}

}  // namespace cairn
