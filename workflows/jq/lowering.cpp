#include "workflows/jq/lowering.h"

#include <fmt/format.h>

namespace cairn::jq {

using syntax::Expression;
using syntax::Form;

Lowering::Lowering(ProgramData& program, std::span<const std::string> variables)
    : program_(program), nodes_(program), variables_(variables) {}

Compiled<void> Lowering::main(const Expression& root) {
  program_.used.assign(variables_.size(), false);
  Body& body = program_.bodies.emplace_back();
  const Scope* scope = nullptr;
  for (const auto& name : variables_) {
    Scope* variable = add(Scope::Kind::variable, name, scope);
    variable->slot = body.slots++;
    scope = variable;
  }
  body.parameters = static_cast<std::uint32_t>(variables_.size());
  CAIRN_TRY(lower_body(body, root, scope));
  while (!later_.empty()) {
    const Task task = later_.front();
    later_.pop_front();
    nodes_.exchange_site(task.site);
    CAIRN_TRY(lower_body(*task.body, *task.expression, task.scope));
  }
  return success();
}

void Lowering::lower_later(Body& body, const Expression& e, const Scope* scope) {
  later_.push_back({&body, &e, scope, nodes_.site()});
}

Compiled<void> Lowering::lower_body(Body& body, const Expression& e, const Scope* scope) {
  Body* const outer = std::exchange(current_, &body);
  auto root = lower(e, scope);
  current_ = outer;
  if (!root) return std::move(root).error();
  body.root = root.value();
  return success();
}

Lowering::Made Lowering::lower_at(Nodes::Site site, const Expression& e, const Scope* scope) {
  const Nodes::Site outer = nodes_.exchange_site(site);
  auto made = lower(e, scope);
  nodes_.exchange_site(outer);
  return made;
}

Nodes::Site Lowering::site_of(const Function& function, std::uint32_t offset) const {
  if (!function.of_prelude) return std::nullopt;
  return nodes_.site().value_or(offset);
}

Lowering::Scope* Lowering::add(Scope::Kind kind, std::string_view name, const Scope* outer) {
  Scope* made = &scopes_.emplace_back();
  made->kind = kind;
  made->name = name;
  made->outer = outer;
  made->level = current_ == nullptr ? 0 : current_->level;
  return made;
}

Lowering::Made Lowering::unary(Op op, const Node* a, std::uint32_t offset) {
  Node* made = nodes_.make(op, offset);
  made->a = a;
  return nodes_.finish(made);
}

Lowering::Made Lowering::lower(const Expression& e, const Scope* scope) {
  struct Depth {
    std::uint32_t& value;
    explicit Depth(std::uint32_t& v) : value(v) { ++value; }
    ~Depth() { --value; }
  } depth(nesting_);
  if (nesting_ > syntax::k_depth) return Problem{"the expression nests too deeply", e.offset};

  switch (e.form) {
    case Form::identity: return nodes_.finish(nodes_.make(Op::identity, e.offset));
    case Form::literal:
    case Form::location: return nodes_.constant(e.value, e.offset);
    case Form::descent: return descend(e.offset);
    case Form::text: return text(e, scope);
    case Form::format: {
      Node* made = nodes_.make(Op::format, e.offset);
      made->value = Value::string(e.name);
      return nodes_.finish(made);
    }
    case Form::index: return operands(Op::index, e, scope);
    case Form::slice: return operands(Op::slice, e, scope);
    case Form::each: return operands(Op::each, e, scope);
    case Form::array:
      if (e.a == nullptr) return nodes_.constant(Value::array({}), e.offset);
      return operands(Op::collect, e, scope);
    case Form::object: return object(e, scope);
    case Form::negate: return operands(Op::negate, e, scope);
    case Form::pipe: return operands(Op::pipe, e, scope);
    case Form::comma: return operands(Op::comma, e, scope);
    case Form::binary: return operands(e.op >= syntax::Operator::equal ? Op::compare : Op::arithmetic, e, scope);
    case Form::both: return operands(Op::both, e, scope);
    case Form::either: return operands(Op::either, e, scope);
    case Form::alternative: return operands(Op::alternative, e, scope);
    case Form::assign: return operands(Op::assign, e, scope);
    case Form::update: return operands(Op::update, e, scope);
    case Form::update_with:
    case Form::update_missing: return update_with(e, scope);
    case Form::branch: return branch(e, scope);
    case Form::attempt: return operands(Op::attempt, e, scope);
    case Form::reduce:
    case Form::foreach: return loop(e, scope);
    case Form::bind: return bind(e, scope);
    case Form::label: return label(e, scope);
    case Form::escape: return escape(e, scope);
    case Form::define: {
      Function* function = &functions_.emplace_back();
      Scope* inner = add(Scope::Kind::function, e.definition->name, scope);
      inner->function = function;
      *function = {e.definition, inner, current_->level, nullptr};
      return lower(*e.a, inner);
    }
    case Form::call: return call(e, scope);
    case Form::variable: return variable(e, scope);
  }
  return Problem{"unknown form", e.offset};
}

Lowering::Made Lowering::descend(std::uint32_t offset) {
  Expression call;
  call.form = Form::call;
  call.name = "_descend";
  call.offset = offset;
  CAIRN_TRY(const Node* calls, call_builtin(call, nullptr));
  return unary(Op::descend, calls, offset);
}

Lowering::Made Lowering::operands(Op op, const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(op, e.offset);
  made->oper = e.op;
  made->optional = e.optional;
  if (e.a != nullptr) {
    CAIRN_TRY(made->a, lower(*e.a, scope));
  }
  if (e.b != nullptr) {
    CAIRN_TRY(made->b, lower(*e.b, scope));
  }
  if (e.c != nullptr) {
    CAIRN_TRY(made->c, lower(*e.c, scope));
  }
  for (const auto* part : e.list) {
    CAIRN_TRY(const Node* lowered, lower(*part, scope));
    made->list.push_back(lowered);
  }
  return nodes_.finish(made);
}

Lowering::Made Lowering::text(const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(Op::text, e.offset);
  made->value = Value::string(e.name.empty() ? "text" : e.name);
  for (std::size_t i = 0; i < e.list.size(); ++i) {
    const bool is_literal = i % 2 == 0;
    if (is_literal && e.list[i]->value.as_string().empty()) continue;
    CAIRN_TRY(const Node* part, lower(*e.list[i], scope));
    if (!is_literal) {
      Node* formatted = nodes_.make(Op::format, e.list[i]->offset);
      formatted->value = made->value;
      formatted->a = part;
      CAIRN_TRY(part, nodes_.finish(formatted));
    }
    made->list.push_back(part);
  }
  return nodes_.finish(made);
}

Lowering::Made Lowering::object(const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(Op::object, e.offset);
  for (std::size_t i = 0; i < e.list.size(); ++i) {
    CAIRN_TRY(const Node* part, lower(*e.list[i], scope));
    if (i % 2 == 0 && part->op == Op::constant && !part->value.is_string()) {
      return Problem{fmt::format("Cannot use {} as object key", part->value.type_name()), e.list[i]->offset};
    }
    made->list.push_back(part);
  }
  return nodes_.finish(made);
}

Lowering::Made Lowering::branch(const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(Op::branch, e.offset);
  CAIRN_TRY(made->a, lower(*e.a, scope));
  CAIRN_TRY(made->b, lower(*e.b, scope));
  if (e.c != nullptr) {
    CAIRN_TRY(made->c, lower(*e.c, scope));
  } else {
    CAIRN_TRY(made->c, nodes_.finish(nodes_.make(Op::identity, e.offset)));
  }
  return nodes_.finish(made);
}

/// `a += b` is `b as $x | a |= . + $x`, with b on the whole input; `a //= b` likewise.
Lowering::Made Lowering::update_with(const Expression& e, const Scope* scope) {
  CAIRN_TRY(const Node* right, lower(*e.b, scope));
  Node* bind = nullptr;
  const Node* operand = right;
  if (right->op != Op::constant) {
    bind = nodes_.make(Op::bind, e.offset);
    bind->a = right;
    Binding* binding = &program_.bindings.emplace_back();
    const std::uint32_t slot = new_slot();
    binding->slot = static_cast<std::int32_t>(slot);
    bind->bindings = {binding};
    bind->slots = {slot};
    Node* reference = nodes_.make(Op::variable, e.offset);
    reference->slot = slot;
    CAIRN_TRY(operand, nodes_.finish(reference));
  }
  Node* combined = nodes_.make(e.form == Form::update_missing ? Op::alternative : Op::arithmetic, e.offset);
  combined->oper = e.op;
  CAIRN_TRY(combined->a, nodes_.finish(nodes_.make(Op::identity, e.offset)));
  combined->b = operand;
  Node* update = nodes_.make(Op::update, e.offset);
  CAIRN_TRY(update->a, lower(*e.a, scope));
  CAIRN_TRY(update->b, nodes_.finish(combined));
  CAIRN_TRY(const Node* made, nodes_.finish(update));
  if (bind == nullptr) return made;
  bind->b = made;
  return nodes_.finish(bind);
}

// ---- variables and labels
// ----------------------------------------------------------------------------------------------

const Lowering::Scope* Lowering::find_variable(std::string_view name, const Scope* scope) {
  for (; scope != nullptr; scope = scope->outer) {
    if ((scope->kind == Scope::Kind::variable || scope->kind == Scope::Kind::alias) && scope->name == name)
      return scope;
  }
  return nullptr;
}

Lowering::Made Lowering::variable(const Expression& e, const Scope* scope) {
  const Scope* found = find_variable(e.name, scope);
  if (found == nullptr && e.name == "ENV") {
    return Problem{"$ENV is not available: an expression sees its input and its variables only", e.offset};
  }
  if (found == nullptr) return Problem{fmt::format("${} is not defined", e.name), e.offset, true};
  if (found->kind == Scope::Kind::alias) {
    if (found->constant != nullptr) return found->constant;
    found = found->same_as;
  }
  if (found->level == 0 && found->slot - 2 < variables_.size()) program_.used[found->slot - 2] = true;
  Node* made = nodes_.make(Op::variable, e.offset);
  made->hops = current_->level - found->level;
  made->slot = found->slot;
  return nodes_.finish(made);
}

Lowering::Made Lowering::label(const Expression& e, const Scope* scope) {
  Scope* inner = add(Scope::Kind::label, e.name, scope);
  inner->slot = new_slot();
  Node* made = nodes_.make(Op::label, e.offset);
  made->slot = inner->slot;
  CAIRN_TRY(made->a, lower(*e.a, inner));
  return nodes_.finish(made);
}

Lowering::Made Lowering::escape(const Expression& e, const Scope* scope) {
  for (; scope != nullptr; scope = scope->outer) {
    if (scope->kind == Scope::Kind::label && scope->name == e.name) break;
  }
  if (scope == nullptr) return Problem{fmt::format("break: there is no label ${} around", e.name), e.offset};
  Node* made = nodes_.make(Op::escape, e.offset);
  made->hops = current_->level - scope->level;
  made->slot = scope->slot;
  return nodes_.finish(made);
}

// ---- bindings
// ----------------------------------------------------------------------------------------------------------

std::int32_t Lowering::bind_variable(std::string_view name, const Scope*& scope, Node& made) {
  for (const Scope* s = scope; s != nullptr; s = s->outer) {  // another alternative, or earlier in this one, has it
    if (s->kind != Scope::Kind::variable || s->name != name || s->level != current_->level) continue;
    for (const std::uint32_t slot : made.slots) {
      if (slot == s->slot) return static_cast<std::int32_t>(slot);
    }
  }
  Scope* variable = add(Scope::Kind::variable, name, scope);
  variable->slot = new_slot();
  made.slots.push_back(variable->slot);
  scope = variable;
  return static_cast<std::int32_t>(variable->slot);
}

Compiled<const Binding*> Lowering::binding(const syntax::Pattern& pattern, const Scope*& scope, Node& made) {
  Binding* binding = &program_.bindings.emplace_back();
  binding->kind = pattern.kind;
  if (pattern.kind == syntax::Pattern::Kind::variable) binding->slot = bind_variable(pattern.variable, scope, made);
  for (const auto* element : pattern.elements) {
    CAIRN_TRY(const Binding* inner, this->binding(*element, scope, made));
    binding->elements.push_back(inner);
  }
  for (const auto& entry : pattern.entries) {
    Binding::Entry lowered;
    CAIRN_TRY(lowered.key, lower(*entry.key, scope));
    if (lowered.key->op == Op::constant && !lowered.key->value.is_string()) {
      return Problem{fmt::format("Cannot use {} as object key", lowered.key->value.type_name()), entry.key->offset};
    }
    if (!entry.variable.empty()) lowered.slot = bind_variable(entry.variable, scope, made);
    if (entry.inner != nullptr) {
      CAIRN_TRY(lowered.inner, this->binding(*entry.inner, scope, made));
    }
    binding->entries.push_back(lowered);
  }
  return binding;
}

Compiled<const Lowering::Scope*> Lowering::bindings(Node& made, const Expression& e, const Scope* scope) {
  for (const auto* pattern : e.patterns) {
    CAIRN_TRY(const Binding* lowered, binding(*pattern, scope, made));
    made.bindings.push_back(lowered);
  }
  return scope;
}

Lowering::Made Lowering::bind(const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(Op::bind, e.offset);
  CAIRN_TRY(made->a, lower(*e.a, scope));
  CAIRN_TRY(const Scope* inner, bindings(*made, e, scope));
  CAIRN_TRY(made->b, lower(*e.b, inner));
  return nodes_.finish(made);
}

Lowering::Made Lowering::loop(const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(e.form == Form::reduce ? Op::reduce : Op::foreach, e.offset);
  CAIRN_TRY(made->a, lower(*e.a, scope));
  CAIRN_TRY(made->b, lower(*e.b, scope));
  CAIRN_TRY(const Scope* inner, bindings(*made, e, scope));
  CAIRN_TRY(made->c, lower(*e.c, inner));
  if (e.d != nullptr) {
    CAIRN_TRY(made->d, lower(*e.d, inner));
  }
  return nodes_.finish(made);
}

}  // namespace cairn::jq
