#include "workflows/jq/nodes.h"

#include <algorithm>
#include <cmath>

namespace cairn::jq {
namespace {

/// What folding may use up: constants are small, and a mistake in one is an error at run time only.
constexpr Limits k_folding = {
    .fuel = 10'000, .bytes = 64U << 10, .outputs = 1, .text_bytes = 4096, .depth = 100, .frames = 1};

template <class Predicate>
bool all_operands(const Node& node, Predicate predicate) {
  const auto fits = [&](const Node* operand) { return operand == nullptr || predicate(*operand); };
  return fits(node.a) && fits(node.b) && fits(node.c) && fits(node.d) &&
         std::all_of(node.list.begin(), node.list.end(), fits);
}

bool is_constant(const Node& node) { return node.op == Op::constant; }
bool is_direct(const Node& node) { return node.direct; }
bool is_direct_path(const Node& node) { return node.direct_path; }

bool keys_direct(const Binding& binding) {
  return std::all_of(binding.elements.begin(), binding.elements.end(),
                     [](const Binding* element) { return keys_direct(*element); }) &&
         std::all_of(binding.entries.begin(), binding.entries.end(), [](const Binding::Entry& entry) {
           return entry.key->direct && (entry.inner == nullptr || keys_direct(*entry.inner));
         });
}

bool binds_directly(const Node& node) { return node.bindings.size() == 1 && keys_direct(*node.bindings[0]); }

/// What the evaluator handles once the loop inside is streamed.
bool is_direct_loop(const Node& node) {
  switch (node.op) {
    case Op::collect:
    case Op::first:
    case Op::last: return node.a->streamed;
    case Op::reduce: return node.a->streamed && binds_directly(node) && node.b->direct && node.c->direct;
    default: return false;
  }
}

bool decide_direct(const Node& node) {
  switch (node.op) {
    case Op::each:
    case Op::descend:
    case Op::comma:
    case Op::foreach:
    case Op::label:
    case Op::escape:
    case Op::call:
    case Op::parameter:
    case Op::limit:
    case Op::skip:
    case Op::range: return false;
    case Op::collect:
    case Op::first:
    case Op::last:
    case Op::reduce: return is_direct_loop(node);
    case Op::bind: return binds_directly(node) && all_operands(node, is_direct);
    case Op::path: return node.a->direct_path;
    case Op::assign:
    case Op::update: return is_chain(*node.a) && node.b->direct;
    default: return all_operands(node, is_direct);
  }
}

bool decide_streamed(const Node& node) {
  if (node.direct) return true;
  const auto streamed = [](const Node& operand) { return operand.streamed; };
  switch (node.op) {
    case Op::each: return node.a->streamed;
    case Op::descend: return true;
    case Op::index: return node.a->streamed && node.b->direct;
    case Op::pipe:
    case Op::comma:
    case Op::attempt:
    case Op::alternative: return all_operands(node, streamed);
    case Op::branch: return node.a->direct && node.b->streamed && node.c->streamed;
    case Op::bind: return binds_directly(node) && node.a->streamed && node.b->streamed;
    case Op::foreach:
      return binds_directly(node) && node.a->streamed && node.b->direct && node.c->direct &&
             (node.d == nullptr || node.d->streamed);
    case Op::limit:
    case Op::skip: return node.a->streamed && node.b->direct;
    case Op::range: return all_operands(node, is_direct);
    default: return false;
  }
}

/// Of a direct node: whether it never ends without a value and without an error.
bool decide_total(const Node& node) {
  const auto total = [](const Node& operand) { return operand.total; };
  switch (node.op) {
    case Op::empty:
    case Op::first:
    case Op::last: return false;
    case Op::collect:
    case Op::list:
    case Op::raise:
    case Op::path: return true;
    case Op::attempt: return node.a->total && node.b != nullptr && node.b->total;
    case Op::alternative: return node.b->total;
    case Op::index:
    case Op::slice: return !node.optional && all_operands(node, total);
    case Op::assign: return node.b->total;
    case Op::update: return true;
    case Op::reduce: return node.b->total;
    default: return all_operands(node, total);
  }
}

/// Whether the operands through which a path leads can give one directly; the others only need to be direct.
bool decide_direct_path(const Node& node) {
  if (!node.direct) return false;
  switch (node.op) {
    case Op::index:
    case Op::slice: return node.a->direct_path;
    case Op::first:
    case Op::last:
    case Op::reduce: return false;
    case Op::bind: return node.b->direct_path;
    case Op::branch: return node.b->direct_path && node.c->direct_path;
    case Op::pipe:
    case Op::attempt:
    case Op::alternative: return all_operands(node, is_direct_path);
    default: return true;
  }
}

Answer<Value> compute(Surroundings& surroundings, syntax::Operator op, const Value& a, const Value& b) {
  using syntax::Operator;
  switch (op) {
    case Operator::add: return add(surroundings, a, b);
    case Operator::subtract: return subtract(surroundings, a, b);
    case Operator::multiply: return multiply(surroundings, a, b);
    case Operator::divide: return divide(surroundings, a, b);
    case Operator::modulo: return modulo(surroundings, a, b);
    case Operator::equal: return Value::boolean(compare(a, b) == 0);
    case Operator::unequal: return Value::boolean(compare(a, b) != 0);
    case Operator::less: return Value::boolean(compare(a, b) < 0);
    case Operator::less_equal: return Value::boolean(compare(a, b) <= 0);
    case Operator::greater: return Value::boolean(compare(a, b) > 0);
    case Operator::greater_equal: return Value::boolean(compare(a, b) >= 0);
  }
  return Failure{};
}

}  // namespace

bool is_chain(const Node& node) {
  switch (node.op) {
    case Op::identity:
    case Op::empty: return true;
    case Op::index: return is_chain(*node.a) && node.b->direct;
    case Op::each: return is_chain(*node.a);
    case Op::pipe:
      return std::all_of(node.list.begin(), node.list.end(), [](const Node* part) { return is_chain(*part); });
    case Op::branch: return node.a->direct && is_chain(*node.b) && is_chain(*node.c);
    default: return false;
  }
}

bool computes(const Node& node) {
  switch (node.op) {
    case Op::index:
    case Op::slice:
    case Op::object:
    case Op::text:
    case Op::format:
    case Op::arithmetic:
    case Op::compare:
    case Op::negate:
    case Op::invert:
    case Op::native:
    case Op::getpath: return true;
    default: return false;
  }
}

Node* Nodes::make(Op op, std::uint32_t offset) {
  Node* made = &program_.nodes.emplace_back();
  made->op = op;
  made->offset = site_.value_or(offset);
  return made;
}

const Node* Nodes::constant(Value value, std::uint32_t offset) {
  Node* made = make(Op::constant, offset);
  made->value = std::move(value);
  made->direct = made->direct_path = made->streamed = made->total = true;
  return made;
}

const Node* Nodes::fold(Node* made) {
  if (!all_operands(*made, is_constant)) return made;
  Budget budget(k_folding);
  Surroundings surroundings{budget};
  switch (made->op) {
    case Op::arithmetic:
    case Op::compare: {
      auto answer = compute(surroundings, made->oper, made->a->value, made->b->value);
      // No constant is nan or infinite: a program that only picks relies on it.
      if (answer && (!answer.value().is_number() || std::isfinite(answer.value().as_double()))) {
        return constant(std::move(answer).value(), made->offset);
      }
      return made;
    }
    case Op::negate: {
      auto answer = negate(surroundings, made->a->value);
      if (answer) return constant(std::move(answer).value(), made->offset);
      return made;
    }
    case Op::list: {
      Array items;
      for (const Node* part : made->list) items.push_back(part->value);
      return constant(Value::array(std::move(items)), made->offset);
    }
    case Op::object: {
      std::vector<Member> members;
      for (std::size_t i = 0; i < made->list.size(); i += 2) {
        if (!made->list[i]->value.is_string()) return made;
        members.push_back({made->list[i]->value.as_string(), made->list[i + 1]->value});
      }
      return constant(Value::object(std::move(members)), made->offset);
    }
    default: return made;
  }
}

const Node* Nodes::simplify(Node* made) {
  switch (made->op) {
    case Op::arithmetic:
    case Op::compare:
    case Op::negate:
    case Op::list:
    case Op::object: return fold(made);
    case Op::collect:
      if (made->a->direct) {
        made->list = {made->a};
      } else if (made->a->op == Op::comma && all_operands(*made->a, is_direct)) {
        made->list = made->a->list;
      } else {
        return made;
      }
      made->op = Op::list;
      made->a = nullptr;
      return fold(made);
    case Op::first:
    case Op::last: return made->a->direct ? made->a : made;
    case Op::pipe: {
      std::vector<const Node*> parts;
      for (const Node* part : made->list) {
        if (part->op == Op::pipe) {
          parts.insert(parts.end(), part->list.begin(), part->list.end());
        } else if (part->op != Op::identity) {
          parts.push_back(part);
        }
      }
      if (parts.size() == 1) return parts[0];
      if (parts.empty()) return made->list[0];
      made->list = std::move(parts);
      return made;
    }
    default: return made;
  }
}

Compiled<const Node*> Nodes::finish(Node* made) {
  const Node* simple = simplify(made);
  if (simple != made) return simple;
  std::uint32_t below = 0;
  all_operands(*made, [&](const Node& operand) {
    below = std::max(below, operand.depth);
    return true;
  });
  made->depth = below + 1;
  if (made->depth > syntax::k_depth) return Problem{"the expression nests too deeply", made->offset};
  const bool computed =
      made->op != Op::identity && made->op != Op::constant && made->op != Op::variable && made->op != Op::empty;
  made->direct = (program_.evaluator || !computed) && decide_direct(*made);
  made->direct_path = decide_direct_path(*made);
  made->streamed = (program_.evaluator || !computed) && decide_streamed(*made);
  made->total = made->direct && decide_total(*made);
  return made;
}

}  // namespace cairn::jq
