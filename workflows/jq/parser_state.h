#pragma once
// The parser itself: recursive descent with one token of look-ahead. parser.cpp has what combines terms,
// parser_terms.cpp the terms.

#include "workflows/jq/lexer.h"
#include "workflows/jq/problem.h"
#include "workflows/jq/syntax.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq {

class Parser {
 public:
  Parser(std::string_view text, syntax::Tree& tree) : text_(text), lexer_(text), tree_(tree) {}

  /// The one expression of a text.
  Compiled<const syntax::Expression*> whole();
  /// The definitions of a text that is nothing else.
  Compiled<std::vector<const syntax::Definition*>> definitions();

 private:
  using Made = Compiled<syntax::Expression*>;

  /// Counts how deep the parser has recursed, for as long as it lives.
  class Nesting {
   public:
    explicit Nesting(std::uint32_t& depth) : depth_(&depth) { ++depth; }
    Nesting(Nesting&& other) noexcept : depth_(other.depth_) { other.depth_ = nullptr; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    Nesting& operator=(Nesting&&) = delete;
    ~Nesting() {
      if (depth_ != nullptr) --*depth_;
    }

   private:
    std::uint32_t* depth_;
  };
  Compiled<Nesting> enter();

  Made query();
  Made commas();
  Made item();
  Made infix(int level);
  Compiled<const syntax::Definition*> definition();
  Compiled<void> patterns(syntax::Expression& of);
  Compiled<const syntax::Pattern*> pattern();
  Compiled<syntax::Pattern::Entry> pattern_entry();

  Made term();
  Made plain_term();
  Made postfix(syntax::Expression* left, std::uint32_t begin);
  Made brackets(syntax::Expression* of, std::uint32_t begin);
  Made after_dot(std::uint32_t begin);
  Made keyword_term();
  Made branch();
  Made loop();
  Made call();
  Made array();
  Made object();
  Compiled<void> object_entry(syntax::Expression& object);
  Made object_value();
  Made string(const std::string& format);
  /// What may stand before ":" in an object or a pattern: a name, a keyword, a string or (query).
  Made key();

  Compiled<void> advance();
  Compiled<void> expect(std::string_view symbol);
  Compiled<std::string> take(Token::Kind kind, std::string_view what);
  Problem unexpected(std::string_view wanted = {}) const;
  Compiled<bool> take_question_mark();

  syntax::Expression* make(syntax::Form form, std::uint32_t offset);
  syntax::Expression* literal(Value value, std::uint32_t offset);
  /// Fills in the depth; refuses what is too deep.
  Made finish(syntax::Expression* made);

  std::string_view text_;
  Lexer lexer_;
  syntax::Tree& tree_;
  Token token_;
  std::uint32_t nesting_ = 0;
};

}  // namespace cairn::jq
