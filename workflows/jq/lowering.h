#pragma once
// Syntax tree → nodes: names become slots, closures and nodes. A function that does not call itself is inlined where it
// is called, its filters too, as long as the program stays small; others become bodies of their own.

#include "workflows/jq/nodes.h"
#include "workflows/jq/problem.h"
#include "workflows/jq/syntax.h"

#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::jq {

/// Builtins that are neither functions of values nor jq.
enum class Special : std::uint8_t;

class Lowering {
 public:
  Lowering(ProgramData& program, std::span<const std::string> variables);

  /// Makes `root` the first body of the program. Variables given are the slots from 2 of its frame.
  Compiled<void> main(const syntax::Expression& root);

 private:
  using Made = Compiled<const Node*>;
  struct Scope;
  /// A definition where it was met: with what its body can see.
  struct Function {
    const syntax::Definition* definition = nullptr;
    const Scope* around = nullptr;
    std::uint32_t level = 0;  ///< of the body it was met in
    Body* body = nullptr;     ///< when it is called rather than inlined
    bool of_prelude = false;
  };
  /// One name, and what was visible before it.
  struct Scope {
    enum class Kind : std::uint8_t { variable, alias, function, filter, closure, label };
    Kind kind = Kind::variable;
    std::string_view name;
    const Scope* outer = nullptr;
    std::uint32_t level = 0;         ///< variable, closure, label, filter: of the body that holds it
    std::uint32_t slot = 0;          ///< and where
    const Node* constant = nullptr;  ///< alias: what it stands for, or
    const Scope* same_as = nullptr;  ///< the variable it stands for
    Function* function = nullptr;
    const syntax::Expression* filter = nullptr;  ///< an argument that is inlined
    const Scope* filter_scope = nullptr;
    Nodes::Site filter_site;
  };
  // Expressions; `scope` is what they see.
  Made lower(const syntax::Expression& e, const Scope* scope);
  Made operands(Op op, const syntax::Expression& e, const Scope* scope);
  Made descend(std::uint32_t offset);
  Made text(const syntax::Expression& e, const Scope* scope);
  Made object(const syntax::Expression& e, const Scope* scope);
  Made branch(const syntax::Expression& e, const Scope* scope);
  Made update_with(const syntax::Expression& e, const Scope* scope);
  Made variable(const syntax::Expression& e, const Scope* scope);
  Made escape(const syntax::Expression& e, const Scope* scope);
  Made label(const syntax::Expression& e, const Scope* scope);
  Made bind(const syntax::Expression& e, const Scope* scope);
  Made loop(const syntax::Expression& e, const Scope* scope);
  Compiled<const Scope*> bindings(Node& made, const syntax::Expression& e, const Scope* scope);
  Compiled<const Binding*> binding(const syntax::Pattern& pattern, const Scope*& scope, Node& made);
  std::int32_t bind_variable(std::string_view name, const Scope*& scope, Node& made);

  // Calls.
  Made call(const syntax::Expression& e, const Scope* scope);
  Made call_filter(const Scope& filter, std::uint32_t offset);
  Made call_function(Function& function, const syntax::Expression& e, const Scope* scope);
  Made inline_function(const Function& function, const syntax::Expression& e, const Scope* scope);
  Made call_body(Function& function, const syntax::Expression& e, const Scope* scope);
  Made call_builtin(const syntax::Expression& e, const Scope* scope);
  Made special(Special which, const syntax::Expression& e, const Scope* scope);
  /// Whether what is called must not be inlined any more.
  [[nodiscard]] bool is_large() const;
  static Problem undefined(const syntax::Expression& e, const Scope* scope);
  Made call_native(const Native& native, const syntax::Expression& e, const Scope* scope);
  /// Binds an argument given for a `$name` around what `body` makes; a constant or a variable needs no slot.
  struct Bound {
    const Scope* scope = nullptr;
    Node* bind = nullptr;  ///< null: nothing to bind
  };
  Compiled<Bound> bind_argument(std::string_view name, const syntax::Expression& argument, const Scope* argument_scope,
                                const Scope* scope);
  Made close(std::vector<Node*>& binds, const Node* body);
  Compiled<Passed> pass(const syntax::Expression& argument, const Scope* scope);
  void lower_later(Body& body, const syntax::Expression& e, const Scope* scope);
  Compiled<void> lower_body(Body& body, const syntax::Expression& e, const Scope* scope);
  /// lower(), for a text that stands at `site`.
  Made lower_at(Nodes::Site site, const syntax::Expression& e, const Scope* scope);
  /// Where the body of `function` stands when it is called at `offset`.
  [[nodiscard]] Nodes::Site site_of(const Function& function, std::uint32_t offset) const;

  struct Task {
    Body* body = nullptr;
    const syntax::Expression* expression = nullptr;
    const Scope* scope = nullptr;
    Nodes::Site site;
  };

  [[nodiscard]] static const Scope* find_variable(std::string_view name, const Scope* scope);
  [[nodiscard]] static const Scope* find_function(std::string_view name, std::size_t arity, const Scope* scope);
  Scope* add(Scope::Kind kind, std::string_view name, const Scope* outer);
  std::uint32_t new_slot() { return current_->slots++; }
  Made unary(Op op, const Node* a, std::uint32_t offset);

  ProgramData& program_;
  Nodes nodes_;
  std::deque<Scope> scopes_;
  std::deque<Function> functions_;
  std::deque<Task> later_;
  std::map<std::pair<std::string_view, std::size_t>, Function*> prelude_;
  std::map<const Scope*, Body*> filter_bodies_;  ///< of filters that are called rather than inlined
  std::span<const std::string> variables_;
  Body* current_ = nullptr;
  std::uint32_t nesting_ = 0;
};

}  // namespace cairn::jq
