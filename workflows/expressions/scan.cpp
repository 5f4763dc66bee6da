#include "workflows/expressions/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::jq {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

// An open bracket, or the `\(` of an interpolated string.
struct Open {
  char closer;
  std::size_t offset;
  bool interpolation;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Scan run() {
    while (!result_.problem && at_ < text_.size()) step();
    if (!result_.problem && !open_.empty()) {
      const Open& open = open_.back();
      fail(fmt::format("{} is never closed",
                       open.interpolation ? "the '\\(' in this string" : quoted(text_[open.offset])),
           open.offset);
    }
    return std::move(result_);
  }

 private:
  static std::string quoted(char c) { return fmt::format("'{}'", c); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void fail(std::string message, std::size_t offset) {
    if (!result_.problem) result_.problem = ScanProblem{std::move(message), offset};
  }

  void step() {
    const char c = peek();
    if (is_space(c)) {
      ++at_;
    } else if (c == '#') {
      while (at_ < text_.size() && peek() != '\n' && peek() != '\r') ++at_;
    } else if (c == '"') {
      string_piece(at_++);
    } else if (is_name_start(c)) {
      word();
    } else if (c == '$') {
      variable();
    } else if (c == '@' && is_name_char(peek(1))) {
      const std::size_t begin = at_++;
      while (is_name_char(peek())) ++at_;
      add(TokenKind::Format, begin);
    } else if (c == '.' && is_name_start(peek(1))) {
      const std::size_t begin = at_++;
      while (is_name_char(peek())) ++at_;
      add(TokenKind::Field, begin);
    } else if (is_digit(c) || c == '.') {
      number_or_dot();
    } else {
      symbol(c);
    }
  }

  void word() {
    const std::size_t begin = at_;
    const auto part = [this] {
      while (is_name_char(peek())) ++at_;
    };
    part();
    while (peek() == ':' && peek(1) == ':' && is_name_start(peek(2))) {
      at_ += 2;
      part();
    }
    add(key_position() ? TokenKind::Key : TokenKind::Name, begin);
  }

  void variable() {
    const std::size_t begin = at_++;
    const std::size_t after_dollar = at_;
    while (is_space(peek())) ++at_;  // jq allows "$ name"
    if (!is_name_start(peek())) {
      at_ = after_dollar;
      add(TokenKind::Symbol, begin);
      return;
    }
    while (is_name_char(peek())) ++at_;
    add(TokenKind::Variable, begin);
  }

  void number_or_dot() {
    const std::size_t begin = at_;
    while (is_digit(peek()) || peek() == '.') ++at_;
    const std::string_view run = text_.substr(begin, at_ - begin);
    if (run == "." || run == "..") {
      add(TokenKind::Symbol, begin);
      return;
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        while (is_digit(peek())) ++at_;
      }
    }
    add(TokenKind::Number, begin);
  }

  // From a quote, or from the `)` that ends an interpolation, to the closing quote or the next `\(`.
  void string_piece(std::size_t begin) {
    const bool continues = text_[begin] == ')';
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        add(continues ? TokenKind::StringPart : TokenKind::String, begin);
        return;
      }
      if (c != '\\') continue;
      if (peek() == '(') {
        open_.push_back({')', at_ - 1, true});
        ++at_;
        add(TokenKind::StringPart, begin);
        return;
      }
      if (at_ < text_.size()) ++at_;
    }
    fail("this string is never closed", begin);
  }

  void symbol(char c) {
    const std::size_t begin = at_++;
    if (c == '(' || c == '[' || c == '{') {
      add(TokenKind::Symbol, begin);
      open_.push_back({c == '(' ? ')' : c == '[' ? ']' : '}', begin, false});
      return;
    }
    if (c == ')' || c == ']' || c == '}') {
      if (open_.empty() || open_.back().closer != c) {
        fail(fmt::format("syntax error, unexpected {}", quoted(c)), begin);
        return;
      }
      const bool interpolation = open_.back().interpolation;
      open_.pop_back();
      if (interpolation) {
        string_piece(begin);
      } else {
        add(TokenKind::Symbol, begin);
      }
      return;
    }
    constexpr std::string_view k_symbols = "?=;,:|+-*/%<>";
    if (k_symbols.find(c) != std::string_view::npos || (c == '!' && peek() == '=')) {
      add(TokenKind::Symbol, begin);
      return;
    }
    unknown(c, begin);
  }

  void unknown(char c, std::size_t begin) {
    if (c == '\'') return fail("unexpected ' (a string stands between double quotes)", begin);
    if (c == '&') return fail("unexpected '&' (jq says 'and')", begin);
    if (c == '!') return fail("unexpected '!' (jq says '. | not')", begin);
    if (c == '\r') return fail("unexpected carriage return", begin);
    if (c == '\0') return fail("unexpected NUL character", begin);
    std::size_t end = begin + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
    fail(fmt::format("unexpected character '{}'", text_.substr(begin, end - begin)), begin);
  }

  // In an object, what follows `{` or a comma is a key: values hold no bare comma.
  [[nodiscard]] bool key_position() const {
    if (open_.empty() || open_.back().closer != '}' || result_.tokens.empty()) return false;
    const Token& last = result_.tokens.back();
    return last.kind == TokenKind::Symbol && (last.text == "{" || last.text == ",");
  }

  void add(TokenKind kind, std::size_t begin) {
    const bool as_key = kind == TokenKind::Key || key_position();
    result_.tokens.push_back({kind, begin, text_.substr(begin, at_ - begin), as_key});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  Scan result_;
};

}  // namespace

Scan scan(std::string_view text) { return Scanner(text).run(); }

bool is_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 19> k_keywords = {
      "and",    "as",      "break", "catch",  "def", "elif",   "else", "end", "foreach", "if",
      "import", "include", "label", "module", "or",  "reduce", "then", "try", "__loc__"};
  return std::find(k_keywords.begin(), k_keywords.end(), word) != k_keywords.end();
}

std::string_view name_of(const Token& token) {
  std::string_view name = token.text.substr(1);
  while (!name.empty() && is_space(name.front())) name.remove_prefix(1);
  return name;
}

}  // namespace cairn::jq
