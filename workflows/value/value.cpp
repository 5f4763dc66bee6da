#include "workflows/value/value.h"

#include "workflows/core/assert.h"
#include "workflows/value/number.h"

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

/// NaN equals NaN here: equality must not depend on whether two values happen to share storage.
bool equals_exactly(double a, double b) { return a == b || (a != a && b != b); }

bool equal_objects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  auto guess = b.begin();  // most often both have the same order
  for (const auto& [name, value] : a) {
    const Value* other = guess->name == name ? &guess->value : b.find(name);
    if (other == nullptr || !(value == *other)) return false;
    ++guess;
  }
  return true;
}

}  // namespace

void Value::destroy() noexcept {
  switch (kind_) {
    case Kind::Decimal: delete static_cast<const SharedDecimal*>(bits_.shared); break;
    case Kind::String: delete static_cast<const SharedString*>(bits_.shared); break;
    case Kind::Array: delete static_cast<const SharedArray*>(bits_.shared); break;
    case Kind::Object: delete static_cast<const SharedObject*>(bits_.shared); break;
    default: break;
  }
}

Value Value::decimal(std::string text, double nearest) {
  return adopt(Kind::Decimal, new SharedDecimal(std::move(text), nearest));
}

Value Value::string(std::string text) {
  static const Value empty = adopt(Kind::String, new SharedString(std::string()));
  if (text.empty()) return empty;
  return adopt(Kind::String, new SharedString(std::move(text)));
}

Value Value::array(Array items) {
  static const Value empty = adopt(Kind::Array, new SharedArray(1, {}));
  if (items.empty()) return empty;
  std::uint32_t nesting = 0;
  for (const auto& item : items) nesting = std::max(nesting, static_cast<std::uint32_t>(item.depth()));
  return adopt(Kind::Array, new SharedArray(nesting + 1, std::move(items)));
}

Value Value::object(std::vector<Member> members) {
  static const Value empty = adopt(Kind::Object, new SharedObject(1, Object({})));
  if (members.empty()) return empty;
  Object object(std::move(members));
  std::uint32_t nesting = 0;
  for (const auto& [name, value] : object) nesting = std::max(nesting, static_cast<std::uint32_t>(value.depth()));
  return adopt(Kind::Object, new SharedObject(nesting + 1, std::move(object)));
}

Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  std::vector<Member> copies;
  copies.reserve(members.size());
  for (const auto& [name, value] : members) copies.push_back({std::string(name), value});
  return object(std::move(copies));
}

Value Value::adopt(Kind kind, const Shared* storage) {
  Value result;
  result.kind_ = kind;
  result.bits_.shared = storage;
  return result;
}

const Value* Value::find(std::string_view name) const { return is_object() ? as_object().find(name) : nullptr; }

Value Value::get(std::string_view name) const {
  const Value* found = find(name);
  return found != nullptr ? *found : Value();
}

Value Value::with(std::string_view name, Value value) const {
  std::vector<Member> members;
  if (!is_null()) {
    const Object& old = as_object();
    members.reserve(old.size() + 1);
    members.assign(old.begin(), old.end());
  }
  const auto place = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
  if (place != members.end()) {
    place->value = std::move(value);
  } else {
    members.push_back({std::string(name), std::move(value)});
  }
  return object(std::move(members));
}

Value Value::without(std::string_view name) const {
  if (find(name) == nullptr) return *this;
  std::vector<Member> members;
  members.reserve(as_object().size() - 1);
  for (const auto& member : as_object()) {
    if (member.name != name) members.push_back(member);
  }
  return object(std::move(members));
}

// ---- changes
// -----------------------------------------------------------------------------------------------------------

/// Acquires what other threads did with the references they gave up.
bool Value::sole_owner() const {
  return !has_storage() || bits_.shared->references.load(std::memory_order_acquire) == 1;
}

std::string& Value::own_text() {
  if (!sole_owner()) *this = adopt(Kind::String, new SharedString(as_string()));
  return const_cast<SharedString*>(static_cast<const SharedString*>(bits_.shared))->text;
}

Array& Value::own_items() {
  if (!sole_owner()) *this = adopt(Kind::Array, new SharedArray(bits_.shared->depth, as_array()));
  return const_cast<SharedArray*>(static_cast<const SharedArray*>(bits_.shared))->items;
}

Object& Value::own_object() {
  if (!sole_owner()) *this = adopt(Kind::Object, new SharedObject(bits_.shared->depth, as_object()));
  return const_cast<SharedObject*>(static_cast<const SharedObject*>(bits_.shared))->object;
}

/// This owned array or object is about to hold `item`.
void Value::contain(const Value& item) {
  auto* shared = const_cast<Shared*>(bits_.shared);
  shared->depth = std::max(shared->depth, static_cast<std::uint32_t>(item.depth()) + 1);
}

void Value::append(std::string_view text) {
  CAIRN_ASSERT(is_string(), "text is appended to a value that is no string");
  own_text().append(text);
}

void Value::append(Value item) {
  CAIRN_ASSERT(is_array(), "an item is appended to a value that is no array");
  Array& items = own_items();
  contain(item);
  items.push_back(std::move(item));
}

void Value::set(std::size_t index, Value item) {
  CAIRN_ASSERT(is_array() && index < as_array().size(), "an element is set that is not there");
  Array& items = own_items();
  contain(item);
  items[index] = std::move(item);
}

void Value::set(std::string_view name, Value value) {
  CAIRN_ASSERT(is_object(), "a member is set of a value that is no object");
  Object& object = own_object();
  contain(value);
  object.set(name, std::move(value));
}

Value Value::take(std::size_t index) {
  CAIRN_ASSERT(is_array() && index < as_array().size(), "an element is taken that is not there");
  return std::exchange(own_items()[index], Value());
}

Value Value::take(std::string_view name) {
  CAIRN_ASSERT(is_object() && as_object().find(name) != nullptr, "a member is taken that is not there");
  return own_object().take(name);
}

std::string_view Value::type_name() const {
  switch (kind_) {
    case Kind::Null: return "null";
    case Kind::Bool: return "boolean";
    case Kind::Int:
    case Kind::Uint:
    case Kind::Double:
    case Kind::Decimal: return "number";
    case Kind::String: return "string";
    case Kind::Array: return "array";
    case Kind::Object: return "object";
  }
  CAIRN_ASSERT(false, "a value has an unknown kind");
}

bool Value::same_as(const Value& other) const {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::Null: return true;
    case Kind::Bool: return bits_.boolean == other.bits_.boolean;
    case Kind::Double: return equals_exactly(bits_.number, other.bits_.number);
    case Kind::Int:
    case Kind::Uint: return bits_.unsigned_integer == other.bits_.unsigned_integer;
    case Kind::Decimal:
    case Kind::String:
    case Kind::Array:
    case Kind::Object: return bits_.shared == other.bits_.shared;
  }
  CAIRN_ASSERT(false, "a value has an unknown kind");
}

std::size_t Value::approximate_bytes() const {
  std::size_t bytes = sizeof(Value);
  if (kind_ == Kind::Decimal) {
    bytes += sizeof(SharedDecimal) + as_decimal().size();
  } else if (is_string()) {
    bytes += sizeof(SharedString) + as_string().size();
  } else if (is_array()) {
    bytes += sizeof(SharedArray);
    for (const auto& item : as_array()) bytes += item.approximate_bytes();
  } else if (is_object()) {
    bytes += sizeof(SharedObject);
    for (const auto& [name, value] : as_object())
      bytes += sizeof(std::string) + name.size() + value.approximate_bytes();
  }
  return bytes;
}

bool operator==(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.same_as(b)) return true;
  if (a.is_number() && b.is_number()) {
    const bool has_nan = (a.kind_ == Kind::Double && a.bits_.number != a.bits_.number) ||
                         (b.kind_ == Kind::Double && b.bits_.number != b.bits_.number);
    return !has_nan && compare_numbers(a, b) == 0;
  }
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Kind::String: return a.as_string() == b.as_string();
    case Kind::Array: return a.as_array() == b.as_array();
    case Kind::Object: return equal_objects(a.as_object(), b.as_object());
    default: return false;  // same_as has compared every scalar
  }
}

}  // namespace cairn
