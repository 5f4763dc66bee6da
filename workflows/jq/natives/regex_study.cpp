#include "workflows/jq/natives/regex_study.h"

#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace cairn::jq::native {
namespace {

constexpr std::string_view k_checkpoint = "(?{t})";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Behind the character class at the front of `text`; classes may hold classes.
std::size_t class_size(std::string_view text) {
  unsigned open = 0;
  std::size_t at = 0;
  do {
    const char c = text[at++];
    if (c == '\\') {
      ++at;
    } else if (c == ']') {
      --open;
    } else if (c == '[') {
      ++open;
      // A bracket that would close a class at once is a member of it.
      if (at < text.size() && text[at] == '^') ++at;
      if (at < text.size() && text[at] == ']') ++at;
    }
  } while (open > 0 && at < text.size());
  return std::min(at, text.size());
}

/// Size of {n}, {n,}, {,m} or {n,m} at the front of `text`; 0 when it is none and the brace stands for itself.
std::size_t interval_size(std::string_view text) {
  std::size_t at = 1;
  std::size_t digits = 0;
  bool comma = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == ',' && !comma)); ++at) {
    comma |= text[at] == ',';
    digits += is_digit(text[at]) ? 1 : 0;
  }
  return at < text.size() && text[at] == '}' && digits > 0 ? at + 1 : 0;
}

class Student {
 public:
  Student(std::string_view pattern, bool extended) : rest_(pattern), extended_(extended) {}

  StudiedPattern study() {
    while (!rest_.empty() && result_.understood) step();
    result_.understood = result_.understood && open_.empty();
    result_.with_checkpoints = std::move(out_);
    return std::move(result_);
  }

 private:
  struct Open {
    std::size_t begin;  // in out_
    bool looks_around;
    bool looks_behind;
  };

  void step() {
    switch (rest_.front()) {
      case '\\': return escape();
      case '[': return atom(class_size(rest_));
      case '(': return begin_group();
      case ')': return end_group();
      case '*':
      case '+': return repetition(1);
      case '?': return copy(1);
      case '{':
        if (const std::size_t size = interval_size(rest_); size > 0) return repetition(size);
        return atom(1);
      case '|':
        after_repetition_ = false;
        atom_.reset();
        return copy(1);
      default: break;
    }
    if (extended_ && rest_.front() == '#') return copy(std::min(rest_.find('\n'), rest_.size()));
    if (extended_ && std::string_view(" \t\n\r\f\v").find(rest_.front()) != std::string_view::npos) return copy(1);
    atom(character_size(rest_.front()));
  }

  void copy(std::size_t size) {
    size = std::min(size, rest_.size());
    out_ += rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  void atom(std::size_t size) {
    after_repetition_ = false;
    atom_ = out_.size();
    copy(size);
  }

  void give_up() { result_.understood = false; }

  void escape() {
    if (rest_.size() < 2) return give_up();
    const char letter = rest_[1];
    std::size_t size = 1 + character_size(letter);
    if (letter == 'x' || letter == 'p' || letter == 'P') {
      if (rest_.size() > 2 && rest_[2] == '{') {
        size = enclosed(2, '}');
      } else {
        const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
        while (letter == 'x' && size < 4 && size < rest_.size() && is_hex(rest_[size])) ++size;
      }
    } else if (letter == 'k' || letter == 'g') {
      result_.back_references = true;
      if (rest_.size() > 2 && (rest_[2] == '<' || rest_[2] == '\'')) size = enclosed(3, rest_[2] == '<' ? '>' : '\'');
    } else if (is_digit(letter)) {
      result_.back_references = true;
      if (size < rest_.size() && is_digit(rest_[size])) return give_up();  // one number, or a number and a digit
    } else if (std::string_view("QEcCMXo").find(letter) != std::string_view::npos) {
      return give_up();
    }
    if (result_.understood) atom(size);
  }

  /// The size up to and with `closing`, which is looked for from `from`.
  std::size_t enclosed(std::size_t from, char closing) {
    const std::size_t end = rest_.find(closing, from);
    if (end == std::string_view::npos) give_up();
    return end == std::string_view::npos ? rest_.size() : end + 1;
  }

  void begin_group() {
    after_repetition_ = false;
    const std::string_view head = rest_.substr(1);
    if (head.starts_with("?#")) return copy(enclosed(0, ')'));
    if (head.starts_with("?{") || head.starts_with("?(") || head.starts_with("?~") || head.starts_with("*"))
      return give_up();
    if (head.starts_with("?") && head.size() > 1 && (head[1] == '-' || (head[1] >= 'a' && head[1] <= 'z'))) {
      const std::size_t end = std::min(head.find_first_of(":)"), head.size());
      const std::string_view flags = head.substr(1, end - 1);
      if (end == head.size() || flags.find('x') != std::string_view::npos) return give_up();
      if (head[end] == ')') {
        // The flags hold for what follows, up to the end of the group around it.
        atom_.reset();
        return copy(end + 2);
      }
    }
    const bool behind = head.starts_with("?<=") || head.starts_with("?<!");
    const bool around = behind || head.starts_with("?=") || head.starts_with("?!");
    open_.push_back({out_.size(), around, behind});
    const auto depth = std::count_if(open_.begin(), open_.end(), [](const Open& o) { return o.looks_around; });
    result_.lookarounds = std::max(result_.lookarounds, static_cast<unsigned>(depth));
    atom_.reset();
    // The head goes with the parenthesis, so that its marks are not taken for a repetition.
    std::size_t size = 1;
    if (behind) {
      size = 4;
    } else if (head.starts_with("?<") || head.starts_with("?'") || head.starts_with("?P<")) {
      size = enclosed(head.starts_with("?P<") ? 4 : 3, head.starts_with("?'") ? '\'' : '>');
    } else if (head.starts_with("?")) {
      size = std::min(rest_.find_first_of(":=!>|", 2), rest_.size()) + 1;
    }
    copy(size);
  }

  void end_group() {
    if (open_.empty()) return give_up();
    after_repetition_ = false;
    atom_ = open_.back().begin;
    open_.pop_back();
    copy(1);
  }

  void repetition(std::size_t size) {
    if (!atom_) return give_up();
    result_.loops = true;
    // Behind another repetition this is its mark (`*+`) or a repetition of it: the body has its checkpoint already.
    // What looks behind has a fixed length.
    const bool looks_behind = std::any_of(open_.begin(), open_.end(), [](const Open& o) { return o.looks_behind; });
    if (!after_repetition_ && !looks_behind) {
      out_.insert(*atom_, "(?:");
      out_ += k_checkpoint;
      out_ += ')';
    }
    after_repetition_ = true;
    copy(size);
  }

  std::string_view rest_;
  const bool extended_;
  std::string out_;
  std::vector<Open> open_;
  std::optional<std::size_t> atom_;  // where in out_ begins what a repetition would repeat
  bool after_repetition_ = false;
  StudiedPattern result_;
};

}  // namespace

StudiedPattern study(std::string_view pattern, bool extended) { return Student(pattern, extended).study(); }

}  // namespace cairn::jq::native
