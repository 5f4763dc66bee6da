// The evaluator: direct nodes, by walking them.

#include "workflows/core/assert.h"
#include "workflows/jq/machine.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace cairn::jq {
namespace {

const Value k_null;
const Value k_true = Value::boolean(true);
const Value k_false = Value::boolean(false);

const Value* truth_of(bool value) { return value ? &k_true : &k_false; }

}  // namespace

std::nullptr_t Machine::fail_with(Failure failure) {
  if (failure.exhausted != Exhausted::none) return exhausted();
  status_ = Status::error;
  located_ = false;
  error_ = std::move(failure.error);
  return nullptr;
}

bool Machine::accept(Answer<Value> answer, Value& out) {
  if (!answer) {
    fail_with(std::move(answer).error());
    return false;
  }
  out = std::move(answer).value();
  return true;
}

const Value* Machine::bounded(Value& made) {
  if (made.depth() <= budget_.limits().depth) return &made;
  budget_.exhaust(Exhausted::depth);
  return exhausted();
}

bool Machine::evaluate(const Node& node, const Value& in, Value& out) {
  const Value* value = eval(node, in, out);
  if (value == nullptr) return false;
  if (value != &out) out = *value;
  return true;
}

bool Machine::test(const Node& node, const Value& in, bool& truth) {
  Value scratch;
  const Value* value = eval(node, in, scratch);
  if (value == nullptr) return false;
  truth = value->truthy();
  return true;
}

const Value* Machine::eval_parts(const Node& node, const Value& in, Value& scratch) {
  if (!budget_.spend(1)) return exhausted();
  bool truth = false;
  switch (node.op) {
    case Op::identity: return &in;
    case Op::constant: return &node.value;
    case Op::variable: return &variable(node);
    case Op::index: return eval_index(node, in, scratch);
    case Op::slice: return eval_slice(node, in, scratch);
    case Op::list: return eval_list(node, in, scratch);
    case Op::object: return eval_object(node, in, scratch);
    case Op::text: return eval_text(node, in, scratch);
    case Op::format: return eval_format(node, in, scratch);
    case Op::arithmetic: return eval_arithmetic(node, in, scratch);
    case Op::compare: return eval_compare(node, in, scratch);
    case Op::native: return eval_native(node, in, scratch);
    case Op::pipe: return eval_pipe(node, in, scratch);
    case Op::attempt: return eval_attempt(node, in, scratch);
    case Op::bind: return eval_bind(node, in, scratch);
    case Op::path: return eval_path(node, in, scratch);
    case Op::getpath: return eval_getpath(node, in, scratch);
    case Op::raise: return eval_raise(node, in, scratch);
    case Op::collect: return eval_collect(node, in, scratch);
    case Op::reduce: return eval_reduce(node, in, scratch);
    case Op::first:
    case Op::last: return eval_one(node, in, scratch);
    case Op::empty: return no_value();
    case Op::assign:
    case Op::update: return update(node, in, scratch) ? &scratch : nullptr;
    case Op::negate: {
      Value operand;
      const Value* value = eval(*node.a, in, operand);
      if (value == nullptr) return nullptr;
      return accept(negate(surroundings_, *value), scratch) ? &scratch : nullptr;
    }
    case Op::invert:
      if (!test(*node.a, in, truth)) return nullptr;
      return truth_of(!truth);
    case Op::both:
      if (!test(*node.a, in, truth)) return nullptr;
      if (truth && !test(*node.b, in, truth)) return nullptr;
      return truth_of(truth);
    case Op::either:
      if (!test(*node.a, in, truth)) return nullptr;
      if (!truth && !test(*node.b, in, truth)) return nullptr;
      return truth_of(truth);
    case Op::branch:
      if (!test(*node.a, in, truth)) return nullptr;
      return eval(truth ? *node.b : *node.c, in, scratch);
    case Op::alternative: {
      const Value* value = eval(*node.a, in, scratch);
      if (value == nullptr && status_ != Status::none) return nullptr;
      if (value != nullptr && value->truthy()) return value;
      return eval(*node.b, in, scratch);
    }
    default: break;
  }
  CAIRN_ASSERT(false, "a node that needs the machine is evaluated directly");
}

// ---- access
// ------------------------------------------------------------------------------------------------------------

const Value* Machine::eval_index(const Node& node, const Value& in, Value& scratch) {
  Value key_scratch;
  const Value* key = node.b->op == Op::constant ? &node.b->value : eval(*node.b, in, key_scratch);
  if (key == nullptr) return nullptr;
  const Value* from = node.a->op == Op::identity ? &in : eval(*node.a, in, scratch);
  if (from == nullptr) return nullptr;
  const Value* found = nullptr;
  if (from->is_object() && key->is_string()) {
    found = from->as_object().find(key->as_string());
    if (found == nullptr) return &k_null;
  } else if (from->is_array() && key->kind() == Value::Kind::Int) {
    const Array& items = from->as_array();
    const std::int64_t size = static_cast<std::int64_t>(items.size());
    const std::int64_t at = key->as_int() < 0 ? key->as_int() + size : key->as_int();
    if (at < 0 || at >= size) return &k_null;
    found = &items[static_cast<std::size_t>(at)];
  }
  if (found != nullptr) {
    if (from != &scratch) return found;
    Value copy = *found;  // the scratch owns it
    scratch = std::move(copy);
    return &scratch;
  }
  auto answer = index(surroundings_, *from, *key);
  if (!answer && node.optional && answer.error().exhausted == Exhausted::none) return no_value();
  return accept(std::move(answer), scratch) ? &scratch : nullptr;
}

const Value* Machine::eval_slice(const Node& node, const Value& in, Value& scratch) {
  Value begin;
  Value end;
  if (node.b != nullptr && !evaluate(*node.b, in, begin)) return nullptr;
  if (node.c != nullptr && !evaluate(*node.c, in, end)) return nullptr;
  Value of_scratch;
  const Value* of = eval(*node.a, in, of_scratch);
  if (of == nullptr) return nullptr;
  auto answer = slice(surroundings_, *of, begin, end);
  if (!answer && node.optional && answer.error().exhausted == Exhausted::none) return no_value();
  return accept(std::move(answer), scratch) ? &scratch : nullptr;
}

const Value* Machine::eval_getpath(const Node& node, const Value& in, Value& scratch) {
  Value path_scratch;
  const Value* path = eval(*node.a, in, path_scratch);
  if (path == nullptr) return nullptr;
  if (!path->is_array()) return fail_with(fail("Path must be specified as an array"));
  return accept(getpath(surroundings_, in, path->as_array()), scratch) ? &scratch : nullptr;
}

// ---- construction
// ------------------------------------------------------------------------------------------------------

const Value* Machine::eval_list(const Node& node, const Value& in, Value& scratch) {
  if (!budget_.elements(node.list.size())) return exhausted();
  Array items;
  items.reserve(node.list.size());
  for (const Node* part : node.list) {
    Value item_scratch;
    const Value* item = eval(*part, in, item_scratch);
    if (item == nullptr) {
      if (status_ == Status::none) continue;
      return nullptr;
    }
    if (item == &item_scratch) {
      items.push_back(std::move(item_scratch));
    } else {
      items.push_back(*item);
    }
  }
  scratch = Value::array(std::move(items));
  return bounded(scratch);
}

const Value* Machine::eval_object(const Node& node, const Value& in, Value& scratch) {
  const std::size_t count = node.list.size() / 2;
  if (!budget_.members(count)) return exhausted();
  std::vector<Member> members;
  members.reserve(count);
  for (std::size_t i = 0; i < node.list.size(); i += 2) {
    Value key_scratch;
    const Value* key = eval(*node.list[i], in, key_scratch);
    if (key == nullptr) return nullptr;
    Member& member = members.emplace_back();
    if (!evaluate(*node.list[i + 1], in, member.value)) return nullptr;
    if (!key->is_string()) {
      return fail_with(fail(fmt::format("Cannot use {} ({}) as object key", key->type_name(), excerpt(*key))));
    }
    member.name = key->as_string();
  }
  scratch = Value::object(std::move(members));
  return bounded(scratch);
}

/// jq computes from the right: of several parts that fail or give nothing, the last decides.
const Value* Machine::eval_text(const Node& node, const Value& in, Value& scratch) {
  std::string text;
  bool failed = false;
  Status failure = Status::none;  // of the last part that failed
  Value error;
  for (const Node* part : node.list) {
    Value part_scratch;
    const Value* value = nullptr;
    if (part->op == Op::format && part->a != nullptr && part->value.as_string() == "text") {
      value = eval(*part->a, in, part_scratch);
      if (value != nullptr && !value->is_string()) {
        auto written = to_text(surroundings_, *value);
        if (!written) return fail_with(std::move(written).error());
        if (!failed) text += written.value();
        continue;
      }
    } else {
      value = eval(*part, in, part_scratch);
    }
    if (value == nullptr) {
      if (status_ == Status::exhausted) return nullptr;
      failed = true;
      failure = std::exchange(status_, Status::none);
      error = std::move(error_);
      continue;
    }
    if (value->is_string() && !failed) text += value->as_string();
    if (text.size() > budget_.limits().text_bytes) break;
  }
  if (failed) {
    status_ = failure;
    error_ = std::move(error);
    return nullptr;
  }
  if (!budget_.text(text.size())) return exhausted();
  scratch = Value::string(std::move(text));
  return &scratch;
}

const Value* Machine::eval_format(const Node& node, const Value& in, Value& scratch) {
  Value operand;
  const Value* value = node.a == nullptr ? &in : eval(*node.a, in, operand);
  if (value == nullptr) return nullptr;
  return accept(format(surroundings_, node.value.as_string(), *value), scratch) ? &scratch : nullptr;
}

// ---- computation
// -------------------------------------------------------------------------------------------------------

Value Machine::compute(syntax::Operator op, const Value& a, const Value& b, bool& ok) {
  using syntax::Operator;
  const auto give = [&](Answer<Value> answer) {
    Value out;
    ok = accept(std::move(answer), out);
    return out;
  };
  if (a.kind() == Value::Kind::Int && b.kind() == Value::Kind::Int) {
    std::int64_t result = 0;
    ok = true;
    if (op == Operator::add && !__builtin_add_overflow(a.as_int(), b.as_int(), &result)) return Value::integer(result);
    if (op == Operator::subtract && !__builtin_sub_overflow(a.as_int(), b.as_int(), &result))
      return Value::integer(result);
    if (op == Operator::multiply && !__builtin_mul_overflow(a.as_int(), b.as_int(), &result))
      return Value::integer(result);
  }
  switch (op) {
    case Operator::add: return give(add(surroundings_, a, b));
    case Operator::subtract: return give(subtract(surroundings_, a, b));
    case Operator::multiply: return give(multiply(surroundings_, a, b));
    case Operator::divide: return give(divide(surroundings_, a, b));
    default: return give(modulo(surroundings_, a, b));
  }
}

const Value* Machine::eval_arithmetic(const Node& node, const Value& in, Value& scratch) {
  Value right_scratch;
  const Value* right = eval(*node.b, in, right_scratch);
  if (right == nullptr) return nullptr;
  Value left_scratch;
  const Value* left = eval(*node.a, in, left_scratch);
  if (left == nullptr) return nullptr;
  bool ok = true;
  Value made = compute(node.oper, *left, *right, ok);
  if (!ok) return nullptr;
  scratch = std::move(made);
  return &scratch;
}

const Value* Machine::eval_compare(const Node& node, const Value& in, Value& /*scratch*/) {
  using syntax::Operator;
  Value right_scratch;
  const Value* right = eval(*node.b, in, right_scratch);
  if (right == nullptr) return nullptr;
  Value left_scratch;
  const Value* left = eval(*node.a, in, left_scratch);
  if (left == nullptr) return nullptr;
  if (node.oper == Operator::equal || node.oper == Operator::unequal) {
    auto same = equal(surroundings_, *left, *right);
    if (!same) return fail_with(std::move(same).error());
    return truth_of(same.value() == (node.oper == Operator::equal));
  }
  auto order = jq::compare(surroundings_, *left, *right);
  if (!order) return fail_with(std::move(order).error());
  switch (node.oper) {
    case Operator::less: return truth_of(order.value() < 0);
    case Operator::less_equal: return truth_of(order.value() <= 0);
    case Operator::greater: return truth_of(order.value() > 0);
    default: return truth_of(order.value() >= 0);
  }
}

const Value* Machine::eval_native(const Node& node, const Value& in, Value& scratch) {
  std::array<Value, 3> arguments;
  CAIRN_ASSERT(node.list.size() <= arguments.size(), "a native takes more arguments than the machine has room for");
  for (std::size_t i = node.list.size(); i > 0; --i) {
    if (!evaluate(*node.list[i - 1], in, arguments[i - 1])) return nullptr;
  }
  auto answer = node.native->call(surroundings_, in, std::span(arguments).first(node.list.size()));
  return accept(std::move(answer), scratch) ? &scratch : nullptr;
}

// ---- flow
// --------------------------------------------------------------------------------------------------------------

const Value* Machine::eval_pipe(const Node& node, const Value& in, Value& scratch) {
  // `held` keeps alive what `current` may be borrowed from; the other of the two takes the next result.
  std::array<Value, 2> results;
  std::size_t held = 2;
  const Value* current = &in;
  for (std::size_t i = 0; i < node.list.size(); ++i) {
    const bool last = i + 1 == node.list.size();
    const std::size_t next = held == 0 ? 1 : 0;
    Value& out = last ? scratch : results[next];
    const Node& part = *node.list[i];
    const bool in_place = held != 2 && current == &results[held] &&
                          (part.op == Op::update || part.op == Op::assign || part.op == Op::arithmetic);
    const Value* value = nullptr;
    if (!in_place) {
      value = eval(part, *current, out);
    } else if (consume(part, std::move(results[held]), out)) {
      value = &out;
    }
    if (value == nullptr) return nullptr;
    if (last && value != &scratch && held != 2) {
      scratch = *value;
      return &scratch;
    }
    if (value == &out) held = next;
    current = value;
  }
  return current;
}

const Value* Machine::eval_attempt(const Node& node, const Value& in, Value& scratch) {
  const Value* value = eval(*node.a, in, scratch);
  if (value != nullptr || status_ != Status::error) return value;
  if (node.b == nullptr) return no_value();
  const Value error = std::move(error_);
  value = eval(*node.b, error, scratch);
  if (value == nullptr || value == &scratch) return value;
  scratch = *value;
  return &scratch;
}

const Value* Machine::eval_raise(const Node& node, const Value& in, Value& scratch) {
  if (!evaluate(*node.a, in, scratch)) return nullptr;
  return fail_with(Failure{std::move(scratch), Exhausted::none});
}

const Value* Machine::eval_bind(const Node& node, const Value& in, Value& scratch) {
  Value source_scratch;
  const Value* source = eval(*node.a, in, source_scratch);
  if (source == nullptr) return nullptr;
  const Binding& binding = *node.bindings[0];
  if (source == &source_scratch && binding.kind == syntax::Pattern::Kind::variable) {
    slot(static_cast<std::uint32_t>(binding.slot)) = std::move(source_scratch);
  } else if (!destructure(binding, *source)) {
    return nullptr;
  }
  return eval(*node.b, in, scratch);
}

bool Machine::destructure(const Binding& binding, const Value& value) {
  if (binding.kind == syntax::Pattern::Kind::variable) {
    slot(static_cast<std::uint32_t>(binding.slot)) = value;
    return true;
  }
  Value part;
  for (std::size_t i = 0; i < binding.elements.size(); ++i) {
    if (!accept(index(surroundings_, value, Value::integer(static_cast<std::int64_t>(i))), part)) return false;
    if (!destructure(*binding.elements[i], part)) return false;
  }
  for (const auto& entry : binding.entries) {
    Value key;
    if (!evaluate(*entry.key, value, key)) return false;
    if (!accept(index(surroundings_, value, key), part)) return false;
    if (entry.slot >= 0) slot(static_cast<std::uint32_t>(entry.slot)) = part;
    if (entry.inner != nullptr && !destructure(*entry.inner, part)) return false;
  }
  return true;
}

}  // namespace cairn::jq
