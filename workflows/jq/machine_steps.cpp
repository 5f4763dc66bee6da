// The instructions of generators, counters and paths.

#include "workflows/jq/machine.h"

#include <fmt/format.h>

#include <cmath>

namespace cairn::jq {
namespace {

const Member& member_at(const Object& object, std::size_t index) {
  return *(object.begin() + static_cast<std::ptrdiff_t>(index));
}

std::size_t elements_of(const Value& value) {
  return value.is_array() ? value.as_array().size() : value.as_object().size();
}

}  // namespace

// ---- each
// --------------------------------------------------------------------------------------------------------------

void Machine::set_element(const Instruction& i, std::size_t index, bool paths) {
  const Value& from = slot(i.b);
  Value key;
  if (from.is_array()) {
    slot(i.a) = from.as_array()[index];
    if (paths) key = Value::integer(static_cast<std::int64_t>(index));
  } else {
    const Member& member = member_at(from.as_object(), index);
    slot(i.a) = member.value;
    if (paths) key = Value::string(member.name);
  }
  if (!paths) return;
  const Array& before = slot(i.b + 1).as_array();
  Array path;
  path.reserve(before.size() + 1);
  path.insert(path.end(), before.begin(), before.end());
  path.push_back(std::move(key));
  slot(i.a + 1) = Value::array(std::move(path));
}

bool Machine::begin_each(const Instruction& i, bool paths) {
  const Value& from = slot(i.b);
  if (paths && !slot(i.b + 1).is_array()) {
    fail_with(fail(fmt::format("Invalid path expression near attempt to iterate through {}", excerpt(from))));
    return false;
  }
  if (!from.is_array() && !from.is_object()) {
    if (!i.node->optional) fail_with(cannot_iterate(from));
    return false;
  }
  const std::size_t size = elements_of(from);
  if (size == 0) return false;
  if (size > 1) {
    if (!push_point(Point::Kind::each, 1)) return false;
    points_.back().paths = paths;
  }
  set_element(i, 0, paths);
  return true;
}

bool Machine::resume_each(Point& point) {
  resume(point);
  const Instruction& i = code_[point.instruction];
  const std::uint32_t index = point.index++;
  const bool paths = point.paths;
  if (point.index == elements_of(slot(i.b))) points_.pop_back();
  if (!budget_.spend(1)) {
    exhausted();
    return false;
  }
  set_element(i, index, paths);
  return true;
}

// ---- range: slots b, b+1, b+2 hold the bounds, b+3 the current number
// -----------------------------------------------------

bool within(const Value& current, const Value& upto, const Value& by) {
  const double step = by.as_double();
  if (step > 0) return compare(current, upto) < 0 && !std::isnan(upto.as_double());
  if (step < 0) return compare(current, upto) > 0 && !std::isnan(current.as_double());
  return false;
}

Value advanced(const Value& current, const Value& by) {
  std::int64_t sum = 0;
  if (current.kind() == Value::Kind::Int && by.kind() == Value::Kind::Int &&
      !__builtin_add_overflow(current.as_int(), by.as_int(), &sum)) {
    return Value::integer(sum);
  }
  return Value::number(current.as_double() + by.as_double());
}

bool Machine::begin_range(const Instruction& i) {
  const Value& from = slot(i.b);
  const Value& upto = slot(i.b + 1);
  const Value& by = slot(i.b + 2);
  if (!from.is_number() || !upto.is_number() || !by.is_number()) {
    fail_with(fail("Range bounds must be numeric"));
    return false;
  }
  if (!within(from, upto, by)) return false;
  slot(i.b + 3) = from;
  if (within(advanced(from, by), upto, by) && !push_point(Point::Kind::range)) return false;
  slot(i.a) = slot(i.b + 3);
  return true;
}

bool Machine::resume_range(const Point& point) {
  resume(point);
  const Instruction& i = code_[point.instruction];
  const Value& by = slot(i.b + 2);
  Value current = advanced(slot(i.b + 3), by);
  if (!within(advanced(current, by), slot(i.b + 1), by)) points_.pop_back();
  slot(i.b + 3) = current;
  slot(i.a) = std::move(current);
  return true;
}

// ---- arrays
// ------------------------------------------------------------------------------------------------------------

bool Machine::gather(Value item) {
  if (!budget_.allocate(sizeof(Value))) {
    exhausted();
    return false;
  }
  gathered_.push_back(std::move(item));
  return true;
}

bool Machine::finish_array(const Point& point) {
  const auto begin = gathered_.begin() + point.gathered;
  Value made = Value::array(Array(std::make_move_iterator(begin), std::make_move_iterator(gathered_.end())));
  gathered_.resize(point.gathered);
  resume(point);
  const Instruction& i = code_[point.instruction];
  next_ = i.target;
  if (bounded(made) == nullptr) return false;
  slot(i.a) = std::move(made);
  return true;
}

// ---- counters
// ----------------------------------------------------------------------------------------------------------

bool Machine::to_count(const Value& wanted, bool for_skip, std::int64_t& count) {
  const std::string_view name = for_skip ? "skip" : "limit";
  if (wanted.is_string() || wanted.is_array() || wanted.is_object()) {
    auto answer = subtract(surroundings_, wanted, Value::integer(1));  // fails, with the words for it
    if (!answer) fail_with(std::move(answer).error());
    return false;
  }
  const double number = wanted.is_number() ? wanted.as_double() : -1;
  if (!(number >= 0)) {
    fail_with(fail(fmt::format("{} doesn't support negative count", name)));
    return false;
  }
  count = static_cast<std::int64_t>(std::min(for_skip ? std::floor(number) : std::ceil(number), 9e18));
  return true;
}

bool Machine::count(const Instruction& i, bool for_skip) {
  std::int64_t number = 0;
  if (!to_count(slot(i.b), for_skip, number)) return false;
  slot(i.a) = Value::integer(number);
  return number > 0 || for_skip;
}

bool Machine::count_down(const Instruction& i) {
  const std::int64_t left = slot(i.a).as_int() - 1;
  slot(i.a) = Value::integer(left);
  if (left == 0) forget_points(static_cast<std::size_t>(slot(i.b).as_int()));
  return true;
}

bool Machine::skip_down(const Instruction& i) {
  const std::int64_t left = slot(i.a).as_int();
  if (left == 0) return true;
  slot(i.a) = Value::integer(left - 1);
  return false;
}

// ---- paths
// -------------------------------------------------------------------------------------------------------------

bool Machine::index_path(const Instruction& i) {
  Place out;
  if (!place_at({slot(i.b), slot(i.b + 1)}, slot(i.c), i.node->optional, out)) return false;
  slot(i.a) = std::move(out.value);
  slot(i.a + 1) = std::move(out.path);
  return true;
}

bool Machine::getpath_path(const Instruction& i) {
  Place out;
  if (!place_at_path({slot(i.b), slot(i.b + 1)}, slot(i.c), out)) return false;
  slot(i.a) = std::move(out.value);
  slot(i.a + 1) = std::move(out.path);
  return true;
}

bool Machine::end_path(const Instruction& i) {
  if (!slot(i.b + 1).is_array()) {
    fail_with(fail(fmt::format("Invalid path expression with result {}", excerpt(slot(i.b)))));
    return false;
  }
  slot(i.a) = slot(i.b + 1);
  return true;
}

bool Machine::set_place(const Instruction& i) {
  const Value path = slot(i.b);
  Value root = std::move(slot(i.a));
  const Visit visit = change_path(root, path.as_array(), [&](Value& value) {
    value = slot(i.c);
    return Visit::kept;
  });
  slot(i.a) = std::move(root);
  return visit == Visit::kept;
}

bool Machine::modify_place(const Instruction& i) {
  const Value path = slot(i.b);
  Value root = std::move(slot(i.a));
  bool removed = false;
  const Visit visit = change_path(root, path.as_array(), [&](Value& value) {
    const Visit applied = apply(*i.node, value);
    if (applied != Visit::removed) return applied;
    removed = true;
    return Visit::untouched;
  });
  slot(i.a) = std::move(root);
  return visit != Visit::failed && (!removed || remember(i.c, path));
}

/// `path` joins the list in slot `list`.
bool Machine::remember(std::uint32_t list, const Value& path) {
  Value paths = std::move(slot(list));
  if (!budget_.elements(1) || !pay_to_own(paths)) {
    exhausted();
    return false;
  }
  paths.append(path);
  slot(list) = std::move(paths);
  return true;
}

}  // namespace cairn::jq
