// What a value is and holds: length, type, keys, has, contains, toarray.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/order.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cairn::jq::native {
namespace {

Value count_of(std::size_t count) { return Value::unsigned_integer(count); }

Answer<Value> length_row(Surroundings& s, const Value& input, Arguments) { return length(s, input); }

Answer<Value> type(Surroundings&, const Value& input, Arguments) {
  return Value::string(std::string(input.type_name()));
}

Answer<Value> keys_of(Surroundings& s, const Value& input, bool sorted) {
  if (input.is_array()) {
    const std::size_t count = input.as_array().size();
    if (!s.budget.elements(count)) return out_of(s.budget);
    Array positions;
    positions.reserve(count);
    for (std::size_t i = 0; i < count; ++i) positions.push_back(count_of(i));
    return Value::array(std::move(positions));
  }
  if (!input.is_object()) return type_error(input, "has no keys");
  const Object& object = input.as_object();
  std::vector<std::string_view> names;
  std::size_t bytes = 0;
  names.reserve(object.size());
  for (const auto& member : object) {
    names.push_back(member.name);
    bytes += member.name.size();
  }
  if (!pay_members(s, names.size(), bytes)) return out_of(s.budget);
  if (sorted) std::sort(names.begin(), names.end());
  Array items;
  items.reserve(names.size());
  for (const auto name : names) items.push_back(Value::string(std::string(name)));
  return Value::array(std::move(items));
}

Answer<Value> keys(Surroundings& s, const Value& input, Arguments) { return keys_of(s, input, true); }
Answer<Value> keys_unsorted(Surroundings& s, const Value& input, Arguments) { return keys_of(s, input, false); }

Answer<Value> has(Surroundings&, const Value& input, Arguments arguments) {
  const Value& key = arguments[0];
  if (input.is_null()) return Value::boolean(false);
  if (input.is_object() && key.is_string()) return Value::boolean(input.find(key.as_string()) != nullptr);
  if (input.is_array() && key.is_number()) {
    if (is_nan(key)) return Value::boolean(false);
    const int at = to_int(key);
    return Value::boolean(at >= 0 && static_cast<std::size_t>(at) < input.as_array().size());
  }
  return fail("Cannot check whether " + std::string(input.type_name()) + " has a " + std::string(key.type_name()) +
              " key");
}

/// Whether one value lies within another, part by part.
class Containment {
 public:
  explicit Containment(Surroundings& s) : s_(s), comparison_(&s.budget) {}

  Answer<bool> test(const Value& in, const Value& what) {
    if (!s_.budget.spend(1)) return out_of(s_.budget);
    if (in.is_object() && what.is_object()) return test_members(in.as_object(), what.as_object());
    if (in.is_array() && what.is_array()) return test_elements(in.as_array(), what.as_array());
    if (in.is_string() && what.is_string()) return test_text(in.as_string(), what.as_string());
    const bool equal = comparison_.equal(in, what);
    if (comparison_.exhausted()) return out_of(s_.budget);
    return equal;
  }

 private:
  Answer<bool> test_members(const Object& in, const Object& what) {
    for (const auto& [name, value] : what) {
      const Value* mine = in.find(name);
      if (mine == nullptr) return false;
      CAIRN_TRY(const bool contained, test(*mine, value));
      if (!contained) return false;
    }
    return true;
  }

  Answer<bool> test_elements(const Array& in, const Array& what) {
    for (const auto& wanted : what) {
      bool found = false;
      for (auto mine = in.begin(); mine != in.end() && !found; ++mine) {
        CAIRN_TRY(found, test(*mine, wanted));
      }
      if (!found) return false;
    }
    return true;
  }

  Answer<bool> test_text(const std::string& in, const std::string& what) {
    if (what.empty()) return true;
    if (!pay_search(s_, in.size(), what.size())) return out_of(s_.budget);
    return find_text(in, what, 0) != std::string::npos;
  }

  Surroundings& s_;
  Comparison comparison_;
};

bool same_type(const Value& a, const Value& b) {
  // true and false are two types to jq's containment, as they are two steps of its order.
  return a.is_bool() && b.is_bool() ? a.as_bool() == b.as_bool() : a.type_name() == b.type_name();
}

Answer<Value> contains(Surroundings& s, const Value& input, Arguments arguments) {
  if (!same_type(input, arguments[0])) {
    return type_error(input, arguments[0], "cannot have their containment checked");
  }
  CAIRN_TRY(const bool contained, Containment(s).test(input, arguments[0]));
  return Value::boolean(contained);
}

Answer<Value> toarray(Surroundings& s, const Value& input, Arguments) {
  if (input.is_array()) return input;
  if (!s.budget.elements(1)) return out_of(s.budget);
  return bounded(s, Value::array({input}));
}

constexpr Native k_rows[] = {
    {"length", 0, length_row, true,
     "How many characters a string has, elements an array, members an object; of a number its absolute value, of null "
     "0."},
    {"type", 0, type, true,
     "The kind of the input: \"null\", \"boolean\", \"number\", \"string\", \"array\" or \"object\"."},
    {"keys", 0, keys, true, "The names of an object, sorted by code point; of an array its indices."},
    {"keys_unsorted", 0, keys_unsorted, true,
     "The names of an object in the order of its members; of an array its indices."},
    {"has", 1, has, true, "Whether the object has a member of this name, or the array an element at this index.",
     "key"},
    {"contains", 1, contains, true,
     "Whether `$part` lies within the input: a part of a string, elements of an array, members of an object, each "
     "again by containment; anything else must be equal.",
     "part"},
    {"toarray", 0, toarray, true, "An array as it is; any other value as the only element of an array."},
};

}  // namespace

Answer<Value> length(Surroundings& s, const Value& input) {
  switch (input.kind()) {
    case Value::Kind::Null: return Value::integer(0);
    case Value::Kind::Bool: return type_error(input, "has no length");
    case Value::Kind::Int: return input.as_int() < 0 ? negate(s, input) : input;
    case Value::Kind::Uint: return input;
    case Value::Kind::Double: return Value::number(std::fabs(input.as_double()));
    case Value::Kind::Decimal: return input.as_double() < 0 ? negate(s, input) : input;
    case Value::Kind::Array: return count_of(input.as_array().size());
    case Value::Kind::Object: return count_of(input.as_object().size());
    case Value::Kind::String: break;
  }
  if (!pay_reading(s, input.as_string().size())) return out_of(s.budget);
  return count_of(count_characters(input.as_string()));
}

Rows container_rows() { return k_rows; }

}  // namespace cairn::jq::native
