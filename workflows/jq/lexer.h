#pragma once
// Text → tokens, one at a time. A string is no token: after a `quote` the parser takes its pieces with next_piece(),
// since what stands in \( ) is jq again.

#include "workflows/jq/problem.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::jq {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    number,  ///< `number`
    name,    ///< an identifier that is no keyword; may hold "::"
    keyword,
    field,     ///< .name; `text` without the dot
    variable,  ///< $name; `text` without the dollar
    format,    ///< @name; `text` without the at sign
    quote,     ///< the beginning of a string
    symbol,    ///< an operator or a bracket
  };
  Kind kind = Kind::end;
  std::uint32_t offset = 0;
  std::string_view text;
  Value number;

  [[nodiscard]] bool is(std::string_view symbol_or_keyword) const {
    return (kind == Kind::symbol || kind == Kind::keyword) && text == symbol_or_keyword;
  }
};

/// A stretch of a string.
struct Piece {
  enum class Kind : std::uint8_t {
    end,            ///< the closing quote
    interpolation,  ///< "\(": an expression and ")" follow
  };
  Kind kind = Kind::end;
  std::string text;  ///< what came before, escapes resolved
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The next token; Kind::end for ever at the end.
  Compiled<Token> next();
  /// What follows a quote, or the ")" of an interpolation: text up to the closing quote or the next interpolation.
  Compiled<Piece> next_piece();
  [[nodiscard]] std::uint32_t offset() const { return at_; }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_space();
  Token number();
  Compiled<Token> symbol();
  std::string_view take_name();
  Compiled<std::uint32_t> hex_digits(std::uint32_t escape_at);
  Compiled<std::uint32_t> code_point(std::uint32_t escape_at);

  std::string_view text_;
  std::uint32_t at_ = 0;
};

}  // namespace cairn::jq
