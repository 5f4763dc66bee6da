// Calls: of what the expression defines, of filters passed, of builtins.

#include "workflows/core/suggest.h"
#include "workflows/jq/builtins.h"
#include "workflows/jq/lowering.h"
#include "workflows/jq/prelude.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cairn::jq {

using syntax::Expression;
using syntax::Form;

/// Builtins that are neither functions of values nor jq.
enum class Special : std::uint8_t {
  empty,
  error_input,
  error,
  invert,
  path,
  getpath,
  first,
  last,
  limit,
  skip,
  descend,
  range_1,
  range_2,
  range_3,
  builtins
};

namespace {

/// Beyond these a function is called rather than inlined: the program must not grow with the product of its parts.
constexpr std::size_t k_inlined_nodes = 10'000;
constexpr std::uint32_t k_inlined_depth = 200;

struct SpecialName {
  std::string_view name;
  std::size_t arity;
  Special which;
};
constexpr SpecialName k_specials[] = {
    {"empty", 0, Special::empty},   {"error", 0, Special::error_input}, {"error", 1, Special::error},
    {"not", 0, Special::invert},    {"path", 1, Special::path},         {"getpath", 1, Special::getpath},
    {"first", 1, Special::first},   {"last", 1, Special::last},         {"limit", 2, Special::limit},
    {"skip", 2, Special::skip},     {"recurse", 0, Special::descend},   {"range", 1, Special::range_1},
    {"range", 2, Special::range_2}, {"range", 3, Special::range_3},     {"builtins", 0, Special::builtins},
};

/// jq's ways to the outside, which an expression does not have.
constexpr std::string_view k_refused[] = {
    "debug",         "env",        "get_search_list", "halt",
    "halt_error",    "input",      "input_filename",  "input_line_number",
    "inputs",        "modulemeta", "stderr",          "get_prog_origin",
    "get_jq_origin",
};

const Native* find_native(std::string_view name, std::size_t arity) {
  const auto all = natives();
  const auto found = std::lower_bound(all.begin(), all.end(), std::pair(name, arity),
                                      [](const Native& n, const std::pair<std::string_view, std::size_t>& wanted) {
                                        return std::pair(n.name, std::size_t{n.arity}) < wanted;
                                      });
  return found != all.end() && found->name == name && found->arity == arity ? &*found : nullptr;
}

Value all_builtins() {
  Array items;
  for (const auto& builtin : builtins()) {
    items.push_back(Value::string(fmt::format("{}/{}", builtin.name, builtin.parameters.size())));
  }
  return Value::array(std::move(items));
}

}  // namespace

const Lowering::Scope* Lowering::find_function(std::string_view name, std::size_t arity, const Scope* scope) {
  for (; scope != nullptr; scope = scope->outer) {
    if (scope->name != name) continue;
    if (scope->kind == Scope::Kind::function && scope->function->definition->parameters.size() == arity) return scope;
    if ((scope->kind == Scope::Kind::filter || scope->kind == Scope::Kind::closure) && arity == 0) return scope;
  }
  return nullptr;
}

Lowering::Made Lowering::call(const Expression& e, const Scope* scope) {
  const Scope* found = find_function(e.name, e.list.size(), scope);
  if (found == nullptr) return call_builtin(e, scope);
  if (found->kind == Scope::Kind::function) return call_function(*found->function, e, scope);
  if (found->kind == Scope::Kind::filter) return call_filter(*found, e.offset);
  Node* made = nodes_.make(Op::parameter, e.offset);
  made->hops = current_->level - found->level;
  made->slot = found->slot;
  return nodes_.finish(made);
}

bool Lowering::is_large() const { return nodes_.count() > k_inlined_nodes || nesting_ > k_inlined_depth; }

Lowering::Made Lowering::call_filter(const Scope& filter, std::uint32_t offset) {
  if (!is_large()) return lower_at(filter.filter_site, *filter.filter, filter.filter_scope);
  Body*& body = filter_bodies_[&filter];
  if (body == nullptr) {
    body = &program_.bodies.emplace_back();
    body->level = filter.level + 1;
    const Nodes::Site outer = nodes_.exchange_site(filter.filter_site);
    lower_later(*body, *filter.filter, filter.filter_scope);
    nodes_.exchange_site(outer);
  }
  Call* call = &program_.calls.emplace_back();
  call->body = body;
  call->hops = current_->level - filter.level;
  Node* made = nodes_.make(Op::call, offset);
  made->call = call;
  return nodes_.finish(made);
}

Lowering::Made Lowering::call_function(Function& function, const Expression& e, const Scope* scope) {
  if (function.definition->recursive || is_large()) return call_body(function, e, scope);
  return inline_function(function, e, scope);
}

Lowering::Made Lowering::inline_function(const Function& function, const Expression& e, const Scope* scope) {
  const Scope* inner = function.around;
  std::vector<Node*> binds;
  for (std::size_t i = 0; i < e.list.size(); ++i) {
    const auto& parameter = function.definition->parameters[i];
    if (parameter.is_filter) {
      Scope* filter = add(Scope::Kind::filter, parameter.name, inner);
      filter->filter = e.list[i];
      filter->filter_scope = scope;
      filter->filter_site = nodes_.site();
      inner = filter;
    }
    if (parameter.is_value) {
      CAIRN_TRY(const Bound bound, bind_argument(parameter.name, *e.list[i], scope, inner));
      inner = bound.scope;
      if (bound.bind != nullptr) binds.push_back(bound.bind);
    }
  }
  CAIRN_TRY(const Node* body, lower_at(site_of(function, e.offset), *function.definition->body, inner));
  return close(binds, body);
}

Compiled<Lowering::Bound> Lowering::bind_argument(std::string_view name, const Expression& argument,
                                                  const Scope* argument_scope, const Scope* scope) {
  CAIRN_TRY(const Node* value, lower(argument, argument_scope));
  if (value->op == Op::constant) {
    Scope* alias = add(Scope::Kind::alias, name, scope);
    alias->constant = value;
    return Bound{alias, nullptr};
  }
  if (argument.form == Form::variable) {
    const Scope* variable = find_variable(argument.name, argument_scope);
    if (variable->kind == Scope::Kind::alias) variable = variable->same_as;
    Scope* alias = add(Scope::Kind::alias, name, scope);
    alias->same_as = variable;
    return Bound{alias, nullptr};
  }
  Scope* variable = add(Scope::Kind::variable, name, scope);
  variable->slot = new_slot();
  Binding* binding = &program_.bindings.emplace_back();
  binding->slot = static_cast<std::int32_t>(variable->slot);
  Node* bind = nodes_.make(Op::bind, argument.offset);
  bind->a = value;
  bind->bindings = {binding};
  bind->slots = {variable->slot};
  return Bound{variable, bind};
}

Lowering::Made Lowering::close(std::vector<Node*>& binds, const Node* body) {
  while (!binds.empty()) {
    binds.back()->b = body;
    CAIRN_TRY(body, nodes_.finish(binds.back()));
    binds.pop_back();
  }
  return body;
}

Lowering::Made Lowering::call_body(Function& function, const Expression& e, const Scope* scope) {
  const auto& parameters = function.definition->parameters;
  if (function.body == nullptr) {
    Body* body = &program_.bodies.emplace_back();
    body->level = function.level + 1;
    const Scope* inner = function.around;
    std::uint32_t closures = 0;
    for (const auto& parameter : parameters) {
      if (parameter.is_filter) {
        Scope* closure = add(Scope::Kind::closure, parameter.name, inner);
        closure->level = body->level;
        closure->slot = closures++;
        inner = closure;
      }
      if (parameter.is_value) {
        Scope* variable = add(Scope::Kind::variable, parameter.name, inner);
        variable->level = body->level;
        variable->slot = body->slots++;
        ++body->parameters;
        inner = variable;
      }
    }
    function.body = body;
    const Nodes::Site outer = nodes_.exchange_site(site_of(function, e.offset));
    lower_later(*body, *function.definition->body, inner);
    nodes_.exchange_site(outer);
  }
  Call* call = &program_.calls.emplace_back();
  call->body = function.body;
  call->hops = current_->level - function.level;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].is_filter) {
      CAIRN_TRY(const Passed passed, pass(*e.list[i], scope));
      call->closures.push_back(passed);
    }
    if (parameters[i].is_value) {
      CAIRN_TRY(const Node* value, lower(*e.list[i], scope));
      call->values.push_back(value);
    }
  }
  Node* made = nodes_.make(Op::call, e.offset);
  made->call = call;
  return nodes_.finish(made);
}

Compiled<Passed> Lowering::pass(const Expression& argument, const Scope* scope) {
  if (argument.form == Form::call && argument.list.empty()) {
    const Scope* found = find_function(argument.name, 0, scope);
    if (found != nullptr && found->kind == Scope::Kind::filter) {
      const Nodes::Site outer = nodes_.exchange_site(found->filter_site);
      auto passed = pass(*found->filter, found->filter_scope);
      nodes_.exchange_site(outer);
      return passed;
    }
    if (found != nullptr && found->kind == Scope::Kind::closure) {
      return Passed{nullptr, current_->level - found->level, found->slot};
    }
  }
  Body* body = &program_.bodies.emplace_back();
  body->level = current_->level + 1;
  lower_later(*body, argument, scope);
  return Passed{body, 0, 0};
}

Lowering::Made Lowering::call_builtin(const Expression& e, const Scope* scope) {
  const std::size_t arity = e.list.size();
  for (const auto& special : k_specials) {
    if (special.name == e.name && special.arity == arity) return this->special(special.which, e, scope);
  }
  if (const auto* definition = find_in_prelude(e.name, arity); definition != nullptr) {
    Function*& function = prelude_[{definition->name, arity}];
    if (function == nullptr) {
      function = &functions_.emplace_back();
      Scope* around = add(Scope::Kind::function, definition->name, nullptr);
      around->function = function;
      *function = {definition, around, 0, nullptr, true};
    }
    return call_function(*function, e, scope);
  }
  if (const Native* native = find_native(e.name, arity); native != nullptr) return call_native(*native, e, scope);
  if (std::find(std::begin(k_refused), std::end(k_refused), e.name) != std::end(k_refused)) {
    return Problem{
        fmt::format("{}/{} is not available: an expression sees its input and its variables only", e.name, arity),
        e.offset};
  }
  return undefined(e, scope);
}

/// What is defined under that name, or under one that is near.
Problem Lowering::undefined(const Expression& e, const Scope* scope) {
  std::vector<std::string> same;
  std::vector<std::string_view> names;
  const auto look_at = [&](std::string_view name, std::size_t arity) {
    names.push_back(name);
    if (name == e.name) same.push_back(fmt::format("{}/{}", name, arity));
  };
  for (; scope != nullptr; scope = scope->outer) {
    if (scope->kind == Scope::Kind::function) {
      look_at(scope->name, scope->function->definition->parameters.size());
    } else if (scope->kind == Scope::Kind::filter || scope->kind == Scope::Kind::closure) {
      look_at(scope->name, 0);
    }
  }
  const auto all = builtins();
  for (const auto& builtin : all) look_at(builtin.name, builtin.parameters.size());
  std::string message = fmt::format("{}/{} is not defined", e.name, e.list.size());
  if (!same.empty()) {
    message += fmt::format("; there is {}", fmt::join(same, ", "));
  } else if (const std::string near = did_you_mean(e.name, names); !near.empty()) {
    message += "; " + near;
  }
  return {std::move(message), e.offset};
}

Lowering::Made Lowering::call_native(const Native& native, const Expression& e, const Scope* scope) {
  Node* made = nodes_.make(Op::native, e.offset);
  made->native = &native;
  for (const auto* argument : e.list) {
    CAIRN_TRY(const Node* value, lower(*argument, scope));
    made->list.push_back(value);
  }
  return nodes_.finish(made);
}

Lowering::Made Lowering::special(Special which, const Expression& e, const Scope* scope) {
  const auto operand = [&](Op op) -> Made {
    CAIRN_TRY(const Node* a, lower(*e.list[0], scope));
    return unary(op, a, e.offset);
  };
  const auto on_input = [&](Op op) -> Made {
    CAIRN_TRY(const Node* input, nodes_.finish(nodes_.make(Op::identity, e.offset)));
    return unary(op, input, e.offset);
  };
  switch (which) {
    case Special::empty: return nodes_.finish(nodes_.make(Op::empty, e.offset));
    case Special::error_input: return on_input(Op::raise);
    case Special::error: return operand(Op::raise);
    case Special::invert: return on_input(Op::invert);
    case Special::path: return operand(Op::path);
    case Special::getpath: return operand(Op::getpath);
    case Special::first: return operand(Op::first);
    case Special::last: return operand(Op::last);
    case Special::limit:
    case Special::skip: {
      CAIRN_TRY(const Bound bound, bind_argument("", *e.list[0], scope, scope));
      Node* made = nodes_.make(which == Special::limit ? Op::limit : Op::skip, e.offset);
      CAIRN_TRY(made->a, lower(*e.list[1], scope));
      Expression count;
      count.form = Form::variable;
      count.offset = e.offset;
      CAIRN_TRY(made->b, lower(count, bound.scope));
      CAIRN_TRY(const Node* finished, nodes_.finish(made));
      std::vector<Node*> binds;
      if (bound.bind != nullptr) binds.push_back(bound.bind);
      return close(binds, finished);
    }
    case Special::range_1:
    case Special::range_2:
    case Special::range_3: {
      Node* made = nodes_.make(Op::range, e.offset);
      if (which == Special::range_1) made->list.push_back(nodes_.constant(Value::integer(0), e.offset));
      for (const auto* argument : e.list) {
        CAIRN_TRY(const Node* value, lower(*argument, scope));
        made->list.push_back(value);
      }
      if (which != Special::range_3) made->list.push_back(nodes_.constant(Value::integer(1), e.offset));
      return nodes_.finish(made);
    }
    case Special::descend: return descend(e.offset);
    case Special::builtins: break;
  }
  static const Value all = all_builtins();
  return nodes_.constant(all, e.offset);
}

}  // namespace cairn::jq
