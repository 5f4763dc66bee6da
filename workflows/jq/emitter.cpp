#include "workflows/jq/emitter.h"

#include <utility>

namespace cairn::jq {

Routine Emitter::run(const Body& body) {
  tail(*body.root, 0);
  routine_.slots = next_;
  return std::move(routine_);
}

std::size_t Emitter::emit(Code code, Slot a, Slot b, Slot c, const Node* node) {
  routine_.code.push_back({code, a, b, c, 0, at_, node});
  return routine_.code.size() - 1;
}

const Node* Emitter::slot_node(Slot slot) {
  Node* made = &program_.nodes.emplace_back();
  made->op = Op::variable;
  made->slot = slot;
  made->direct = made->direct_path = true;
  return made;
}

const Node* Emitter::constant(Value value) { return Nodes(program_).constant(std::move(value), 0); }

// ---- where results go
// --------------------------------------------------------------------------------------------------

Emitter::Slot Emitter::result(const Node& node, Slot in) {
  if (node.op == Op::identity) return in;
  if (!paths_ && node.op == Op::variable && node.hops == 0) return node.slot;
  if (node.op == Op::pipe && !node.direct) {
    for (const Node* part : node.list) in = result(*part, in);
    return in;
  }
  const Slot out = fresh_result();
  into(node, in, out);
  return out;
}

Emitter::Slot Emitter::value(const Node& node, Slot in) {
  const bool paths = std::exchange(paths_, false);
  const Slot out = result(node, in);
  paths_ = paths;
  return out;
}

void Emitter::value_into(const Node& node, Slot in, Slot out) {
  const bool paths = std::exchange(paths_, false);
  into(node, in, out);
  paths_ = paths;
}

void Emitter::into(const Node& node, Slot in, Slot out) {
  const std::uint32_t outer = std::exchange(at_, node.offset);
  into_parts(node, in, out);
  at_ = outer;
}

void Emitter::into_parts(const Node& node, Slot in, Slot out) {
  if (node.direct && !paths_) {
    emit(Code::evaluate, out, in, 0, &node);
    return;
  }
  if (node.direct && node.direct_path) {
    emit(Code::evaluate_path, out, in, 0, &node);
    return;
  }
  switch (node.op) {
    case Op::pipe: {
      for (std::size_t i = 0; i + 1 < node.list.size(); ++i) in = result(*node.list[i], in);
      into(*node.list.back(), in, out);
      return;
    }
    case Op::each: {
      const Slot from = result(*node.a, in);
      emit(paths_ ? Code::each_path : Code::each, out, from, 0, &node);
      return;
    }
    case Op::index:
    case Op::slice:
    case Op::getpath:
      if (paths_) {
        path_step(node, in, out);
      } else {
        construct(node, in, out);
      }
      return;
    case Op::descend: into(*node.a, in, out); return;
    case Op::comma: comma(node, in, out); return;
    case Op::branch: branch(node, in, out); return;
    case Op::alternative: alternative(node, in, out); return;
    case Op::attempt: attempt(node, in, out); return;
    case Op::bind: {
      const std::int64_t handler = bind(node, in);
      into(*node.b, in, out);
      leave(handler);
      return;
    }
    case Op::reduce: reduce(node, in, out); return;
    case Op::foreach: foreach (node, in, out); return;
    case Op::label:
      emit(Code::mark, node.slot);
      into(*node.a, in, out);
      return;
    case Op::escape: emit(Code::escape, 0, 0, 0, &node); return;
    case Op::call:
    case Op::parameter: call(node, in, out, false); return;
    case Op::first: {
      const Slot height = fresh();
      emit(Code::mark, height);
      into(*node.a, in, out);
      emit(Code::cut, height);
      return;
    }
    case Op::last: last(node, in, out); return;
    case Op::limit:
    case Op::skip: limit(node, in, out); return;
    case Op::raise: construct(node, in, out); return;
    default: break;
  }
  if (paths_) {
    value_into(node, in, out);
    emit(Code::computed, out, in);
    return;
  }
  switch (node.op) {
    case Op::collect: collect(node, in, out); return;
    case Op::both:
    case Op::either: logic(node, in, out); return;
    case Op::range: range(node, in, out); return;
    case Op::path: path(node, in, out); return;
    case Op::assign: assign(node, in, out); return;
    case Op::update: update(node, in, out); return;
    default: construct(node, in, out); return;
  }
}

void Emitter::tail(const Node& node, Slot in) {
  at_ = node.offset;
  const auto give = [&](Slot slot) { emit(paths_ ? Code::give_path : Code::give, 0, slot); };
  const bool evaluated = paths_ ? node.direct && node.direct_path : node.direct;
  if (!evaluated) {
    switch (node.op) {
      case Op::pipe: {
        for (std::size_t i = 0; i + 1 < node.list.size(); ++i) in = result(*node.list[i], in);
        tail(*node.list.back(), in);
        return;
      }
      case Op::comma: {
        for (std::size_t i = 0; i + 1 < node.list.size(); ++i) {
          const std::size_t fork = emit(Code::fork);
          tail(*node.list[i], in);
          land(fork);
        }
        tail(*node.list.back(), in);
        return;
      }
      case Op::branch: {
        std::size_t jump = 0;
        condition(*node.a, in, jump);
        tail(*node.b, in);
        land(jump);
        tail(*node.c, in);
        return;
      }
      case Op::bind:
        if (node.bindings.size() > 1) break;
        bind(node, in);
        tail(*node.b, in);
        return;
      case Op::label:
        emit(Code::mark, node.slot);
        tail(*node.a, in);
        return;
      case Op::alternative: tail_alternative(node, in); return;
      case Op::descend: tail(*node.a, in); return;
      case Op::call:
      case Op::parameter: {
        const Slot out = fresh_result();
        call(node, in, out, true);
        give(out);
        return;
      }
      default: break;
    }
  }
  give(result(node, in));
}

void Emitter::tail_alternative(const Node& node, Slot in) {
  const Slot flag = fresh();
  const std::size_t otherwise = emit(Code::alternative, flag);
  const Slot out = result(*node.a, in);
  emit(Code::found, flag, out);
  emit(paths_ ? Code::give_path : Code::give, 0, out);
  land(otherwise);
  tail(*node.b, in);
}

void Emitter::call(const Node& node, Slot in, Slot out, bool is_tail) {
  if (node.op == Op::parameter) {
    emit(is_tail ? (paths_ ? Code::tail_parameter_path : Code::tail_parameter)
                 : (paths_ ? Code::parameter_path : Code::parameter),
         out, in, 0, &node);
    return;
  }
  const Slot values = next_;
  next_ += static_cast<Slot>(node.call->values.size());
  for (std::size_t i = 0; i < node.call->values.size(); ++i) {
    value_into(*node.call->values[i], in, values + static_cast<Slot>(i));
  }
  needs_.push_back({node.call->body, paths_});
  for (const auto& passed : node.call->closures) {
    if (passed.body == nullptr) continue;
    needs_.push_back({passed.body, false});
    needs_.push_back({passed.body, true});
  }
  emit(is_tail ? (paths_ ? Code::tail_call_path : Code::tail_call) : (paths_ ? Code::call_path : Code::call), out, in,
       values, &node);
}

// ---- operands
// ----------------------------------------------------------------------------------------------------------

namespace {

/// The operands of a node that computes one value of others, in the order in which jq evaluates them: the first is the
/// slowest when they are generators.
std::vector<const Node**> operands_of(Node& node) {
  std::vector<const Node**> operands;
  switch (node.op) {
    case Op::slice: operands = {&node.b, &node.c, &node.a}; break;
    case Op::object:
      for (auto& part : node.list) operands.push_back(&part);
      break;
    case Op::text:
    case Op::native:
      for (auto part = node.list.rbegin(); part != node.list.rend(); ++part) operands.push_back(&*part);
      break;
    default: operands = {&node.b, &node.a}; break;
  }
  std::erase_if(operands, [](const Node** operand) { return *operand == nullptr; });
  return operands;
}

}  // namespace

const Node* Emitter::lift(const Node& node, Slot in) {
  Node* made = &program_.nodes.emplace_back(node);
  made->direct = true;
  const auto operands = operands_of(*made);
  std::size_t lifted = 0;  // the operands before go into slots; what comes later may be evaluated once all is known
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (!(*operands[i])->direct) lifted = i + 1;
  }
  for (std::size_t i = 0; i < lifted; ++i) {
    const Node& operand = **operands[i];
    if (operand.op == Op::constant || operand.op == Op::variable || operand.op == Op::identity) continue;
    if (i + 1 == lifted && computes(operand) && !operand.direct) {
      *operands[i] = lift(operand, in);
    } else {
      const Slot slot = value(operand, in);
      *operands[i] = slot_node(slot);
    }
  }
  return made;
}

void Emitter::construct(const Node& node, Slot in, Slot out) { emit(Code::evaluate, out, in, 0, lift(node, in)); }

void Emitter::path_step(const Node& node, Slot in, Slot out) {
  if (node.op == Op::getpath) {
    const Slot path = value(*node.a, in);
    emit(Code::getpath_path, out, in, path);
    return;
  }
  Slot key = 0;
  if (node.op == Op::index) {
    key = value(*node.b, in);
  } else {
    Node* bounds = &program_.nodes.emplace_back();
    bounds->op = Op::object;
    const auto bound = [&](const char* name, const Node* operand) {
      bounds->list.push_back(constant(Value::string(name)));
      bounds->list.push_back(operand == nullptr ? constant(Value()) : operand);
    };
    bound("start", node.b);
    bound("end", node.c);
    key = fresh();
    emit(Code::evaluate, key, in, 0, lift(*bounds, in));
  }
  const Slot from = result(*node.a, in);
  emit(Code::index_path, out, from, key, &node);
}

// ---- bindings
// ----------------------------------------------------------------------------------------------------------

std::int64_t Emitter::bind(const Node& node, Slot in) {
  const Binding& only = *node.bindings[0];
  if (node.bindings.size() == 1 && only.kind == syntax::Pattern::Kind::variable) {
    value_into(*node.a, in, static_cast<Slot>(only.slot));
    return -1;
  }
  const Slot source = value(*node.a, in);
  if (node.bindings.size() == 1) {
    destructure(only, source);
    return -1;
  }
  const Slot handler = fresh();
  const Slot error = fresh();
  std::vector<std::size_t> bound;
  for (std::size_t i = 0; i < node.bindings.size(); ++i) {
    const bool is_last = i + 1 == node.bindings.size();
    std::size_t attempt = 0;
    if (is_last) {
      emit(Code::evaluate, handler, in, 0, constant(Value()));
    } else {
      attempt = emit(Code::attempt, handler, error);
    }
    emit(Code::clear, 0, 0, 0, &node);
    destructure(*node.bindings[i], source);
    if (is_last) break;
    bound.push_back(emit(Code::jump));
    land(attempt);
  }
  for (const std::size_t jump : bound) land(jump);
  return handler;
}

void Emitter::leave(std::int64_t handler) {
  if (handler >= 0) emit(Code::leave, static_cast<Slot>(handler));
}

void Emitter::destructure(const Binding& binding, Slot source) {
  const auto part_into = [&](const Node* key, Slot out) {
    Node* part = &program_.nodes.emplace_back();
    part->op = Op::index;
    part->a = slot_node(source);
    part->b = key;
    part->direct = true;
    emit(Code::evaluate, out, source, 0, part);
  };
  if (binding.kind == syntax::Pattern::Kind::variable) {
    emit(Code::copy, static_cast<Slot>(binding.slot), source);
    return;
  }
  for (std::size_t i = 0; i < binding.elements.size(); ++i) {
    const Binding& element = *binding.elements[i];
    const bool plain = element.kind == syntax::Pattern::Kind::variable;
    const Slot part = plain ? static_cast<Slot>(element.slot) : fresh();
    part_into(constant(Value::integer(static_cast<std::int64_t>(i))), part);
    if (!plain) destructure(element, part);
  }
  for (const auto& entry : binding.entries) {
    const Node* key = entry.key->op == Op::constant ? entry.key : slot_node(value(*entry.key, source));
    const Slot part = entry.slot >= 0 ? static_cast<Slot>(entry.slot) : fresh();
    part_into(key, part);
    if (entry.inner != nullptr) destructure(*entry.inner, part);
  }
}

// ---- all routines
// ------------------------------------------------------------------------------------------------------

void emit_all(ProgramData& program) {
  std::vector<Emitter::Need> needs = {{&program.bodies.front(), false}};
  while (!needs.empty()) {
    const Emitter::Need need = needs.back();
    needs.pop_back();
    Routine& routine = need.paths ? need.body->for_paths : need.body->for_values;
    if (routine.compiled()) continue;
    routine = Emitter(program, *need.body, need.paths, needs).run(*need.body);
  }
}

}  // namespace cairn::jq
