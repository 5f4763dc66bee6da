#include "workflows/definition/expression_text.h"

#include <algorithm>
#include <string>

namespace cairn {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/// What a jq text is inside of, innermost last.
enum class Inside : char { string, brace, parenthesis, interpolation };

/// The offset of the `}` that closes an expression whose text begins at `at`.
std::optional<std::size_t> find_end(std::string_view text, std::size_t at) {
  std::vector<Inside> inside;
  const auto in = [&inside](Inside what) { return !inside.empty() && inside.back() == what; };
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in(Inside::string)) {
      if (c == '\\') {
        ++at;
        if (at < text.size() && text[at] == '(') inside.push_back(Inside::interpolation);
      } else if (c == '"') {
        inside.pop_back();
      }
      continue;
    }
    switch (c) {
      case '"': inside.push_back(Inside::string); break;
      case '{': inside.push_back(Inside::brace); break;
      case '(': inside.push_back(Inside::parenthesis); break;
      case ')':
        if (in(Inside::parenthesis) || in(Inside::interpolation)) inside.pop_back();
        break;
      case '#':
        while (at + 1 < text.size() && text[at + 1] != '\n') ++at;
        break;
      case '}':
        // A parenthesis left open is for jq to complain about; the brace still closes.
        while (in(Inside::parenthesis)) inside.pop_back();
        if (inside.empty()) return at;
        if (in(Inside::brace)) inside.pop_back();
        break;
      default: break;
    }
  }
  return std::nullopt;
}

bool begins_expression(std::string_view text, std::size_t at, Dialect dialect) {
  if (text.substr(at, 2) != "${") return false;
  if (dialect == Dialect::text) return true;
  const std::string_view rest = text.substr(at + 2);
  if (rest.empty()) return false;
  const char c = rest.front();
  if (c == '$') return rest.size() > 1 && is_letter(rest[1]);
  return is_blank(c) || c == '.' || c == '(' || c == '[' || c == '"';
}

}  // namespace

ExpressionParts find_expressions(std::string_view text, Dialect dialect) {
  ExpressionParts parts;
  std::size_t at = 0;
  while ((at = text.find("${", at)) != std::string_view::npos) {
    if (!begins_expression(text, at, dialect)) {
      at += 2;
      continue;
    }
    const auto end = find_end(text, at + 2);
    if (!end) {
      parts.unterminated = at;
      return parts;
    }
    EmbeddedExpression found{at, *end + 1, at + 2, *end};
    while (found.inner_begin < found.inner_end && is_blank(text[found.inner_begin])) ++found.inner_begin;
    while (found.inner_end > found.inner_begin && is_blank(text[found.inner_end - 1])) --found.inner_end;
    parts.expressions.push_back(found);
    at = *end + 1;
  }
  if (parts.expressions.size() == 1) {
    const EmbeddedExpression& only = parts.expressions.front();
    const auto blank = [&](std::size_t begin, std::size_t end) {
      return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                         text.begin() + static_cast<std::ptrdiff_t>(end), is_blank);
    };
    parts.whole = blank(0, only.begin) && blank(only.end, text.size());
  }
  return parts;
}

namespace {

struct Token {
  enum class Kind { word, field, variable, string, mark };
  Kind kind = Kind::mark;
  std::string_view text;  ///< of a string without interpolation: what is between its quotes
  std::size_t offset = 0;
};

/// Enough of jq's lexer to tell names from strings and comments.
std::vector<Token> tokenize(std::string_view jq) {
  std::vector<Token> tokens;
  std::vector<Inside> inside;
  std::vector<std::size_t> string_begins;  // npos once the string interpolates
  const auto word_end = [jq](std::size_t from) {
    while (from < jq.size() &&
           (is_word(jq[from]) || (jq.substr(from, 2) == "::" && from + 2 < jq.size() && is_letter(jq[from + 2])))) {
      from += jq[from] == ':' ? 2 : 1;
    }
    return from;
  };
  for (std::size_t at = 0; at < jq.size(); ++at) {
    const char c = jq[at];
    if (!inside.empty() && inside.back() == Inside::string) {
      if (c == '\\') {
        ++at;
        if (at < jq.size() && jq[at] == '(') {
          inside.push_back(Inside::interpolation);
          string_begins.back() = std::string_view::npos;
          tokens.push_back({Token::Kind::mark, "(", at});
        }
      } else if (c == '"') {
        inside.pop_back();
        if (const std::size_t begin = string_begins.back(); begin != std::string_view::npos) {
          tokens.push_back({Token::Kind::string, jq.substr(begin, at - begin), begin});
        } else {
          tokens.push_back({Token::Kind::mark, "\"", at});
        }
        string_begins.pop_back();
      }
      continue;
    }
    if (c == '"') {
      inside.push_back(Inside::string);
      string_begins.push_back(at + 1);
    } else if (c == '#') {
      while (at + 1 < jq.size() && jq[at + 1] != '\n') ++at;
    } else if (c == '$' && at + 1 < jq.size() && is_letter(jq[at + 1])) {
      const std::size_t end = word_end(at + 1);
      tokens.push_back({Token::Kind::variable, jq.substr(at + 1, end - at - 1), at});
      at = end - 1;
    } else if (c == '.' && at + 1 < jq.size() && is_letter(jq[at + 1])) {
      std::size_t end = at + 1;
      while (end < jq.size() && is_word(jq[end])) ++end;
      tokens.push_back({Token::Kind::field, jq.substr(at + 1, end - at - 1), at + 1});
      at = end - 1;
    } else if (is_letter(c)) {
      const std::size_t end = word_end(at);
      tokens.push_back({Token::Kind::word, jq.substr(at, end - at), at});
      at = end - 1;
    } else if (!is_blank(c)) {
      if (c == '(') inside.push_back(Inside::parenthesis);
      if (c == ')' && !inside.empty()) inside.pop_back();
      tokens.push_back({Token::Kind::mark, jq.substr(at, 1), at});
    }
  }
  return tokens;
}

bool is_mark(const Token& token, char c) { return token.kind == Token::Kind::mark && token.text.front() == c; }

/// Names that the text binds somewhere. (Where is jq's business: a use before its binding does not compile.)
std::vector<std::string_view> bound_variables(const std::vector<Token>& tokens) {
  std::vector<std::string_view> bound;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::word) continue;
    if (tokens[i].text == "label" && i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::variable) {
      bound.push_back(tokens[i + 1].text);
    } else if (tokens[i].text == "as" || tokens[i].text == "def") {
      // A pattern ends at `|` or at the parenthesis of a reduce; parameters end at the colon.
      const bool definition = tokens[i].text == "def";
      std::size_t depth = 0;
      for (std::size_t j = i + 1; j < tokens.size(); ++j) {
        const Token& token = tokens[j];
        if (token.kind == Token::Kind::variable) bound.push_back(token.text);
        if (depth == 0 && (is_mark(token, '|') || (definition ? is_mark(token, ':') : is_mark(token, '(')))) break;
        if (is_mark(token, '[') || is_mark(token, '{') || is_mark(token, '(')) ++depth;
        if ((is_mark(token, ']') || is_mark(token, '}') || is_mark(token, ')')) && depth > 0) --depth;
      }
    }
  }
  return bound;
}

}  // namespace

std::vector<VariableUse> free_variables(std::string_view jq) {
  if (jq.find('$') == std::string_view::npos) return {};
  const std::vector<Token> tokens = tokenize(jq);
  std::vector<std::string_view> bound = bound_variables(tokens);
  bound.push_back("__loc__");
  std::vector<VariableUse> uses;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind != Token::Kind::variable) continue;
    if (std::find(bound.begin(), bound.end(), token.text) != bound.end()) continue;
    VariableUse use{token.text, token.offset, {}, 0};
    const auto next = [&](std::size_t n) { return i + n < tokens.size() ? &tokens[i + n] : nullptr; };
    const Token* member = nullptr;
    if (next(1) != nullptr && next(1)->kind == Token::Kind::field) {
      member = next(1);
    } else if (next(2) != nullptr && is_mark(*next(1), '.') && next(2)->kind == Token::Kind::string) {
      member = next(2);
    } else if (next(3) != nullptr && is_mark(*next(1), '[') && next(2)->kind == Token::Kind::string &&
               is_mark(*next(3), ']')) {
      member = next(2);
    }
    if (member != nullptr && member->text.find('\\') == std::string_view::npos) {
      use.member = member->text;
      use.member_offset = member->offset;
    }
    uses.push_back(use);
  }
  return uses;
}

}  // namespace cairn
