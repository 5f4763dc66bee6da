#include "workflows/jq/parser.h"

#include "workflows/jq/parser_state.h"

#include <algorithm>

namespace cairn::jq {

using syntax::Expression;
using syntax::Form;

namespace {

struct Infix {
  std::string_view symbol;
  int level;         // how tightly it binds
  int right_level;   // the least level of its right side
  bool associative;  // false: a second one of its level is an error
  Form form;
  syntax::Operator op = syntax::Operator::add;
};

using syntax::Operator;
constexpr Infix k_infixes[] = {
    {"//", 1, 1, true, Form::alternative},
    {"=", 2, 3, false, Form::assign},
    {"|=", 2, 3, false, Form::update},
    {"+=", 2, 3, false, Form::update_with, Operator::add},
    {"-=", 2, 3, false, Form::update_with, Operator::subtract},
    {"*=", 2, 3, false, Form::update_with, Operator::multiply},
    {"/=", 2, 3, false, Form::update_with, Operator::divide},
    {"%=", 2, 3, false, Form::update_with, Operator::modulo},
    {"//=", 2, 3, false, Form::update_missing},
    {"or", 3, 4, true, Form::either},
    {"and", 4, 5, true, Form::both},
    {"==", 5, 6, false, Form::binary, Operator::equal},
    {"!=", 5, 6, false, Form::binary, Operator::unequal},
    {"<", 5, 6, false, Form::binary, Operator::less},
    {"<=", 5, 6, false, Form::binary, Operator::less_equal},
    {">", 5, 6, false, Form::binary, Operator::greater},
    {">=", 5, 6, false, Form::binary, Operator::greater_equal},
    {"+", 6, 7, true, Form::binary, Operator::add},
    {"-", 6, 7, true, Form::binary, Operator::subtract},
    {"*", 7, 8, true, Form::binary, Operator::multiply},
    {"/", 7, 8, true, Form::binary, Operator::divide},
    {"%", 7, 8, true, Form::binary, Operator::modulo},
};

const Infix* infix_of(const Token& token) {
  if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::keyword) return nullptr;
  const auto* found =
      std::find_if(std::begin(k_infixes), std::end(k_infixes), [&](const Infix& i) { return i.symbol == token.text; });
  return found == std::end(k_infixes) ? nullptr : found;
}

}  // namespace

Compiled<Expression*> Parser::query() {
  CAIRN_TRY(Nesting nesting, enter());
  const std::uint32_t begin = token_.offset;
  CAIRN_TRY(Expression * first, commas());
  if (!token_.is("|")) return first;
  Expression* pipe = make(Form::pipe, begin);
  pipe->list.push_back(first);
  while (token_.is("|")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * part, commas());
    pipe->list.push_back(part);
  }
  return finish(pipe);
}

Compiled<Expression*> Parser::commas() {
  const std::uint32_t begin = token_.offset;
  CAIRN_TRY(Expression * first, item());
  if (!token_.is(",")) return first;
  Expression* comma = make(Form::comma, begin);
  comma->list.push_back(first);
  while (token_.is(",")) {
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * part, item());
    comma->list.push_back(part);
  }
  return finish(comma);
}

/// What reaches as far to the right as it can (definitions, labels, bindings), or an operator expression.
Compiled<Expression*> Parser::item() {
  const std::uint32_t begin = token_.offset;
  if (token_.is("def")) {
    CAIRN_TRY(const syntax::Definition* definition, this->definition());
    Expression* define = make(Form::define, begin);
    define->definition = definition;
    CAIRN_TRY(define->a, query());
    return finish(define);
  }
  if (token_.is("label")) {
    CAIRN_TRY(advance());
    Expression* label = make(Form::label, begin);
    CAIRN_TRY(label->name, take(Token::Kind::variable, "a label's $name"));
    CAIRN_TRY(expect("|"));
    CAIRN_TRY(label->a, query());
    return finish(label);
  }
  CAIRN_TRY(Expression * source, infix(1));
  if (!token_.is("as")) return source;
  CAIRN_TRY(advance());
  Expression* bind = make(Form::bind, begin);
  bind->a = source;
  CAIRN_TRY(patterns(*bind));
  CAIRN_TRY(expect("|"));
  CAIRN_TRY(bind->b, query());
  return finish(bind);
}

Compiled<Expression*> Parser::infix(int level) {
  CAIRN_TRY(Nesting nesting, enter());
  const std::uint32_t begin = token_.offset;
  CAIRN_TRY(Expression * left, term());
  for (;;) {
    const Infix* operation = infix_of(token_);
    if (operation == nullptr || operation->level < level) return left;
    CAIRN_TRY(advance());
    CAIRN_TRY(Expression * right, infix(operation->right_level));
    if (!operation->associative) {
      const Infix* next = infix_of(token_);
      if (next != nullptr && next->level == operation->level) return unexpected();
    }
    Expression* binary = make(operation->form, begin);
    binary->op = operation->op;
    binary->a = left;
    binary->b = right;
    CAIRN_TRY(left, finish(binary));
  }
}

Compiled<const syntax::Definition*> Parser::definition() {
  syntax::Definition* made = &tree_.definitions.emplace_back();
  made->offset = token_.offset;
  CAIRN_TRY(advance());
  CAIRN_TRY(made->name, take(Token::Kind::name, "a name"));
  if (made->name.find("::") != std::string::npos) return Problem{"a definition's name holds no \"::\"", made->offset};
  if (token_.is("(")) {
    do {
      CAIRN_TRY(advance());
      const bool is_value = token_.kind == Token::Kind::variable;
      CAIRN_TRY(std::string name, take(is_value ? Token::Kind::variable : Token::Kind::name, "a parameter"));
      made->parameters.push_back({std::move(name), is_value, false});
    } while (token_.is(";"));
    CAIRN_TRY(expect(")"));
  }
  CAIRN_TRY(expect(":"));
  CAIRN_TRY(made->body, query());
  CAIRN_TRY(expect(";"));
  made->recursive = syntax::mentions(*made->body, made->name, made->parameters.size());
  for (auto& parameter : made->parameters) {
    parameter.is_filter = !parameter.is_value || syntax::mentions(*made->body, parameter.name, 0);
  }
  return made;
}

Compiled<void> Parser::patterns(Expression& of) {
  for (;;) {
    CAIRN_TRY(const syntax::Pattern* one, pattern());
    of.patterns.push_back(one);
    if (!token_.is("?//")) return success();
    CAIRN_TRY(advance());
  }
}

Compiled<const syntax::Pattern*> Parser::pattern() {
  CAIRN_TRY(Nesting nesting, enter());
  syntax::Pattern* made = &tree_.patterns.emplace_back();
  made->offset = token_.offset;
  if (token_.kind == Token::Kind::variable) {
    CAIRN_TRY(made->variable, take(Token::Kind::variable, "a variable"));
    return made;
  }
  if (token_.is("[")) {
    made->kind = syntax::Pattern::Kind::array;
    do {
      CAIRN_TRY(advance());
      CAIRN_TRY(const syntax::Pattern* element, pattern());
      made->elements.push_back(element);
    } while (token_.is(","));
    CAIRN_TRY(expect("]"));
    return made;
  }
  if (!token_.is("{")) return unexpected("a variable, \"[\" or \"{\"");
  made->kind = syntax::Pattern::Kind::object;
  do {
    CAIRN_TRY(advance());
    CAIRN_TRY(syntax::Pattern::Entry entry, pattern_entry());
    made->entries.push_back(std::move(entry));
  } while (token_.is(","));
  CAIRN_TRY(expect("}"));
  return made;
}

Compiled<syntax::Pattern::Entry> Parser::pattern_entry() {
  syntax::Pattern::Entry entry;
  entry.offset = token_.offset;
  if (token_.kind == Token::Kind::variable) {
    CAIRN_TRY(entry.variable, take(Token::Kind::variable, "a variable"));
    entry.key = literal(Value::string(entry.variable), entry.offset);
    if (!token_.is(":")) return entry;
  } else {
    CAIRN_TRY(entry.key, key());
  }
  CAIRN_TRY(expect(":"));
  CAIRN_TRY(entry.inner, pattern());
  return entry;
}

Compiled<std::unique_ptr<syntax::Tree>> parse(std::string_view text) {
  auto tree = std::make_unique<syntax::Tree>();
  Parser parser(text, *tree);
  CAIRN_TRY(tree->root, parser.whole());
  return tree;
}

Compiled<Library> parse_library(std::string_view text) {
  Library library{std::make_unique<syntax::Tree>(), {}};
  Parser parser(text, *library.tree);
  CAIRN_TRY(library.outer, parser.definitions());
  return library;
}

}  // namespace cairn::jq
