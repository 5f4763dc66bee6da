#pragma once
// Tokens of jq text, enough to know what an expression mentions before libjq sees it: which brackets match, which words
// are functions, keys or variables, where strings begin and end. It follows the lexer of jq 1.6; grammar is libjq's
// business.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq {

enum class TokenKind : std::uint8_t {
  Name,      ///< a function, or a keyword such as `if`
  Key,       ///< a bare word as object key: {env: 1}, {env}
  Field,     ///< .name
  Variable,  ///< $name
  Number,
  Format,      ///< @base64
  String,      ///< a whole literal without interpolation, quotes included
  StringPart,  ///< a piece of a literal that has interpolation: from a quote or `)` to `\(` or a quote
  Symbol,      ///< one character of punctuation
};

struct Token {
  TokenKind kind = TokenKind::Symbol;
  std::size_t offset = 0;
  std::string_view text;  ///< as written; a Variable with its '$', a Field with its '.'
  bool as_key = false;    ///< stands where an object's key stands: {$name}, {"name"}
};

/// Something wrong with the text, said for its author.
struct ScanProblem {
  std::string message;
  std::size_t offset = 0;
};

struct Scan {
  std::vector<Token> tokens;           ///< comments and space left out; views into the text scanned
  std::optional<ScanProblem> problem;  ///< brackets that do not match, an open string, a character jq does not know
};

/// Never fails; stops at the first problem.
Scan scan(std::string_view text);

/// The name in a Variable or Field token.
std::string_view name_of(const Token& token);

/// Whether jq keeps the word for itself: `if`, `and`, `reduce` …
bool is_keyword(std::string_view word);

}  // namespace cairn::jq
