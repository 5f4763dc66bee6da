// getpath, setpath, delpaths. A change copies the containers along its path and shares all the rest.

#include "workflows/jq/natives/access.h"
#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/order.h"
#include "workflows/jq/natives/sorting.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <climits>

namespace cairn::jq {
namespace native {
namespace {

constexpr std::size_t k_longest_path = 10'000;  // jq's own limit, an error that `try` sees

Failure path_too_deep() { return fail("Path too deep"); }
Failure not_a_path() { return fail("Path must be specified as an array"); }

Answer<Value> set_member(Surroundings& s, const Value& into, const std::string& name, Value value) {
  if (!pay_members(s, into.is_null() ? 1 : into.as_object().size() + 1, name.size())) return out_of(s.budget);
  return into.with(name, std::move(value));
}

Answer<Value> set_element(Surroundings& s, const Value& into, const Value& key, Value value) {
  if (is_nan(key)) return fail("Cannot set array element at NaN index");
  static const Array none;
  const Array& old = into.is_null() ? none : into.as_array();
  std::int64_t at = to_int(key);
  if (at < 0) at += static_cast<std::int64_t>(old.size());
  if (at < 0) return fail("Out of bounds negative array index");
  constexpr std::int64_t greatest = INT_MAX >> 2;
  if (at > greatest) return fail("Array index too large");
  const std::size_t size = std::max(old.size(), static_cast<std::size_t>(at) + 1);
  if (!s.budget.elements(size)) return out_of(s.budget);
  Array items;
  items.reserve(size);
  items = old;
  items.resize(size);
  items[static_cast<std::size_t>(at)] = std::move(value);
  return Value::array(std::move(items));
}

Answer<Value> set_slice(Surroundings& s, const Value& into, const Value& range, const Value& value) {
  static const Array none;
  const Array& old = into.is_null() ? none : into.as_array();
  CAIRN_TRY(const Span span, slice_span(old.size(), range));
  if (!value.is_array()) return fail("A slice of an array can only be assigned another array");
  const Array& inserted = value.as_array();
  const std::size_t size = old.size() - (span.end - span.start) + inserted.size();
  if (!s.budget.elements(size)) return out_of(s.budget);
  Array items;
  items.reserve(size);
  items.insert(items.end(), old.begin(), old.begin() + static_cast<std::ptrdiff_t>(span.start));
  items.insert(items.end(), inserted.begin(), inserted.end());
  items.insert(items.end(), old.begin() + static_cast<std::ptrdiff_t>(span.end), old.end());
  return Value::array(std::move(items));
}

/// `into` with `value` at one key.
Answer<Value> set(Surroundings& s, const Value& into, const Value& key, Value value) {
  const bool absent = into.is_null();
  if (key.is_string() && (into.is_object() || absent)) return set_member(s, into, key.as_string(), std::move(value));
  if (key.is_number() && (into.is_array() || absent)) return set_element(s, into, key, std::move(value));
  if (key.is_object() && (into.is_array() || absent)) return set_slice(s, into, key, value);
  if (key.is_object() && into.is_string()) return fail("Cannot update string slices");
  return fail("Cannot update field at " + std::string(key.type_name()) + " index of " + std::string(into.type_name()));
}

// ---- delpaths ------------------------------------------------------------------------------------------------------

/// Which elements of an array go.
Answer<bool> mark(const Array& items, const Value& key, std::vector<bool>& doomed) {
  if (key.is_object()) {
    CAIRN_TRY(const Span span, slice_span(items.size(), key));
    for (std::size_t at = span.start; at < span.end; ++at) doomed[at] = true;
    return true;
  }
  if (!key.is_number()) return fail("Cannot delete " + std::string(key.type_name()) + " element of array");
  if (is_nan(key)) return true;
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t wanted = to_int(key);
  const std::int64_t at = wanted < 0 ? wanted + size : wanted;
  if (at >= 0 && at < size) doomed[static_cast<std::size_t>(at)] = true;
  return true;
}

Answer<Value> delete_elements(Surroundings& s, const Array& items, const Pointers& keys) {
  if (!s.budget.elements(items.size())) return out_of(s.budget);
  std::vector<bool> doomed(items.size());
  for (const Value* key : keys) {
    if (!s.budget.spend(key->is_object() ? 1 + items.size() / 64 : 1)) return out_of(s.budget);
    CAIRN_TRY(mark(items, *key, doomed));
  }
  Array kept;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!doomed[i]) kept.push_back(items[i]);
  }
  return Value::array(std::move(kept));
}

/// `keys` are sorted, as the paths are.
Answer<Value> delete_members(Surroundings& s, const Object& object, const Pointers& keys) {
  for (const Value* key : keys) {
    if (!key->is_string()) return fail("Cannot delete " + std::string(key->type_name()) + " field of object");
  }
  if (!pay_members(s, object.size()) || !s.budget.spend(keys.size())) return out_of(s.budget);
  std::vector<Member> kept;
  for (const auto& member : object) {
    const auto place =
        std::lower_bound(keys.begin(), keys.end(), member.name,
                         [](const Value* key, const std::string& name) { return key->as_string() < name; });
    if (place == keys.end() || (*place)->as_string() != member.name) kept.push_back(member);
  }
  return Value::object(std::move(kept));
}

Answer<Value> delete_keys(Surroundings& s, const Value& from, const Pointers& keys) {
  if (from.is_null() || keys.empty()) return from;
  if (from.is_array()) return delete_elements(s, from.as_array(), keys);
  if (from.is_object()) return delete_members(s, from.as_object(), keys);
  return fail("Cannot delete fields from " + std::string(from.type_name()));
}

/// `paths`, sorted, agree in what comes before `level` and go on from there. Recursion is as deep as `from`.
Answer<Value> delete_sorted(Surroundings& s, const Value& from, std::span<const Value* const> paths,
                            std::size_t level) {
  Value rest = from;
  Pointers doomed;
  const auto key_of = [&](const Value* path) -> const Value& { return path->as_array()[level]; };
  for (auto first = paths.begin(); first != paths.end();) {
    const Value& key = key_of(*first);
    Comparison comparison(&s.budget);
    const auto last =
        std::find_if(first + 1, paths.end(), [&](const Value* p) { return !comparison.equal(key, key_of(p)); });
    if (comparison.exhausted()) return out_of(s.budget);
    if ((*first)->as_array().size() == level + 1) {
      doomed.push_back(&key);  // and so whatever lies below it
    } else {
      CAIRN_TRY(const Value part, index(s, rest, key));
      if (!part.is_null()) {
        CAIRN_TRY(Value less, delete_sorted(s, part, {first, last}, level + 1));
        CAIRN_TRY(rest, set(s, rest, key, std::move(less)));
      }
    }
    first = last;
  }
  return delete_keys(s, rest, doomed);
}

// ---- rows ----------------------------------------------------------------------------------------------------------

Answer<Value> getpath_row(Surroundings& s, const Value& input, Arguments arguments) {
  if (!arguments[0].is_array()) return not_a_path();
  return getpath(s, input, arguments[0].as_array());
}

Answer<Value> setpath_row(Surroundings& s, const Value& input, Arguments arguments) {
  if (!arguments[0].is_array()) return not_a_path();
  return setpath(s, input, arguments[0].as_array(), arguments[1]);
}

Answer<Value> delpaths_row(Surroundings& s, const Value& input, Arguments arguments) {
  if (!arguments[0].is_array()) return fail("Paths must be specified as an array");
  return delpaths(s, input, arguments[0].as_array());
}

constexpr Native k_rows[] = {
    {"getpath", 1, getpath_row, true,
     "What is at the path, an array of names and indices; null where it leads nowhere.", "path"},
    {"setpath", 2, setpath_row, true, "The input with `$value` at `$path`.", "path; value"},
    {"delpaths", 1, delpaths_row, true, "The input without what is at any of `$paths`, an array of paths.", "paths"},
};

}  // namespace

Rows path_rows() { return k_rows; }

}  // namespace native

Answer<Value> getpath(Surroundings& s, const Value& from, const Array& path) {
  if (path.size() > native::k_longest_path) return native::path_too_deep();
  Value at = from;
  for (const auto& key : path) {
    if (!s.budget.spend(1)) return out_of(s.budget);
    CAIRN_TRY(at, index(s, at, key));
  }
  return at;
}

Answer<Value> setpath(Surroundings& s, const Value& into, const Array& path, const Value& value) {
  if (path.size() > native::k_longest_path) return native::path_too_deep();
  // Down: what is at each key. Up: each with what is below it replaced.
  std::vector<Value> at;
  at.push_back(into);
  for (const auto& key : path) {
    if (!s.budget.spend(1) || !s.budget.allocate(sizeof(Value))) return out_of(s.budget);
    CAIRN_TRY(Value below, index(s, at.back(), key));
    at.push_back(std::move(below));
  }
  Value changed = value;
  for (std::size_t i = path.size(); i-- > 0;) {
    CAIRN_TRY(changed, native::set(s, at[i], path[i], std::move(changed)));
    CAIRN_TRY(changed, native::bounded(s, std::move(changed)));
  }
  return changed;
}

Answer<Value> delpaths(Surroundings& s, const Value& from, const Array& paths) {
  CAIRN_TRY(const auto sorted, native::sorted(s, paths));
  for (const Value* path : sorted) {
    if (!path->is_array()) return fail("Path must be specified as array, not " + std::string(path->type_name()));
    if (path->as_array().size() > native::k_longest_path) return native::path_too_deep();
  }
  if (sorted.empty()) return from;
  if (sorted.front()->as_array().empty()) return Value();
  return native::delete_sorted(s, from, sorted, 0);
}

}  // namespace cairn::jq
