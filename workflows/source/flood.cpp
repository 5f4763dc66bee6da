#include "workflows/source/flood.h"

#include <algorithm>
#include <vector>

namespace cairn {

namespace {

constexpr std::size_t k_depth_slack = 1'000;  // what is only a little too deep the tree builder says better

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class FloodScan {
 public:
  FloodScan(std::string_view text, std::size_t depth, std::size_t nodes) : text_(text), depth_(depth), nodes_(nodes) {}

  FlowScan run() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        line_begin_ = at_ + 1;
      } else if (c == '#' && (at_ == 0 || is_blank(text_[at_ - 1]))) {
        at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      } else if ((c == '"' || c == '\'') && value_may_begin()) {
        skip_quoted(c);
      } else if ((c == '|' || c == '>') && open_.empty() && value_may_begin()) {
        skip_block();
      } else if (auto flood = look(c)) {
        return {flood, std::nullopt};
      }
    }
    if (!unclosed_ && !open_.empty()) unclosed_ = open_.back();
    return {std::nullopt, unclosed_};
  }

 private:
  std::optional<Flood> look(char c) {
    if (c == '[' || c == '{') {
      if (open_.empty() && !value_may_begin()) return std::nullopt;  // inside plain text
      if (open_.empty()) count_ = 0;
      open_.push_back(at_);
      if (open_.size() > depth_ + k_depth_slack) return Flood{Flood::Kind::depth, open_[depth_]};
    } else if ((c == ']' || c == '}') && !open_.empty()) {
      const bool matches = (c == ']') == (text_[open_.back()] == '[');
      if (!matches && !unclosed_) unclosed_ = open_.back();
      open_.pop_back();
    } else if (!open_.empty() && (c == ',' || ((c == ':' || c == '?' || c == '-') && at_ + 1 < text_.size() &&
                                               is_blank(text_[at_ + 1])))) {
      // Each of these belongs to a value of its own.
      if (++count_ > nodes_) return Flood{Flood::Kind::count, at_};
    }
    return std::nullopt;
  }

  /// After nothing, an indicator, or (outside flow collections) the blanks behind one.
  [[nodiscard]] bool value_may_begin() const {
    std::size_t before = at_;
    while (before > 0 && is_blank(text_[before - 1])) --before;
    if (before == 0 || text_.substr(before, at_ - before).find('\n') != std::string_view::npos) return true;
    const char c = text_[before - 1];
    if (open_.empty()) return before < at_ && (c == ':' || c == '-' || c == '?');
    return c == ':' || c == ',' || c == '[' || c == '{' || c == '-' || c == '?';
  }

  void skip_quoted(char quote) {
    const std::size_t begin = at_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (quote == '"' || at_ + 1 >= text_.size() || text_[at_ + 1] != quote) return;
        ++at_;
      }
    }
    if (!unclosed_) unclosed_ = begin;
  }

  /// Past the lines that are indented deeper than the one the block begins on.
  void skip_block() {
    const std::size_t indentation = indentation_at(line_begin_);
    std::size_t line = std::min(text_.find('\n', at_), text_.size());
    while (line + 1 < text_.size()) {
      const std::size_t begin = line + 1;
      const std::size_t first = begin + indentation_at(begin);
      const bool empty = first >= text_.size() || text_[first] == '\n' || text_[first] == '\r';
      if (!empty && first - begin <= indentation) break;
      line = std::min(text_.find('\n', first), text_.size());
    }
    at_ = line;
    line_begin_ = line + 1;
  }

  [[nodiscard]] std::size_t indentation_at(std::size_t begin) const {
    const std::size_t first = std::min(text_.find_first_not_of(' ', begin), text_.size());
    return first - begin;
  }

  std::string_view text_;
  std::size_t depth_;
  std::size_t nodes_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::vector<std::size_t> open_;  // offsets of the brackets
  std::size_t count_ = 0;
  std::optional<std::size_t> unclosed_;
};

}  // namespace

FlowScan scan_flow(std::string_view text, std::size_t depth, std::size_t nodes) {
  return FloodScan(text, depth, nodes).run();
}

}  // namespace cairn
