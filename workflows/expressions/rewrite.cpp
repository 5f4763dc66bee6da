#include "workflows/expressions/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn::jq {
namespace {

// Whether `[` after this token indexes what came before, instead of beginning a list.
bool ends_term(const Token& token) {
  switch (token.kind) {
    case TokenKind::Field:
    case TokenKind::Variable:
    case TokenKind::Number:
    case TokenKind::Format:
    case TokenKind::String: return true;
    case TokenKind::Name: return !is_keyword(token.text);
    case TokenKind::StringPart: return token.text.ends_with('"');
    case TokenKind::Key: return false;
    case TokenKind::Symbol:
      return token.text == ".." || std::string_view(".)]}?").find(token.text) != std::string_view::npos;
  }
  return false;
}

class Rewriter {
 public:
  Rewriter(std::string_view text, const std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  std::string run() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.kind == TokenKind::Variable && !token.as_key && name_of(token) == "__loc__") location(token);
      if (token.kind == TokenKind::Name && token.text == "def" && !open_.empty())
        open_.back().in_definition_head = true;
      if (token.kind == TokenKind::Name) condition(token);
      if (token.kind == TokenKind::Symbol) symbol(at);
      if (token.kind == TokenKind::StringPart) string_part(token, at);
    }
    return applied();
  }

 private:
  struct Bracket {
    bool indexes = false;
    bool slices = false;
    bool in_definition_head = false;  // between `def` and its colon
    std::size_t part = 0;             // token where the index, or the current bound of the slice, begins
  };
  // Replaces `length` bytes at `offset`.
  struct Edit {
    std::size_t offset;
    std::size_t length;
    std::string text;
  };

  void location(const Token& token) {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(token.offset), '\n');
    edits_.push_back({token.offset, token.text.size(), fmt::format(R"(({{"file":"<top-level>","line":{}}}))", line)});
  }

  void condition(const Token& token) {
    if (token.text == "if") has_else_.push_back(false);
    if (has_else_.empty()) return;
    if (token.text == "else") has_else_.back() = true;
    if (token.text != "end") return;
    if (!has_else_.back()) edits_.push_back({token.offset, 0, "else . "});
    has_else_.pop_back();
  }

  void symbol(std::size_t at) {
    const std::string_view text = tokens_[at].text;
    if (text == "(" || text == "{") open_.push_back({});
    if (text == "[") open_.push_back({at > 0 && ends_term(tokens_[at - 1]), false, false, at + 1});
    if (text == ":" && !open_.empty()) colon(at);
    if (text == ")" || text == "}") open_.pop_back();
    if (text == "]") close_bracket(at);
  }

  // The pieces of an interpolated string open and close like parentheses.
  void string_part(const Token& token, std::size_t at) {
    if (token.text.starts_with(')')) open_.pop_back();
    if (token.text.ends_with("\\(")) open_.push_back({false, false, false, at + 1});
  }

  void colon(std::size_t at) {
    Bracket& bracket = open_.back();
    if (bracket.in_definition_head) {
      bracket.in_definition_head = false;
    } else if (bracket.indexes) {
      guard(bracket.part, at, "__cut");
      bracket.slices = true;
      bracket.part = at + 1;
    }
  }

  void close_bracket(std::size_t at) {
    const Bracket bracket = open_.back();
    open_.pop_back();
    if (!bracket.indexes) return;
    const TokenKind first = tokens_[bracket.part].kind;
    const bool literal = at == bracket.part + 1 && (first == TokenKind::Number || first == TokenKind::String);
    if (bracket.slices) {
      guard(bracket.part, at, "__cut");
    } else if (!literal) {
      guard(bracket.part, at, "__key");
    }
  }

  // Tokens [begin, end) go through `function`.
  void guard(std::size_t begin, std::size_t end, std::string_view function) {
    if (begin == end) return;
    const Token& last = tokens_[end - 1];
    edits_.push_back({tokens_[begin].offset, 0, "("});
    edits_.push_back({last.offset + last.text.size(), 0, fmt::format("|{})", function)});
  }

  std::string applied() {
    // At one offset an insertion goes before the replacement of the token there. Insertions at one offset are alike.
    std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) {
      return std::pair(a.offset, a.length) < std::pair(b.offset, b.length);
    });
    std::string out;
    std::size_t done = 0;
    for (const Edit& edit : edits_) {
      out += text_.substr(done, edit.offset - done);
      out += edit.text;
      done = edit.offset + edit.length;
    }
    out += text_.substr(done);
    return out;
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::vector<Bracket> open_;
  std::vector<bool> has_else_;  // of each `if` that is open
  std::vector<Edit> edits_;
};

}  // namespace

std::string rewritten(std::string_view text, const std::vector<Token>& tokens) { return Rewriter(text, tokens).run(); }

}  // namespace cairn::jq
