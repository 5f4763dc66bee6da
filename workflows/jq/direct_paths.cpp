// The evaluator on paths: where a value is.

#include "workflows/jq/machine.h"

#include <fmt/format.h>

namespace cairn::jq {

bool Machine::place_at(const Place& from, const Value& key, bool optional, Place& out) {
  if (!from.path.is_array()) {
    fail_with(fail(fmt::format("Invalid path expression near attempt to access element {} of {}", excerpt(key),
                               excerpt(from.value))));
    return false;
  }
  auto answer = index(surroundings_, from.value, key);
  if (!answer && optional && answer.error().exhausted == Exhausted::none) {
    status_ = Status::none;
    return false;
  }
  if (!accept(std::move(answer), out.value)) return false;
  const Array& before = from.path.as_array();
  if (!budget_.elements(before.size() + 1)) {
    exhausted();
    return false;
  }
  Array path;
  path.reserve(before.size() + 1);  // a copy that grows would take twice what is paid for
  path.insert(path.end(), before.begin(), before.end());
  path.push_back(key);
  out.path = Value::array(std::move(path));
  return true;
}

bool Machine::place_at_path(const Place& from, const Value& path, Place& out) {
  if (!path.is_array()) {
    fail_with(fail("Path must be specified as an array"));
    return false;
  }
  if (!from.path.is_array()) {
    fail_with(fail(fmt::format("Invalid path expression with result {}", excerpt(from.value))));
    return false;
  }
  if (!accept(getpath(surroundings_, from.value, path.as_array()), out.value)) return false;
  Array whole = from.path.as_array();
  if (!budget_.elements(whole.size() + path.as_array().size())) {
    exhausted();
    return false;
  }
  whole.insert(whole.end(), path.as_array().begin(), path.as_array().end());
  out.path = Value::array(std::move(whole));
  return true;
}

Value Machine::path_of_computed(const Value& value, const Value& input, const Value& path) {
  const bool is_same = (value.is_null() || value.is_bool()) && value.same_as(input);
  return is_same ? path : Value::boolean(false);
}

bool Machine::place_of_index(const Node& node, const Place& in, Place& out) {
  Value key;
  if (node.op == Op::index) {
    if (!evaluate(*node.b, in.value, key)) return false;
  } else {
    Value begin;
    Value end;
    if (node.b != nullptr && !evaluate(*node.b, in.value, begin)) return false;
    if (node.c != nullptr && !evaluate(*node.c, in.value, end)) return false;
    key = Value::object({{"start", std::move(begin)}, {"end", std::move(end)}});
  }
  Place from;
  return place(*node.a, in, from) && place_at(from, key, node.optional, out);
}

bool Machine::place(const Node& node, const Place& in, Place& out) {
  if (!budget_.spend(1)) {
    exhausted();
    return false;
  }
  bool truth = false;
  switch (node.op) {
    case Op::identity: out = in; return true;
    case Op::index:
    case Op::slice: return place_of_index(node, in, out);
    case Op::branch: return test(*node.a, in.value, truth) && place(truth ? *node.b : *node.c, in, out);
    case Op::pipe: {
      Place current = in;
      for (const Node* part : node.list) {
        Place next;
        if (!place(*part, current, next)) return false;
        current = std::move(next);
      }
      out = std::move(current);
      return true;
    }
    case Op::alternative:
      if (place(*node.a, in, out)) {
        if (out.value.truthy()) return true;
      } else if (status_ != Status::none) {
        return false;
      }
      return place(*node.b, in, out);
    case Op::attempt: {
      if (place(*node.a, in, out)) return true;
      if (status_ != Status::error) return false;
      if (node.b == nullptr) {
        status_ = Status::none;
        return false;
      }
      return place(*node.b, {std::move(error_), Value::boolean(false)}, out);
    }
    case Op::bind: {
      Value source;
      return evaluate(*node.a, in.value, source) && destructure(*node.bindings[0], source) && place(*node.b, in, out);
    }
    case Op::getpath: {
      Value path;
      return evaluate(*node.a, in.value, path) && place_at_path(in, path, out);
    }
    default:
      if (!evaluate(node, in.value, out.value)) return false;
      out.path = path_of_computed(out.value, in.value, in.path);
      return true;
  }
}

const Value* Machine::eval_path(const Node& node, const Value& in, Value& scratch) {
  Place out;
  if (!place(*node.a, {in, Value::array({})}, out)) return nullptr;
  if (!out.path.is_array()) {
    return fail_with(fail(fmt::format("Invalid path expression with result {}", excerpt(out.value))));
  }
  scratch = std::move(out.path);
  return &scratch;
}

}  // namespace cairn::jq
