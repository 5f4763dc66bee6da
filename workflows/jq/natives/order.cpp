#include "workflows/jq/natives/order.h"

#include "workflows/jq/native.h"
#include "workflows/jq/natives/numbers.h"

#include <algorithm>
#include <vector>

namespace cairn::jq {
namespace native {
namespace {

using Kind = Value::Kind;

/// Where a kind stands in the order; the two booleans differ, the kinds of number do not.
int rank(const Value& value) {
  switch (value.kind()) {
    case Kind::Null: return 0;
    case Kind::Bool: return value.as_bool() ? 2 : 1;
    case Kind::Int:
    case Kind::Uint:
    case Kind::Double:
    case Kind::Decimal: return 3;
    case Kind::String: return 4;
    case Kind::Array: return 5;
    case Kind::Object: return 6;
  }
  return 0;
}

using Members = std::vector<const Member*>;

Members by_name(const Object& object) {
  Members members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->name < b->name; });
  return members;
}

}  // namespace

void Comparison::settle() {
  if (budget_ != nullptr && visits_ > 0 && !exhausted_ && !budget_->spend(visits_)) exhausted_ = true;
  visits_ = 0;
}

int Comparison::order(const Value& a, const Value& b, Nan nan) {
  if (!visit()) return 0;
  const int kinds = rank(a) - rank(b);
  if (kinds != 0) return kinds;
  if (a.is_number()) {
    if (is_nan(a)) return nan == Nan::equal_to_itself && is_nan(b) ? 0 : -1;
    return is_nan(b) ? 1 : compare_numbers(a, b);
  }
  if (a.is_string()) {
    const std::string& left = a.as_string();
    const std::string& right = b.as_string();
    visit(std::min(left.size(), right.size()));
    return left.compare(right);
  }
  if (a.is_array()) {
    const Array& left = a.as_array();
    const Array& right = b.as_array();
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
      const int difference = order(left[i], right[i], nan);
      if (difference != 0 || exhausted_) return exhausted_ ? 0 : difference;
    }
    return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
  }
  return a.is_object() ? order_objects(a.as_object(), b.as_object(), nan) : 0;
}

int Comparison::order_objects(const Object& a, const Object& b, Nan nan) {
  if (!visit(k_bytes_per_step * (a.size() + b.size()))) return 0;
  const Members left = by_name(a);
  const Members right = by_name(b);
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const int difference = left[i]->name.compare(right[i]->name);
    if (difference != 0) return difference;
  }
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int difference = order(left[i]->value, right[i]->value, nan);
    if (difference != 0 || exhausted_) return exhausted_ ? 0 : difference;
  }
  return 0;
}

bool Comparison::equal(const Value& a, const Value& b) {
  if (!visit()) return false;
  if (a.is_number()) return b.is_number() && !is_nan(a) && !is_nan(b) && compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.is_null() || a.is_bool()) return a.same_as(b);
  if (a.is_string()) {
    visit(a.as_string().size());
    return a.as_string() == b.as_string();
  }
  if (a.is_array()) {
    const Array& left = a.as_array();
    const Array& right = b.as_array();
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [&](const Value& x, const Value& y) { return equal(x, y); });
  }
  return a.is_object() && equal_objects(a.as_object(), b.as_object());
}

bool Comparison::equal_objects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  auto guess = b.begin();  // most often both have the same order
  for (const auto& [name, value] : a) {
    const Value* other = guess->name == name ? &guess->value : b.find(name);
    if (other == nullptr || !equal(value, *other)) return false;
    ++guess;
  }
  return true;
}

}  // namespace native

int compare(const Value& a, const Value& b) {
  return native::Comparison(nullptr).order(a, b, native::Comparison::Nan::below_itself);
}

Answer<int> compare(Surroundings& s, const Value& a, const Value& b) {
  native::Comparison comparison(&s.budget);
  const int order = comparison.order(a, b, native::Comparison::Nan::below_itself);
  if (comparison.exhausted()) return out_of(s.budget);
  return order;
}

Answer<bool> equal(Surroundings& s, const Value& a, const Value& b) {
  native::Comparison comparison(&s.budget);
  const bool same = comparison.equal(a, b);
  if (comparison.exhausted()) return out_of(s.budget);
  return same;
}

}  // namespace cairn::jq
