#include "workflows/jq/machine.h"

#include "workflows/core/assert.h"

#include <algorithm>

namespace cairn::jq {
namespace {

/// What a call costs beside its own step: the slots of its frame are cleared.
constexpr std::uint32_t k_slots_a_step = 16;

}  // namespace

Answer<void> Machine::run(const Value& input, std::span<const Value> variables, FunctionRef<bool(Value)> output) {
  const Body& main = program_.bodies.front();
  CAIRN_ASSERT(variables.size() == main.parameters, "a program is run with other variables than it was compiled with");
  if (!main.root->streamed) {
    if (!push_frame(main.for_values, 0, 0)) return out_of(budget_);
    slot(0) = input;
    std::copy(variables.begin(), variables.end(), slots_.begin() + 2);
    return loop(output);
  }
  if (main.slots > 2) {  // the evaluator needs no frame, only the variables
    slots_.resize(main.slots);
    std::copy(variables.begin(), variables.end(), slots_.begin() + 2);
  }
  const Flow flow = stream(*main.root, input, [&](const Value& value) {
    if (outputs_++ < budget_.limits().outputs) return output(value) ? Flow::more : Flow::enough;
    budget_.exhaust(Exhausted::outputs);
    exhausted();
    return Flow::failed;
  });
  if (flow != Flow::failed) return success();
  return failure();
}

Failure Machine::failure() {
  if (status_ == Status::exhausted) return Failure{Value(), budget_.exhausted(), offset_};
  return Failure{std::move(error_), Exhausted::none, offset_};
}

Answer<void> Machine::loop(FunctionRef<bool(Value)> output) {
  for (;;) {
    const Instruction& instruction = code_[next_++];
    if (!budget_.spend(1)) return Failure{Value(), Exhausted::fuel, instruction.offset};
    bool on = true;
    if (instruction.code == Code::give || instruction.code == Code::give_path) {
      bool stopped = false;
      on = give(instruction, instruction.code == Code::give_path, output, stopped);
      if (stopped) return success();
    } else {
      on = step(instruction);
    }
    while (!on) {
      if (status_ != Status::none) {
        locate(instruction.offset);
        if (status_ == Status::exhausted || !catch_error()) return failure();
        break;
      }
      if (points_.empty()) return success();
      on = go_back();
    }
  }
}

bool Machine::step(const Instruction& i) {
  status_ = Status::none;
  switch (i.code) {
    case Code::evaluate: {
      Value scratch;
      const Value* value = eval(*i.node, slot(i.b), scratch);
      if (value == nullptr) return false;
      if (value == &scratch) {
        slot(i.a) = std::move(scratch);
      } else {
        slot(i.a) = *value;
      }
      return true;
    }
    case Code::evaluate_path: {
      Place out;
      if (!place(*i.node, {slot(i.b), slot(i.b + 1)}, out)) return false;
      slot(i.a) = std::move(out.value);
      slot(i.a + 1) = std::move(out.path);
      return true;
    }
    case Code::consume: {
      Value out;
      Value state = std::move(slot(i.a));
      slot(i.a) = Value();
      if (!consume(*i.node, std::move(state), out)) return false;
      slot(i.a) = std::move(out);
      return true;
    }
    case Code::copy: slot(i.a) = slot(i.b); return true;
    case Code::copy_path:
      slot(i.a) = slot(i.b);
      slot(i.a + 1) = slot(i.b + 1);
      return true;
    case Code::clear:
      if (!budget_.spend(i.node->slots.size() / k_slots_a_step)) {
        exhausted();
        return false;
      }
      for (const std::uint32_t cleared : i.node->slots) slot(cleared) = Value();
      return true;
    case Code::no_path: slot(i.a + 1) = Value::boolean(false); return true;
    case Code::computed: slot(i.a + 1) = path_of_computed(slot(i.a), slot(i.b), slot(i.b + 1)); return true;
    case Code::test: {
      bool truth = false;
      if (!test(*i.node, slot(i.b), truth)) return false;
      if (!truth) next_ = i.target;
      return true;
    }
    case Code::test_slot:
      if (!slot(i.b).truthy()) next_ = i.target;
      return true;
    case Code::jump: next_ = i.target; return true;
    case Code::fork: return push_point(Point::Kind::fork);
    case Code::back: return false;
    case Code::each: return begin_each(i, false);
    case Code::each_path: return begin_each(i, true);
    case Code::range: return begin_range(i);
    case Code::collect: return push_point(Point::Kind::collect);
    case Code::gather: return gather(slot(i.b)) && false;
    case Code::attempt:
      slot(i.a) = Value::integer(static_cast<std::int64_t>(points_.size()));
      return push_point(Point::Kind::attempt);
    case Code::leave: return leave(i);
    case Code::alternative: slot(i.a) = Value::boolean(false); return push_point(Point::Kind::alternative);
    case Code::found: return found(i);
    case Code::mark: slot(i.a) = Value::integer(static_cast<std::int64_t>(points_.size())); return true;
    case Code::cut: forget_points(static_cast<std::size_t>(slot(i.a).as_int())); return true;
    case Code::escape: drop_points(static_cast<std::size_t>(variable(*i.node).as_int())); return false;
    case Code::take:
      slot(i.a) = std::move(slot(i.b));
      slot(i.b) = Value();
      return true;
    case Code::take_last:
      slot(i.a) = slot(i.b);
      if (points_.size() == static_cast<std::size_t>(slot(i.c).as_int())) slot(i.b) = Value();
      return true;
    case Code::count: return count(i, false);
    case Code::count_skip: return count(i, true);
    case Code::count_down: return count_down(i);
    case Code::skip_down: return skip_down(i);
    case Code::index_path: return index_path(i);
    case Code::getpath_path: return getpath_path(i);
    case Code::end_path: return end_path(i);
    case Code::set: return set_place(i);
    case Code::modify: return modify_place(i);
    case Code::remember: return remember(i.a, slot(i.b));
    case Code::remove: {
      if (slot(i.b).as_array().empty()) return true;
      const Value from = std::move(slot(i.a));
      return accept(delpaths(surroundings_, from, slot(i.b).as_array()), slot(i.a));
    }
    case Code::call: return call(i, false, false);
    case Code::call_path: return call(i, true, false);
    case Code::tail_call: return call(i, false, true);
    case Code::tail_call_path: return call(i, true, true);
    case Code::parameter: return call_parameter(i, false, false);
    case Code::parameter_path: return call_parameter(i, true, false);
    case Code::tail_parameter: return call_parameter(i, false, true);
    case Code::tail_parameter_path: return call_parameter(i, true, true);
    case Code::give:
    case Code::give_path: break;
  }
  CAIRN_ASSERT(false, "an instruction is unknown");
}

// ---- points
// ------------------------------------------------------------------------------------------------------------

bool Machine::push_point(Point::Kind kind, std::uint32_t index) {
  if (points_.size() >= budget_.limits().frames) {
    budget_.exhaust(Exhausted::frames);
    exhausted();
    return false;
  }
  points_.push_back({kind, false, next_ - 1, current_, static_cast<std::uint32_t>(frames_.size()),
                     static_cast<std::uint32_t>(gathered_.size()), index});
  return true;
}

/// Makes everything as it was at `point`, which then is at its instruction again.
void Machine::resume(const Point& point) {
  pop_frames(point.frames);
  enter(point.frame);
  next_ = point.instruction + 1;
}

bool Machine::go_back() {
  Point point = points_.back();
  switch (point.kind) {
    case Point::Kind::each: return resume_each(points_.back());
    case Point::Kind::range: return resume_range(point);
    case Point::Kind::collect: points_.pop_back(); return finish_array(point);
    default: break;
  }
  points_.pop_back();
  if (point.kind == Point::Kind::attempt || point.kind == Point::Kind::left) return false;
  resume(point);
  const Instruction& i = code_[point.instruction];
  if (point.kind == Point::Kind::alternative && slot(i.a).truthy()) return false;
  next_ = i.target;
  return true;
}

bool Machine::catch_error() {
  while (!points_.empty()) {
    const Point point = points_.back();
    drop_points(points_.size() - 1);
    if (point.kind == Point::Kind::left) {
      drop_points(point.index);
    } else if (point.kind == Point::Kind::attempt) {
      resume(point);
      const Instruction& i = code_[point.instruction];
      slot(i.b) = std::move(error_);
      next_ = i.target;
      return true;
    }
  }
  return false;
}

/// Gives up the points above `height`, and what arrays among them have gathered.
void Machine::drop_points(std::size_t height) {
  while (points_.size() > height) {
    if (points_.back().kind == Point::Kind::collect) gathered_.resize(points_.back().gathered);
    points_.pop_back();
  }
}

/// Drops the points above `height`, and the frames that only they kept.
void Machine::forget_points(std::size_t height) {
  drop_points(height);
  const std::size_t kept = points_.empty() ? 0 : points_.back().frames;
  pop_frames(std::max<std::size_t>(kept, current_ + 1));
}

bool Machine::leave(const Instruction& i) {
  if (slot(i.a).is_null()) return true;
  const auto handler = static_cast<std::uint32_t>(slot(i.a).as_int());
  if (points_.size() == handler + 1) {
    points_.pop_back();
    return true;
  }
  return push_point(Point::Kind::left, handler);
}

bool Machine::found(const Instruction& i) {
  if (!slot(i.b).truthy()) return false;
  slot(i.a) = Value::boolean(true);
  const Point& last = points_.back();
  if (last.kind == Point::Kind::alternative && last.frame == current_ && code_[last.instruction].a == i.a)
    points_.pop_back();
  return true;
}

// ---- frames
// ------------------------------------------------------------------------------------------------------------

void Machine::enter(std::uint32_t frame) {
  current_ = frame;
  base_ = frames_[frame].base;
  code_ = frames_[frame].routine->code.data();
}

std::uint32_t Machine::frame_at(std::uint32_t hops) const {
  std::uint32_t frame = current_;
  for (; hops > 0; --hops) frame = frames_[frame].parent;
  return frame;
}

/// A frame for `routine`, called by the current one; its slots are null.
bool Machine::push_frame(const Routine& routine, std::uint32_t parent, std::uint32_t result) {
  if (frames_.size() >= budget_.limits().frames) {
    budget_.exhaust(Exhausted::frames);
    exhausted();
    return false;
  }
  const std::size_t base = slots_.size();
  const std::size_t size = base + routine.slots;
  if (!budget_.spend(routine.slots / k_slots_a_step)) {
    exhausted();
    return false;
  }
  if (size > most_slots_) {
    if (!budget_.allocate((size - most_slots_) * sizeof(Value))) {
      exhausted();
      return false;
    }
    most_slots_ = size;
  }
  slots_.resize(size);
  frames_.push_back({&routine, static_cast<std::uint32_t>(base), static_cast<std::uint32_t>(closures_.size()), parent,
                     current_, next_, result, static_cast<std::uint32_t>(points_.size())});
  enter(static_cast<std::uint32_t>(frames_.size() - 1));
  next_ = 0;
  return true;
}

void Machine::pop_frames(std::size_t height) {
  if (frames_.size() <= height) return;
  slots_.resize(frames_[height].base);
  closures_.resize(frames_[height].closures);
  frames_.resize(height);
}

bool Machine::call(const Instruction& i, bool paths, bool is_tail) {
  const Call& call = *i.node->call;
  const Routine& routine = paths ? call.body->for_paths : call.body->for_values;
  const std::uint32_t parent = frame_at(call.hops);
  const std::uint32_t caller = current_;
  if (!budget_.spend(call.values.size() + call.closures.size())) {
    exhausted();
    return false;
  }
  Value input = slot(i.b);
  Value path = paths ? slot(i.b + 1) : Value();
  std::vector<Value> values(slots_.begin() + base_ + i.c, slots_.begin() + base_ + i.c + call.body->parameters);
  std::vector<Closure> passed;
  bool makes_closures = false;
  for (const auto& filter : call.closures) {
    makes_closures |= filter.body != nullptr;
    passed.push_back(filter.body != nullptr ? Closure{filter.body, caller}
                                            : closures_[frames_[frame_at(filter.hops)].closures + filter.index]);
  }
  if (is_tail && alone() && parent != current_ && !makes_closures) {
    const Frame given_up = frames_[current_];
    pop_frames(current_);
    if (!push_frame(routine, parent, given_up.result)) return false;
    frames_.back().caller = given_up.caller;
    frames_.back().return_to = given_up.return_to;
  } else if (!push_frame(routine, parent, i.a)) {
    return false;
  }
  slot(0) = std::move(input);
  slot(1) = std::move(path);
  std::move(values.begin(), values.end(), slots_.begin() + base_ + 2);
  closures_.insert(closures_.end(), passed.begin(), passed.end());
  if (closures_.size() <= most_closures_) return true;
  const bool paid = budget_.allocate((closures_.size() - most_closures_) * sizeof(Closure));
  most_closures_ = closures_.size();
  if (!paid) exhausted();
  return paid;
}

bool Machine::call_parameter(const Instruction& i, bool paths, bool is_tail) {
  const Closure closure = closures_[frames_[frame_at(i.node->hops)].closures + i.node->slot];
  const Routine& routine = paths ? closure.body->for_paths : closure.body->for_values;
  Value input = slot(i.b);
  Value path = paths ? slot(i.b + 1) : Value();
  if (is_tail && alone() && closure.frame < current_) {
    const Frame given_up = frames_[current_];
    pop_frames(current_);
    if (!push_frame(routine, closure.frame, given_up.result)) return false;
    frames_.back().caller = given_up.caller;
    frames_.back().return_to = given_up.return_to;
  } else if (!push_frame(routine, closure.frame, i.a)) {
    return false;
  }
  slot(0) = std::move(input);
  slot(1) = std::move(path);
  return true;
}

bool Machine::give(const Instruction& i, bool paths, FunctionRef<bool(Value)> output, bool& stopped) {
  status_ = Status::none;
  const Frame frame = frames_[current_];
  if (current_ == 0) {
    if (outputs_++ >= budget_.limits().outputs) {
      budget_.exhaust(Exhausted::outputs);
      exhausted();
      return false;
    }
    stopped = !output(slot(i.b));
    return false;
  }
  const bool leaving = alone();
  Value value = leaving ? std::move(slot(i.b)) : slot(i.b);
  Value path = !paths ? Value() : leaving ? std::move(slot(i.b + 1)) : slot(i.b + 1);
  if (leaving) pop_frames(current_);
  enter(frame.caller);
  next_ = frame.return_to;
  slot(frame.result) = std::move(value);
  if (paths) slot(frame.result + 1) = std::move(path);
  return true;
}

}  // namespace cairn::jq
