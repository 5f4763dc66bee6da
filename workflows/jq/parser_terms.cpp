#include "workflows/jq/hints.h"
#include "workflows/jq/native.h"
#include "workflows/jq/parser_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::jq {

using syntax::Expression;
using syntax::Form;

namespace {

/// Calls of the parser inside one another: three for a pair of brackets.
constexpr std::uint32_t k_nesting = 1'500;

}  // namespace

// ---- tokens and nodes
// --------------------------------------------------------------------------------------------------

Compiled<void> Parser::advance() {
  CAIRN_TRY(token_, lexer_.next());
  return success();
}

Compiled<void> Parser::expect(std::string_view symbol) {
  if (!token_.is(symbol)) return unexpected(fmt::format("\"{}\"", symbol));
  return advance();
}

Compiled<std::string> Parser::take(Token::Kind kind, std::string_view what) {
  if (token_.kind != kind) return unexpected(what);
  std::string text(token_.text);
  CAIRN_TRY(advance());
  return text;
}

Problem Parser::unexpected(std::string_view wanted) const {
  std::string message = "syntax error, unexpected ";
  if (token_.kind == Token::Kind::end) {
    message += "end of the expression";
  } else if (token_.kind == Token::Kind::quote) {
    message += "string";
  } else {
    message += fmt::format("\"{}\"", text_.substr(token_.offset, lexer_.offset() - token_.offset));
  }
  if (!wanted.empty()) message += fmt::format(", expecting {}", wanted);
  message += hint_at(text_, token_.offset);
  return {std::move(message), token_.offset};
}

Compiled<bool> Parser::take_question_mark() {
  if (!token_.is("?")) return false;
  CAIRN_TRY(advance());
  return true;
}

Compiled<Parser::Nesting> Parser::enter() {
  if (nesting_ >= k_nesting) return Problem{"the expression nests too deeply", token_.offset};
  return Nesting(nesting_);
}

Expression* Parser::make(Form form, std::uint32_t offset) {
  Expression* made = &tree_.expressions.emplace_back();
  made->form = form;
  made->offset = offset;
  return made;
}

Expression* Parser::literal(Value value, std::uint32_t offset) {
  Expression* made = make(Form::literal, offset);
  made->value = std::move(value);
  return made;
}

Parser::Made Parser::finish(Expression* made) {
  std::uint32_t below = 0;
  const auto look = [&](const Expression* e) {
    if (e != nullptr) below = std::max(below, e->depth);
  };
  look(made->a);
  look(made->b);
  look(made->c);
  look(made->d);
  for (const auto* e : made->list) look(e);
  if (made->definition != nullptr) look(made->definition->body);
  made->depth = below + 1;
  if (made->depth > syntax::k_depth) return Problem{"the expression nests too deeply", made->offset};
  return made;
}

Compiled<const Expression*> Parser::whole() {
  CAIRN_TRY(advance());
  if (token_.is("import") || token_.is("include") || token_.is("module")) {
    return Problem{fmt::format("{}: modules are not available; an expression stands alone", token_.text),
                   token_.offset};
  }
  if (token_.kind == Token::Kind::end) return make(Form::identity, 0);
  CAIRN_TRY(Expression * made, query());
  if (token_.kind != Token::Kind::end) return unexpected();
  return made;
}

Compiled<std::vector<const syntax::Definition*>> Parser::definitions() {
  std::vector<const syntax::Definition*> made;
  CAIRN_TRY(advance());
  while (token_.kind != Token::Kind::end) {
    if (!token_.is("def")) return unexpected("a definition");
    CAIRN_TRY(const syntax::Definition* one, definition());
    made.push_back(one);
  }
  return made;
}

// ---- terms
// -------------------------------------------------------------------------------------------------------------

Parser::Made Parser::term() {
  CAIRN_TRY(Nesting nesting, enter());
  const std::uint32_t begin = token_.offset;
  if (token_.is("-")) {
    CAIRN_TRY(advance());
    Expression* negate = make(Form::negate, begin);
    CAIRN_TRY(negate->a, term());
    return finish(negate);
  }
  if (token_.is("try")) {
    CAIRN_TRY(advance());
    Expression* attempt = make(Form::attempt, begin);
    CAIRN_TRY(attempt->a, term());
    if (token_.is("catch")) {
      CAIRN_TRY(advance());
      CAIRN_TRY(attempt->b, term());
    }
    return finish(attempt);
  }
  CAIRN_TRY(Expression * left, plain_term());
  return postfix(left, begin);
}

Parser::Made Parser::plain_term() {
  const std::uint32_t begin = token_.offset;
  switch (token_.kind) {
    case Token::Kind::number: {
      Value number = token_.number;
      CAIRN_TRY(advance());
      return literal(std::move(number), begin);
    }
    case Token::Kind::quote: return string({});
    case Token::Kind::format: {
      const std::string format(token_.text);
      if (!is_format(format)) {
        return Problem{fmt::format("{} is not a valid format{}", format, format_hint(format)), begin};
      }
      CAIRN_TRY(advance());
      if (token_.kind == Token::Kind::quote) return string(format);
      Expression* made = make(Form::format, begin);
      made->name = format;
      return made;
    }
    case Token::Kind::field: {
      Expression* index = make(Form::index, begin);
      index->a = make(Form::identity, begin);
      index->b = literal(Value::string(std::string(token_.text)), begin);
      CAIRN_TRY(advance());
      CAIRN_TRY(index->optional, take_question_mark());
      return finish(index);
    }
    case Token::Kind::variable: {
      Expression* variable = make(Form::variable, begin);
      CAIRN_TRY(variable->name, take(Token::Kind::variable, "a variable"));
      return variable;
    }
    case Token::Kind::name: return call();
    case Token::Kind::keyword: return keyword_term();
    default: break;
  }
  if (token_.is(".")) {
    CAIRN_TRY(advance());
    return after_dot(begin);
  }
  if (token_.is("..")) {
    CAIRN_TRY(advance());
    return make(Form::descent, begin);
  }
  if (token_.is("(")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * inner, query());
    CAIRN_TRY(expect(")"));
    return inner;
  }
  if (token_.is("[")) return array();
  if (token_.is("{")) return object();
  return unexpected();
}

/// After a dot that no name follows: `."a"`, or the identity, whose brackets postfix() takes.
Parser::Made Parser::after_dot(std::uint32_t begin) {
  Expression* identity = make(Form::identity, begin);
  if (token_.kind == Token::Kind::format) return unexpected();
  if (token_.kind != Token::Kind::quote) return identity;
  Expression* index = make(Form::index, begin);
  index->a = identity;
  CAIRN_TRY(index->b, string({}));
  CAIRN_TRY(index->optional, take_question_mark());
  return finish(index);
}

Parser::Made Parser::postfix(Expression* left, std::uint32_t begin) {
  for (;;) {
    if (token_.kind == Token::Kind::field || token_.is(".")) {
      Expression* index = make(Form::index, begin);
      index->a = left;
      if (token_.kind == Token::Kind::field) {
        index->b = literal(Value::string(std::string(token_.text)), token_.offset);
        CAIRN_TRY(advance());
      } else {
        CAIRN_TRY(advance());
        if (token_.is("[")) {
          CAIRN_TRY(left, brackets(left, begin));
          continue;
        }
        if (token_.kind != Token::Kind::quote) return unexpected();
        CAIRN_TRY(index->b, string({}));
      }
      CAIRN_TRY(index->optional, take_question_mark());
      CAIRN_TRY(left, finish(index));
    } else if (token_.is("[")) {
      CAIRN_TRY(left, brackets(left, begin));
    } else if (token_.is("?")) {
      CAIRN_TRY(advance());
      Expression* attempt = make(Form::attempt, begin);
      attempt->a = left;
      CAIRN_TRY(left, finish(attempt));
    } else {
      return left;
    }
  }
}

/// `[]`, `[a]`, `[a:b]`, `[a:]`, `[:b]` behind a term, with the question mark that may follow.
Parser::Made Parser::brackets(Expression* of, std::uint32_t begin) {
  CAIRN_TRY(advance());
  Expression* made = make(Form::index, begin);
  made->a = of;
  if (token_.is("]")) {
    made->form = Form::each;
  } else {
    if (!token_.is(":")) {
      CAIRN_TRY(made->b, query());
    }
    if (token_.is(":")) {
      made->form = Form::slice;
      CAIRN_TRY(advance());
      if (made->b == nullptr || !token_.is("]")) {
        CAIRN_TRY(made->c, query());
      }
    }
  }
  CAIRN_TRY(expect("]"));
  CAIRN_TRY(made->optional, take_question_mark());
  return finish(made);
}

Parser::Made Parser::keyword_term() {
  const std::uint32_t begin = token_.offset;
  if (token_.is("if")) return branch();
  if (token_.is("reduce") || token_.is("foreach")) return loop();
  if (token_.is("break")) {
    CAIRN_TRY(advance());
    Expression* escape = make(Form::escape, begin);
    CAIRN_TRY(escape->name, take(Token::Kind::variable, "a label's $name"));
    return escape;
  }
  if (token_.is("$__loc__")) {
    CAIRN_TRY(advance());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + begin, '\n');
    Expression* location = make(Form::location, begin);
    location->value = Value::object({{"file", Value::string("<top-level>")}, {"line", Value::integer(line)}});
    return location;
  }
  return unexpected();
}

Parser::Made Parser::branch() {
  Expression* made = make(Form::branch, token_.offset);
  CAIRN_TRY(Nesting nesting, enter());
  CAIRN_TRY(advance());
  CAIRN_TRY(made->a, query());
  CAIRN_TRY(expect("then"));
  CAIRN_TRY(made->b, query());
  if (token_.is("elif")) {
    CAIRN_TRY(made->c, branch());
    return finish(made);
  }
  if (token_.is("else")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(made->c, query());
  }
  CAIRN_TRY(expect("end"));
  return finish(made);
}

Parser::Made Parser::loop() {
  Expression* made = make(token_.is("reduce") ? Form::reduce : Form::foreach, token_.offset);
  CAIRN_TRY(advance());
  CAIRN_TRY(made->a, infix(1));
  CAIRN_TRY(expect("as"));
  CAIRN_TRY(patterns(*made));
  CAIRN_TRY(expect("("));
  CAIRN_TRY(made->b, query());
  CAIRN_TRY(expect(";"));
  CAIRN_TRY(made->c, query());
  if (made->form == Form::foreach && token_.is(";")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(made->d, query());
  }
  CAIRN_TRY(expect(")"));
  return finish(made);
}

Parser::Made Parser::call() {
  const std::uint32_t begin = token_.offset;
  CAIRN_TRY(std::string name, take(Token::Kind::name, "a name"));
  const bool plain = !token_.is("(");
  if (plain && name == "null") return literal(Value(), begin);
  if (plain && (name == "true" || name == "false")) return literal(Value::boolean(name == "true"), begin);
  Expression* made = make(Form::call, begin);
  made->name = std::move(name);
  if (plain) return made;
  do {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * argument, query());
    made->list.push_back(argument);
  } while (token_.is(";"));
  CAIRN_TRY(expect(")"));
  return finish(made);
}

Parser::Made Parser::array() {
  Expression* made = make(Form::array, token_.offset);
  CAIRN_TRY(advance());
  if (!token_.is("]")) {
    CAIRN_TRY(made->a, query());
  }
  CAIRN_TRY(expect("]"));
  return finish(made);
}

// ---- objects and strings
// -----------------------------------------------------------------------------------------------

Parser::Made Parser::object() {
  Expression* made = make(Form::object, token_.offset);
  do {
    CAIRN_TRY(advance());
    if (token_.is("}")) break;  // {} and {a,}
    CAIRN_TRY(object_entry(*made));
  } while (token_.is(","));
  CAIRN_TRY(expect("}"));
  return finish(made);
}

Compiled<void> Parser::object_entry(Expression& object) {
  const std::uint32_t begin = token_.offset;
  const Expression* key = nullptr;
  const Expression* value = nullptr;
  if (token_.kind == Token::Kind::variable) {
    Expression* variable = make(Form::variable, begin);
    CAIRN_TRY(variable->name, take(Token::Kind::variable, "a variable"));
    if (!token_.is(":")) {
      key = literal(Value::string(variable->name), begin);
      value = variable;
    } else {
      key = variable;
    }
  } else if (token_.is("$__loc__")) {
    key = literal(Value::string("__loc__"), begin);
    CAIRN_TRY(value, keyword_term());
  } else {
    const bool computed = token_.is("(");
    const bool plain = token_.kind == Token::Kind::name;
    CAIRN_TRY(key, this->key());
    if (plain && (token_.is("-") || token_.is("/") || token_.kind == Token::Kind::field)) {
      Problem problem = unexpected();
      problem.message += quoting_hint(text_, begin);
      return problem;
    }
    if (!token_.is(":") && !computed) {
      Expression* index = make(Form::index, begin);
      index->a = make(Form::identity, begin);
      index->b = key;
      CAIRN_TRY(value, finish(index));
    }
  }
  if (value == nullptr) {
    CAIRN_TRY(expect(":"));
    CAIRN_TRY(value, object_value());
  }
  object.list.push_back(key);
  object.list.push_back(value);
  return success();
}

/// The value of an entry: pipes may stand bare, commas separate entries.
Parser::Made Parser::object_value() {
  const std::uint32_t begin = token_.offset;
  CAIRN_TRY(Expression * first, infix(1));
  if (!token_.is("|")) return first;
  Expression* pipe = make(Form::pipe, begin);
  pipe->list.push_back(first);
  while (token_.is("|")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * part, infix(1));
    pipe->list.push_back(part);
  }
  return finish(pipe);
}

Parser::Made Parser::key() {
  const std::uint32_t begin = token_.offset;
  if (token_.kind == Token::Kind::name || token_.kind == Token::Kind::keyword) {
    Expression* name = literal(Value::string(std::string(token_.text)), begin);
    CAIRN_TRY(advance());
    return name;
  }
  if (token_.kind == Token::Kind::quote) return string({});
  if (token_.kind == Token::Kind::format) {
    CAIRN_TRY(Expression * made, plain_term());
    if (made->form == Form::text || made->form == Form::literal) return made;
    return unexpected("a string");
  }
  if (token_.is("(")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * inner, query());
    CAIRN_TRY(expect(")"));
    return inner;
  }
  Problem problem = unexpected("a key");
  if (token_.kind == Token::Kind::number || token_.is("[") || token_.is("-") || token_.is(".")) {
    problem.message = "May need parentheses around object key expression";
  }
  return problem;
}

/// At a quote. Without interpolations a literal.
Parser::Made Parser::string(const std::string& format) {
  Expression* made = make(Form::text, token_.offset);
  made->name = format;
  for (;;) {
    const std::uint32_t begin = lexer_.offset();
    CAIRN_TRY(Piece piece, lexer_.next_piece());
    const bool last = piece.kind == Piece::Kind::end;
    if (last && made->list.empty()) {
      made->form = Form::literal;
      made->name.clear();
      made->value = Value::string(std::move(piece.text));
      break;
    }
    made->list.push_back(literal(Value::string(std::move(piece.text)), begin));
    if (last) break;
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * inner, query());
    if (!token_.is(")")) return unexpected("\")\"");
    made->list.push_back(inner);  // the next piece begins right behind the bracket
  }
  CAIRN_TRY(advance());
  return finish(made);
}

}  // namespace cairn::jq
