// The evaluator's loops: streamed nodes, and what takes their outputs.

#include "workflows/core/assert.h"
#include "workflows/jq/machine.h"

#include <cmath>

namespace cairn::jq {

Machine::Flow Machine::stream_parts(const Node& node, const Value& in, Sink sink) {
  if (node.direct) {
    Value scratch;
    const Value* value = eval(node, in, scratch);
    return value == nullptr ? without_value() : sink(*value);
  }
  if (!budget_.spend(1)) {
    exhausted();
    return Flow::failed;
  }
  switch (node.op) {
    case Op::each: return stream(*node.a, in, [&](const Value& from) { return stream_elements(node, from, sink); });
    case Op::descend: return stream_descent(in, sink);
    case Op::index: return stream_index(node, in, sink);
    case Op::pipe: return stream_pipe(node.list, in, sink);
    case Op::comma:
      for (const Node* part : node.list) {
        const Flow flow = stream(*part, in, sink);
        if (flow != Flow::more) return flow;
      }
      return Flow::more;
    case Op::attempt: return stream_attempt(node, in, sink);
    case Op::alternative: return stream_alternative(node, in, sink);
    case Op::branch: {
      bool truth = false;
      if (!test(*node.a, in, truth)) return without_value();
      return stream(truth ? *node.b : *node.c, in, sink);
    }
    case Op::bind:
      return stream(*node.a, in, [&](const Value& source) {
        return destructure(*node.bindings[0], source) ? stream(*node.b, in, sink) : without_value();
      });
    case Op::foreach: return stream_foreach(node, in, sink);
    case Op::limit:
    case Op::skip: return stream_some(node, in, sink);
    case Op::range: return stream_range(node, in, sink);
    default: break;
  }
  CAIRN_ASSERT(false, "a node that needs the machine is streamed");
}

Machine::Flow Machine::stream_pipe(std::span<const Node* const> parts, const Value& in, Sink sink) {
  if (parts.size() == 1) return stream(*parts[0], in, sink);
  return stream(*parts[0], in, [&](const Value& value) { return stream_pipe(parts.subspan(1), value, sink); });
}

Machine::Flow Machine::stream_elements(const Node& node, const Value& from, Sink sink) {
  const auto give = [&](const Value& element) {
    if (budget_.spend(1)) return sink(element);
    exhausted();
    return Flow::failed;
  };
  if (from.is_array()) {
    for (const auto& item : from.as_array()) {
      const Flow flow = give(item);
      if (flow != Flow::more) return flow;
    }
    return Flow::more;
  }
  if (from.is_object()) {
    for (const auto& member : from.as_object()) {
      const Flow flow = give(member.value);
      if (flow != Flow::more) return flow;
    }
    return Flow::more;
  }
  if (node.optional) return Flow::more;
  fail_with(cannot_iterate(from));
  return Flow::failed;
}

/// Recurses as deep as the value nests, which the doors bound.
Machine::Flow Machine::stream_descent(const Value& value, Sink sink) {
  if (!budget_.spend(1)) {
    exhausted();
    return Flow::failed;
  }
  const Flow flow = sink(value);
  if (flow != Flow::more) return flow;
  if (value.is_array()) {
    for (const auto& item : value.as_array()) {
      const Flow inner = stream_descent(item, sink);
      if (inner != Flow::more) return inner;
    }
  } else if (value.is_object()) {
    for (const auto& member : value.as_object()) {
      const Flow inner = stream_descent(member.value, sink);
      if (inner != Flow::more) return inner;
    }
  }
  return Flow::more;
}

Machine::Flow Machine::stream_index(const Node& node, const Value& in, Sink sink) {
  Value key;
  if (!evaluate(*node.b, in, key)) return without_value();
  return stream(*node.a, in, [&](const Value& from) {
    if (key.is_string() && from.is_object()) {
      const Value* found = from.as_object().find(key.as_string());
      if (found != nullptr) return sink(*found);
      return sink(Value());
    }
    Value part;
    auto answer = index(surroundings_, from, key);
    if (!answer && node.optional && answer.error().exhausted == Exhausted::none) return Flow::more;
    return accept(std::move(answer), part) ? sink(part) : Flow::failed;
  });
}

Machine::Flow Machine::stream_attempt(const Node& node, const Value& in, Sink sink) {
  bool beyond = false;  // the failure is one of what comes after
  const Flow flow = stream(*node.a, in, [&](const Value& value) {
    const Flow inner = sink(value);
    beyond = inner == Flow::failed;
    return inner;
  });
  if (flow != Flow::failed || beyond || status_ != Status::error) return flow;
  if (node.b == nullptr) return Flow::more;
  const Value error = std::move(error_);
  return stream(*node.b, error, sink);
}

Machine::Flow Machine::stream_alternative(const Node& node, const Value& in, Sink sink) {
  bool any = false;
  const Flow flow = stream(*node.a, in, [&](const Value& value) {
    if (!value.truthy()) return Flow::more;
    any = true;
    return sink(value);
  });
  return flow != Flow::more || any ? flow : stream(*node.b, in, sink);
}

Machine::Flow Machine::stream_foreach(const Node& node, const Value& in, Sink sink) {
  Value state;
  if (!evaluate(*node.b, in, state)) return without_value();
  return stream(*node.a, in, [&](const Value& source) {
    Value next;
    if (!destructure(*node.bindings[0], source)) return without_value();
    const bool any = consume(*node.c, std::exchange(state, Value()), next);
    if (!any) return without_value();
    state = std::move(next);
    return node.d == nullptr ? sink(state) : stream(*node.d, state, sink);
  });
}

/// limit and skip.
Machine::Flow Machine::stream_some(const Node& node, const Value& in, Sink sink) {
  Value wanted;
  std::int64_t left = 0;
  if (!evaluate(*node.b, in, wanted)) return without_value();
  if (!to_count(wanted, node.op == Op::skip, left)) return Flow::failed;
  if (node.op == Op::skip)
    return stream(*node.a, in, [&](const Value& value) { return left-- > 0 ? Flow::more : sink(value); });
  if (left == 0) return Flow::more;
  bool reached = false;
  const Flow flow = stream(*node.a, in, [&](const Value& value) {
    const Flow inner = sink(value);
    if (inner != Flow::more || --left > 0) return inner;
    reached = true;
    return Flow::enough;
  });
  return reached ? Flow::more : flow;
}

Machine::Flow Machine::stream_range(const Node& node, const Value& in, Sink sink) {
  Value bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    if (!evaluate(*node.list[i], in, bounds[i])) return without_value();
  }
  if (!bounds[0].is_number() || !bounds[1].is_number() || !bounds[2].is_number()) {
    fail_with(fail("Range bounds must be numeric"));
    return Flow::failed;
  }
  for (Value current = bounds[0]; within(current, bounds[1], bounds[2]); current = advanced(current, bounds[2])) {
    if (!budget_.spend(1)) {
      exhausted();
      return Flow::failed;
    }
    const Flow flow = sink(current);
    if (flow != Flow::more) return flow;
  }
  return Flow::more;
}

// ---- what takes the outputs
// --------------------------------------------------------------------------------------------

const Value* Machine::eval_collect(const Node& node, const Value& in, Value& scratch) {
  Array items;
  const Flow flow = stream(*node.a, in, [&](const Value& value) {
    if (!budget_.allocate(sizeof(Value))) {
      exhausted();
      return Flow::failed;
    }
    items.push_back(value);
    return Flow::more;
  });
  if (flow == Flow::failed) return nullptr;
  scratch = Value::array(std::move(items));
  return bounded(scratch);
}

const Value* Machine::eval_reduce(const Node& node, const Value& in, Value& scratch) {
  Value state;
  if (!evaluate(*node.b, in, state)) return nullptr;
  const Flow flow = stream(*node.a, in, [&](const Value& source) {
    if (!destructure(*node.bindings[0], source)) return without_value();
    Value next;
    if (!consume(*node.c, std::exchange(state, Value()), next)) return without_value();
    state = std::move(next);
    return Flow::more;
  });
  if (flow == Flow::failed) return nullptr;
  scratch = std::move(state);
  return &scratch;
}

/// first and last.
const Value* Machine::eval_one(const Node& node, const Value& in, Value& scratch) {
  bool any = false;
  Value one;
  const Flow flow = stream(*node.a, in, [&](const Value& value) {
    one = value;
    any = true;
    return node.op == Op::first ? Flow::enough : Flow::more;
  });
  if (flow == Flow::failed) return nullptr;
  if (!any) return no_value();
  scratch = std::move(one);
  return &scratch;
}

}  // namespace cairn::jq
