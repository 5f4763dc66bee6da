// Code for what is neither a step nor a computation: choices, loops, assignments.

#include "workflows/jq/emitter.h"

namespace cairn::jq {

void Emitter::comma(const Node& node, Slot in, Slot out) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < node.list.size(); ++i) {
    const bool is_last = i + 1 == node.list.size();
    const std::size_t fork = is_last ? 0 : emit(Code::fork);
    into(*node.list[i], in, out);
    if (is_last) break;
    ends.push_back(emit(Code::jump));
    land(fork);
  }
  for (const std::size_t end : ends) land(end);
}

/// Goes on behind when true; `jump` is where to land when not.
void Emitter::condition(const Node& node, Slot in, std::size_t& jump) {
  if (node.direct) {
    jump = emit(Code::test, 0, in, 0, &node);
  } else {
    jump = emit(Code::test_slot, 0, value(node, in));
  }
}

void Emitter::branch(const Node& node, Slot in, Slot out) {
  std::size_t otherwise = 0;
  condition(*node.a, in, otherwise);
  into(*node.b, in, out);
  const std::size_t end = emit(Code::jump);
  land(otherwise);
  into(*node.c, in, out);
  land(end);
}

void Emitter::logic(const Node& node, Slot in, Slot out) {
  const auto truth = [&](bool value) { emit(Code::evaluate, out, in, 0, constant(Value::boolean(value))); };
  const bool both = node.op == Op::both;
  std::size_t first_false = 0;
  std::size_t second_false = 0;
  condition(*node.a, in, first_false);
  std::size_t end_true = 0;
  std::size_t end_false = 0;
  if (both) {
    condition(*node.b, in, second_false);
    truth(true);
    end_true = emit(Code::jump);
    land(first_false);
    land(second_false);
    truth(false);
  } else {
    truth(true);
    end_true = emit(Code::jump);
    land(first_false);
    condition(*node.b, in, second_false);
    truth(true);
    end_false = emit(Code::jump);
    land(second_false);
    truth(false);
    land(end_false);
  }
  land(end_true);
}

void Emitter::alternative(const Node& node, Slot in, Slot out) {
  const Slot flag = fresh();
  const std::size_t otherwise = emit(Code::alternative, flag);
  into(*node.a, in, out);
  emit(Code::found, flag, out);
  const std::size_t end = emit(Code::jump);
  land(otherwise);
  into(*node.b, in, out);
  land(end);
}

void Emitter::attempt(const Node& node, Slot in, Slot out) {
  const Slot handler = fresh();
  const Slot error = fresh_result();
  const std::size_t caught = emit(Code::attempt, handler, error);
  into(*node.a, in, out);
  emit(Code::leave, handler);
  const std::size_t end = emit(Code::jump);
  land(caught);
  if (node.b == nullptr) {
    emit(Code::back);
  } else {
    if (paths_) emit(Code::no_path, error);
    into(*node.b, error, out);
  }
  land(end);
}

/// The state in `slot` becomes the next one.
void Emitter::update_state(const Node& node, Slot slot) {
  if (node.direct && !paths_) {
    emit(Code::consume, slot, 0, 0, &node);
    return;
  }
  const Slot state = fresh_result();
  emit(Code::take, state, slot);
  if (paths_) {
    emit(Code::copy, state + 1, slot + 1);
    emit(Code::copy_path, slot, result(node, state));
  } else {
    const Slot height = fresh();
    emit(Code::mark, height);
    next_state(node, state, slot, height);
  }
}

void Emitter::next_state(const Node& node, Slot state, Slot out, Slot height) {
  const auto consume = [&](const Node* direct) {
    const Slot owned = fresh();
    emit(Code::take_last, owned, state, height);
    emit(Code::consume, owned, 0, 0, direct);
    emit(Code::take, out, owned);
  };
  if (node.direct) {
    consume(&node);
  } else if (node.op == Op::pipe) {
    for (std::size_t i = 0; i < node.list.size(); ++i) {
      const Slot next = i + 1 < node.list.size() ? fresh() : out;
      next_state(*node.list[i], state, next, height);
      state = next;
    }
  } else if (node.op == Op::branch) {
    std::size_t otherwise = 0;
    condition(*node.a, state, otherwise);
    next_state(*node.b, state, out, height);
    const std::size_t end = emit(Code::jump);
    land(otherwise);
    next_state(*node.c, state, out, height);
    land(end);
  } else if (node.op == Op::bind && node.bindings.size() == 1) {
    bind(node, state);
    next_state(*node.b, state, out, height);
  } else if (node.op == Op::assign && is_chain(*node.a)) {
    Node* made = &program_.nodes.emplace_back(node);
    made->b = slot_node(value(*node.b, state));
    made->direct = true;
    consume(made);
  } else if (computes(node)) {
    consume(lift(node, state));
  } else {
    into(node, state, out);
  }
}

void Emitter::reduce(const Node& node, Slot in, Slot out) {
  into(*node.b, in, out);
  const std::size_t done = emit(Code::fork);
  const std::int64_t handler = bind(node, in);
  update_state(*node.c, out);
  leave(handler);
  emit(Code::back);
  land(done);
}

void Emitter::foreach (const Node& node, Slot in, Slot out) {
  const Slot kept = fresh_result();
  into(*node.b, in, kept);
  const std::int64_t handler = bind(node, in);
  update_state(*node.c, kept);
  if (node.d == nullptr) {
    emit(paths_ ? Code::copy_path : Code::copy, out, kept);
  } else {
    into(*node.d, kept, out);
  }
  leave(handler);
}

void Emitter::last(const Node& node, Slot in, Slot out) {
  const Slot any = fresh();
  emit(Code::evaluate, any, in, 0, constant(Value::boolean(false)));
  const std::size_t done = emit(Code::fork);
  const Slot one = result(*node.a, in);
  emit(paths_ ? Code::copy_path : Code::copy, out, one);
  emit(Code::evaluate, any, in, 0, constant(Value::boolean(true)));
  emit(Code::back);
  land(done);
  const std::size_t none = emit(Code::test_slot, 0, any);
  const std::size_t end = emit(Code::jump);
  land(none);
  emit(Code::back);
  land(end);
}

void Emitter::limit(const Node& node, Slot in, Slot out) {
  const Slot count = fresh();
  const Slot wanted = value(*node.b, in);
  if (node.op == Op::skip) {
    emit(Code::count_skip, count, wanted);
    into(*node.a, in, out);
    emit(Code::skip_down, count);
    return;
  }
  emit(Code::count, count, wanted);
  const Slot height = fresh();
  emit(Code::mark, height);
  into(*node.a, in, out);
  emit(Code::count_down, count, height);
}

void Emitter::range(const Node& node, Slot in, Slot out) {
  const Slot bounds = next_;
  next_ += 4;  // and the current number
  for (std::size_t i = 0; i < 3; ++i) into(*node.list[i], in, bounds + static_cast<Slot>(i));
  emit(Code::range, out, bounds);
}

void Emitter::collect(const Node& node, Slot in, Slot out) {
  const std::size_t done = emit(Code::collect, out);
  const Slot item = value(*node.a, in);
  emit(Code::gather, 0, item);
  land(done);
}

// ---- paths and assignments
// ---------------------------------------------------------------------------------------------

Emitter::Slot Emitter::each_place(const Node& places, Slot in) {
  const Slot root = fresh_pair();
  emit(Code::copy, root, in);
  emit(Code::evaluate, root + 1, in, 0, constant(Value::array({})));
  const bool paths = paths_;
  paths_ = true;
  const Slot place = result(places, root);
  paths_ = paths;
  const Slot path = fresh();
  emit(Code::end_path, path, place);
  return path;
}

void Emitter::path(const Node& node, Slot in, Slot out) {
  const Slot path = each_place(*node.a, in);
  emit(Code::copy, out, path);
}

void Emitter::assign(const Node& node, Slot in, Slot out) {
  const Slot right = value(*node.b, in);
  emit(Code::copy, out, in);
  const std::size_t done = emit(Code::fork);
  const Slot path = each_place(*node.a, in);
  emit(Code::set, out, path, right);
  emit(Code::back);
  land(done);
}

void Emitter::update(const Node& node, Slot in, Slot out) {
  const Slot removed = fresh();
  emit(Code::copy, out, in);
  emit(Code::evaluate, removed, in, 0, constant(Value::array({})));
  const std::size_t done = emit(Code::fork);
  const Slot path = each_place(*node.a, in);
  if (node.b->direct) {
    emit(Code::modify, out, path, removed, node.b);
    emit(Code::back);
  } else {
    Node* old = &program_.nodes.emplace_back();
    old->op = Op::getpath;
    old->a = slot_node(path);
    old->direct = true;
    const Slot before = fresh();
    emit(Code::evaluate, before, out, 0, old);
    const Slot height = fresh();
    emit(Code::mark, height);
    const std::size_t nothing = emit(Code::fork);
    const Slot after = value(*node.b, before);
    emit(Code::cut, height);
    emit(Code::set, out, path, after);
    emit(Code::back);
    land(nothing);
    emit(Code::remember, removed, path);
    emit(Code::back);
  }
  land(done);
  emit(Code::remove, out, removed);
}

}  // namespace cairn::jq
