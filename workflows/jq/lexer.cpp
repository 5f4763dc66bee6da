#include "workflows/jq/lexer.h"

#include "workflows/jq/hints.h"
#include "workflows/value/number.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cairn::jq {
namespace {

constexpr std::array<std::string_view, 18> k_keywords = {"and",   "as",     "break",   "catch",  "def",    "elif",
                                                         "else",  "end",    "foreach", "if",     "import", "include",
                                                         "label", "module", "or",      "reduce", "then",   "try"};

/// Longest first: the first that fits is the token.
constexpr std::array<std::string_view, 34> k_symbols = {
    "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", "..", ".", "?", "=",
    ";",   ",",   ":",  "|",  "+",  "-",  "*",  "/",  "%",  "<",  ">",  "(",  ")",  "[",  "]", "{", "}"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || is_digit(c); }

void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  text += static_cast<char>(0x80 | (code & 0x3F));
}

Problem invalid_escape(std::uint32_t at) { return {"Invalid escape in a string", at}; }

}  // namespace

void Lexer::skip_space() {
  for (;;) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      // A comment ends with its line, unless an odd number of backslashes precedes the line's end.
      while (at_ < text_.size() && peek() != '\n') {
        if (peek() == '\\') {
          ++at_;
          if (peek() == '\r' && peek(1) == '\n') ++at_;
          if (at_ >= text_.size()) return;
        }
        ++at_;
      }
    } else {
      return;
    }
  }
}

std::string_view Lexer::take_name() {
  const std::uint32_t begin = at_;
  while (continues_name(peek())) ++at_;
  return text_.substr(begin, at_ - begin);
}

Token Lexer::number() {
  Token token{Token::Kind::number, at_};
  const auto digits = [&] {
    while (is_digit(peek())) ++at_;
  };
  digits();
  if (peek() == '.') {
    ++at_;
    digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (is_digit(peek(1 + sign))) {
      at_ += static_cast<std::uint32_t>(1 + sign);
      digits();
    }
  }
  token.text = text_.substr(token.offset, at_ - token.offset);
  token.number = *parse_number(token.text);
  return token;
}

Compiled<Token> Lexer::symbol() {
  for (const auto symbol : k_symbols) {
    if (text_.substr(at_).starts_with(symbol)) {
      Token token{Token::Kind::symbol, at_, symbol};
      at_ += static_cast<std::uint32_t>(symbol.size());
      return token;
    }
  }
  std::size_t size = 1;  // the whole character, for the message
  while (at_ + size < text_.size() && (static_cast<unsigned char>(text_[at_ + size]) & 0xC0) == 0x80) ++size;
  return Problem{
      fmt::format("syntax error, unexpected \"{}\"{}", utf8_lossy(text_.substr(at_, size)), hint_at(text_, at_)), at_};
}

Compiled<Token> Lexer::next() {
  skip_space();
  if (at_ >= text_.size()) return Token{Token::Kind::end, at_};
  const char c = peek();
  Token token{Token::Kind::name, at_};
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '"') {
    ++at_;
    token.kind = Token::Kind::quote;
    token.text = "\"";
    return token;
  }
  if (c == '.' && begins_name(peek(1))) {
    ++at_;
    token.kind = Token::Kind::field;
    token.text = take_name();
    return token;
  }
  if (c == '@' && continues_name(peek(1))) {
    ++at_;
    token.kind = Token::Kind::format;
    token.text = take_name();
    return token;
  }
  if (!begins_name(c) && !(c == '$' && begins_name(peek(1)))) return symbol();

  if (c == '$') {
    ++at_;
    token.kind = Token::Kind::variable;
  }
  const std::uint32_t begin = at_;
  take_name();
  while (peek() == ':' && peek(1) == ':' && begins_name(peek(2))) {
    at_ += 2;
    take_name();
  }
  token.text = text_.substr(begin, at_ - begin);
  if (token.kind == Token::Kind::name &&
      std::find(k_keywords.begin(), k_keywords.end(), token.text) != k_keywords.end()) {
    token.kind = Token::Kind::keyword;
  }
  if (token.kind == Token::Kind::variable && token.text == "__loc__") {
    token.kind = Token::Kind::keyword;
    token.text = "$__loc__";
  }
  return token;
}

Compiled<std::uint32_t> Lexer::hex_digits(std::uint32_t escape_at) {
  std::uint32_t code = 0;
  const auto digits = text_.substr(at_, 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (error != std::errc() || end != digits.data() + 4) return invalid_escape(escape_at);
  at_ += 4;
  return code;
}

/// What follows "\u": four digits, or a surrogate pair of two escapes; a surrogate alone is U+FFFD.
Compiled<std::uint32_t> Lexer::code_point(std::uint32_t escape_at) {
  CAIRN_TRY(const std::uint32_t code, hex_digits(escape_at));
  if (code < 0xD800 || code > 0xDFFF) return code;
  if (code > 0xDBFF || peek() != '\\' || peek(1) != 'u') return 0xFFFDu;
  const std::uint32_t before = at_;
  at_ += 2;
  CAIRN_TRY(const std::uint32_t low, hex_digits(before));
  if (low < 0xDC00 || low > 0xDFFF) {
    at_ = before;
    return 0xFFFDu;
  }
  return 0x10000u + ((code - 0xD800u) << 10) + (low - 0xDC00u);
}

Compiled<Piece> Lexer::next_piece() {
  Piece piece;
  const std::uint32_t begin = at_;
  for (;;) {
    if (at_ >= text_.size()) return Problem{"unterminated string", begin == 0 ? 0 : begin - 1};
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return piece;
    }
    if (c != '\\') {
      piece.text += c;
      ++at_;
      continue;
    }
    const std::uint32_t escape_at = at_;
    const char escaped = peek(1);
    at_ = std::min(at_ + 2, static_cast<std::uint32_t>(text_.size()));
    switch (escaped) {
      case '(': piece.kind = Piece::Kind::interpolation; return piece;
      case '"':
      case '\\':
      case '/': piece.text += escaped; break;
      case 'b': piece.text += '\b'; break;
      case 'f': piece.text += '\f'; break;
      case 'n': piece.text += '\n'; break;
      case 'r': piece.text += '\r'; break;
      case 't': piece.text += '\t'; break;
      case 'u': {
        CAIRN_TRY(const std::uint32_t code, code_point(escape_at));
        append_utf8(piece.text, code);
        break;
      }
      default: return invalid_escape(escape_at);
    }
  }
}

}  // namespace cairn::jq
