// Objects ↔ arrays of {key, value}.

#include "workflows/jq/natives/support.h"

#include <array>

namespace cairn::jq::native {
namespace {

/// An array's entries have its indices for keys.
Answer<Value> to_entries(Surroundings& s, const Value& input, Arguments) {
  Collector entries(s);
  const auto add = [&](Value key, const Value& value) {
    const std::size_t bytes = key.is_string() ? key.as_string().size() : 0;
    return pay_members(s, 2, bytes) && entries.add(Value::object({{"key", std::move(key)}, {"value", value}}));
  };
  if (input.is_object()) {
    for (const auto& [name, value] : input.as_object()) {
      if (!add(Value::string(name), value)) return out_of(s.budget);
    }
  } else if (input.is_array()) {
    std::uint64_t at = 0;
    for (const auto& item : input.as_array()) {
      if (!add(Value::unsigned_integer(at++), item)) return out_of(s.budget);
    }
  } else {
    return type_error(input, "has no keys");
  }
  return bounded(s, entries.take());
}

/// The first of the members that is neither null nor false; else the last that was looked at, as `//` chooses.
Answer<Value> first_of(Surroundings& s, const Value& entry, std::span<const std::string_view> names) {
  Value found;
  for (const auto name : names) {
    CAIRN_TRY(found, index(s, entry, Value::string(std::string(name))));
    if (found.truthy()) break;
  }
  return found;
}

/// Member by the first name that the entry has; null when it has none.
Value first_given(const Value& entry, std::span<const std::string_view> names) {
  for (const auto name : names) {
    if (const Value* given = entry.find(name)) return *given;
  }
  return {};
}

Answer<Value> from_entries(Surroundings& s, const Value& input, Arguments) {
  static constexpr std::array<std::string_view, 4> key_names = {"key", "Key", "name", "Name"};
  static constexpr std::array<std::string_view, 2> value_names = {"value", "Value"};
  std::vector<Member> members;
  CAIRN_TRY(for_each_element(s, input, [&](const Value& entry) -> Answer<bool> {
    CAIRN_TRY(const Value key, first_of(s, entry, key_names));
    if (!key.is_string()) {
      return fail("Cannot use " + std::string(key.type_name()) + " (" + excerpt(key) + ") as object key");
    }
    if (!pay_members(s, 1, key.as_string().size())) return out_of(s.budget);
    members.push_back({key.as_string(), first_given(entry, value_names)});
    return true;
  }));
  return Value::object(std::move(members));
}

constexpr Native k_rows[] = {
    {"to_entries", 0, to_entries, true,
     "The members of an object, or the elements of an array, as an array of {\"key\": …, \"value\": …}."},
    {"from_entries", 0, from_entries, true,
     "The object of an array of entries; the name is under key, Key, name or Name, the value under value or Value."},
};

}  // namespace

Rows entry_rows() { return k_rows; }

}  // namespace cairn::jq::native
