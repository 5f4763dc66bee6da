// The evaluator's updates: `=` and `|=` along fields, elements and conditions, and computations whose input is not
// needed any more. A part that changes is taken out of its container, changed and put back, so that what only we hold
// changes in place.

#include "workflows/core/assert.h"
#include "workflows/jq/machine.h"

namespace cairn::jq {

bool Machine::pay_to_own(const Value& value) {
  if (value.sole_owner()) return true;
  if (value.is_array()) return budget_.elements(value.as_array().size());
  if (!value.is_object()) return true;
  const std::size_t size = value.as_object().size();
  return budget_.members(size);
}

// ---- values that are used up
// -------------------------------------------------------------------------------------------

bool Machine::consume_parts(const Node& node, Value in, Value& out) {
  switch (node.op) {
    case Op::identity: out = std::move(in); return true;
    case Op::pipe:
      for (const Node* part : node.list) {
        Value next;
        if (!consume(*part, std::move(in), next)) return false;
        in = std::move(next);
      }
      out = std::move(in);
      return true;
    case Op::branch: {
      bool truth = false;
      return test(*node.a, in, truth) && consume(truth ? *node.b : *node.c, std::move(in), out);
    }
    case Op::bind: {
      Value source;
      return evaluate(*node.a, in, source) && destructure(*node.bindings[0], source) &&
             consume(*node.b, std::move(in), out);
    }
    case Op::arithmetic:
      if (node.oper == syntax::Operator::add) return consume_sum(node, std::move(in), out);
      return evaluate(node, in, out);
    case Op::assign:
    case Op::update: return update(node, std::move(in), out);
    case Op::native:
      if (node.native->name == "setpath") return consume_setpath(node, std::move(in), out);
      return evaluate(node, in, out);
    default: return evaluate(node, in, out);
  }
}

bool Machine::consume_sum(const Node& node, Value in, Value& out) {
  Value right;
  if (!evaluate(*node.b, in, right)) return false;
  Value left;
  if (!consume(*node.a, std::move(in), left)) return false;
  if (left.kind() != right.kind() || left.kind() < Value::Kind::String || !left.sole_owner()) {
    bool ok = true;
    out = compute(node.oper, left, right, ok);
    return ok;
  }
  bool paid = false;
  if (left.is_string()) {
    const std::string& text = right.as_string();
    paid = left.as_string().size() + text.size() <= budget_.limits().text_bytes
               ? budget_.spend(1 + text.size() / 64) && budget_.allocate(text.size())
               : budget_.text(left.as_string().size() + text.size());
    if (paid) left.append(text);
  } else if (left.is_array()) {
    paid = budget_.elements(right.as_array().size());
    for (std::size_t i = 0; paid && i < right.as_array().size(); ++i) left.append(right.as_array()[i]);
  } else {
    const std::size_t size = right.as_object().size();
    paid = budget_.members(size);
    if (paid) {
      for (const auto& member : right.as_object()) left.set(member.name, member.value);
    }
  }
  if (!paid) {
    exhausted();
    return false;
  }
  out = std::move(left);
  return bounded(out) != nullptr;
}

bool Machine::consume_setpath(const Node& node, Value in, Value& out) {
  Value value;
  Value path;
  if (!evaluate(*node.list[1], in, value) || !evaluate(*node.list[0], in, path)) return false;
  if (!path.is_array() || path.as_array().size() > budget_.limits().depth) {
    const Value arguments[] = {std::move(path), std::move(value)};
    return accept(node.native->call(surroundings_, in, arguments), out);
  }
  const auto replace = [&](Value& part) {
    part = std::move(value);
    return Visit::kept;
  };
  if (change_path(in, path.as_array(), replace) == Visit::failed) return false;
  out = std::move(in);
  return true;
}

Machine::Visit Machine::apply(const Node& node, Value& value) {
  Value after;
  if (node.total) {
    if (!consume(node, std::move(value), after)) return Visit::failed;
  } else if (!evaluate(node, value, after)) {
    return status_ == Status::none ? Visit::removed : Visit::failed;
  }
  value = std::move(after);
  return Visit::kept;
}

// ---- updates
// -----------------------------------------------------------------------------------------------------------

bool Machine::update(const Node& node, Value in, Value& out) {
  Visit visit = Visit::failed;
  if (node.op == Op::assign) {
    Value right;
    if (!evaluate(*node.b, in, right)) return false;
    visit = change(*node.a, in, [&](Value& value) {
      value = right;
      return Visit::kept;
    });
  } else {
    visit = change(*node.a, in, [&](Value& value) { return apply(*node.b, value); });
  }
  if (visit == Visit::failed) return false;
  out = visit == Visit::removed ? Value() : std::move(in);
  return true;
}

Machine::Visit Machine::change(const Node& places, Value& value, Change change) {
  if (!budget_.spend(1)) {
    exhausted();
    return Visit::failed;
  }
  switch (places.op) {
    case Op::identity: return change(value);
    case Op::empty: return Visit::untouched;
    case Op::pipe: return change_parts(places.list, value, change);
    case Op::branch: {
      bool truth = false;
      if (!test(*places.a, value, truth)) return status_ == Status::none ? Visit::untouched : Visit::failed;
      return this->change(truth ? *places.b : *places.c, value, change);
    }
    case Op::index: {
      Value key;
      if (!evaluate(*places.b, value, key)) return status_ == Status::none ? Visit::untouched : Visit::failed;
      return this->change(*places.a, value,
                          [&](Value& inner) { return change_at(inner, key, places.optional, change); });
    }
    case Op::each:
      return this->change(*places.a, value, [&](Value& inner) { return change_each(places, inner, change); });
    default: break;
  }
  CAIRN_ASSERT(false, "a node that is no chain of places is followed as one");
}

Machine::Visit Machine::change_parts(std::span<const Node* const> parts, Value& value, Change change) {
  if (parts.size() == 1) return this->change(*parts[0], value, change);
  return this->change(*parts[0], value, [&](Value& inner) { return change_parts(parts.subspan(1), inner, change); });
}

Machine::Visit Machine::change_element(Value& value, std::size_t index, Change change) {
  if (!pay_to_own(value)) {
    exhausted();
    return Visit::failed;
  }
  Value part = value.take(index);
  const Visit visit = change(part);
  if (visit != Visit::failed) value.set(index, std::move(part));
  return visit;
}

Machine::Visit Machine::change_member(Value& value, const std::string& name, Change change) {
  Value part;
  const bool was_there = value.find(name) != nullptr;
  if (was_there) {
    if (!pay_to_own(value)) {
      exhausted();
      return Visit::failed;
    }
    part = value.take(name);
  }
  const Visit visit = change(part);
  if (visit == Visit::removed && !was_there) return Visit::untouched;
  if (visit == Visit::untouched && was_there) value.set(name, std::move(part));
  if (visit != Visit::kept) return visit;
  if (!pay_to_own(value) || !budget_.allocate(sizeof(Member))) {
    exhausted();
    return Visit::failed;
  }
  value.set(name, std::move(part));
  return visit;
}

Machine::Visit Machine::change_at(Value& value, const Value& key, bool optional, Change change) {
  Visit visit = Visit::failed;
  const std::size_t size = value.is_array() ? value.as_array().size() : 0;
  const std::uint64_t at = key.kind() == Value::Kind::Int ? static_cast<std::uint64_t>(key.as_int()) : UINT64_MAX;
  if (value.is_object() && key.is_string()) {
    visit = change_member(value, key.as_string(), change);
  } else if (value.is_array() && at < size) {
    visit = change_element(value, at, change);
  } else {
    Value part;
    auto answer = index(surroundings_, value, key);
    if (!answer && optional && answer.error().exhausted == Exhausted::none) return Visit::untouched;
    if (!accept(std::move(answer), part)) return Visit::failed;
    visit = change(part);
    if (visit == Visit::removed && value.is_null()) return Visit::untouched;
    if (visit == Visit::kept && value.is_array() && at == size) {
      if (!pay_to_own(value) || !budget_.elements(1)) {
        exhausted();
        return Visit::failed;
      }
      value.append(std::move(part));
    } else if (visit == Visit::kept) {
      return accept(setpath(surroundings_, value, {key}, part), value) ? Visit::kept : Visit::failed;
    }
  }
  if (visit == Visit::kept) return bounded(value) != nullptr ? Visit::kept : Visit::failed;
  if (visit != Visit::removed) return visit;
  return accept(delpaths(surroundings_, value, {Value::array({key})}), value) ? Visit::kept : Visit::failed;
}

Machine::Visit Machine::change_each(const Node& node, Value& value, Change change) {
  if (!value.is_array() && !value.is_object()) {
    if (node.optional) return Visit::untouched;
    fail_with(cannot_iterate(value));
    return Visit::failed;
  }
  const bool own = value.sole_owner();
  if (value.is_array()) {
    const std::size_t size = value.as_array().size();
    if (!budget_.elements(size)) {
      exhausted();
      return Visit::failed;
    }
    Array items;
    items.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      Value part = own ? value.take(i) : value.as_array()[i];
      const Visit visit = change(part);
      if (visit == Visit::failed) return visit;
      if (visit != Visit::removed) items.push_back(std::move(part));
    }
    value = Value::array(std::move(items));
  } else {
    const std::size_t size = value.as_object().size();
    if (!budget_.members(size)) {
      exhausted();
      return Visit::failed;
    }
    std::vector<Member> members;
    members.reserve(size);
    for (const auto& member : value.as_object()) {
      Value part = member.value;
      const Visit visit = change(part);
      if (visit == Visit::failed) return visit;
      if (visit != Visit::removed) members.push_back({member.name, std::move(part)});
    }
    value = Value::object(std::move(members));
  }
  return bounded(value) != nullptr ? Visit::kept : Visit::failed;
}

Machine::Visit Machine::change_path(Value& value, std::span<const Value> path, Change change) {
  if (!budget_.spend(1)) {
    exhausted();
    return Visit::failed;
  }
  if (path.empty()) return change(value);
  if (path.size() > budget_.limits().depth) return change_far(value, path, change);
  return change_at(value, path[0], false, [&](Value& inner) { return change_path(inner, path.subspan(1), change); });
}

/// change_path() without descending: nothing is there, so deep are no values.
Machine::Visit Machine::change_far(Value& value, std::span<const Value> path, Change change) {
  const Array whole(path.begin(), path.end());
  Value part;
  if (!accept(getpath(surroundings_, value, whole), part)) return Visit::failed;
  const Visit visit = change(part);
  if (visit != Visit::kept) return visit == Visit::removed ? Visit::untouched : visit;
  return accept(setpath(surroundings_, value, whole, part), value) ? Visit::kept : Visit::failed;
}

}  // namespace cairn::jq
