#include "workflows/schema/schema_node.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>

namespace cairn {
namespace {

constexpr std::size_t k_quoted = 60;  // characters of a value shown in a message

/// Exact order of two numbers: a 64-bit integer and a double both fit into x86's long double without rounding.
std::partial_ordering order(const Value& a, const Value& b) {
  if (a.kind() == Value::Kind::Int && b.kind() == Value::Kind::Int) return a.as_int() <=> b.as_int();
  const auto widened = [](const Value& v) {
    static_assert(__LDBL_MANT_DIG__ >= 64, "a long double holds every 64-bit integer");
    if (v.kind() == Value::Kind::Int) return static_cast<long double>(v.as_int());
    if (v.kind() == Value::Kind::Uint) return static_cast<long double>(v.as_uint());
    return static_cast<long double>(v.as_double());
  };
  return widened(a) <=> widened(b);
}

bool is_whole(const Value& value) {
  return value.is_integer() || (value.kind() == Value::Kind::Double && std::isfinite(value.as_double()) &&
                                value.as_double() == std::trunc(value.as_double()));
}

bool has_type(const Value& value, const std::string& type) {
  if (type == "integer") return is_whole(value);
  return value.type_name() == type;
}

bool is_multiple(const Value& value, const Value& of) {
  if (value.kind() == Value::Kind::Int && of.kind() == Value::Kind::Int) return value.as_int() % of.as_int() == 0;
  if (value.is_integer() && of.is_integer()) {
    return of.kind() == Value::Kind::Uint ? value.kind() == Value::Kind::Uint && value.as_uint() % of.as_uint() == 0
                                          : value.as_uint() % of.as_uint() == 0;
  }
  // 19.99 is a multiple of 0.01 to everybody but binary fractions.
  const double quotient = value.as_double() / of.as_double();
  return std::isfinite(quotient) &&
         std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient));
}

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string shown(const Value& value) {
  std::string text = to_json(value);
  if (text.size() <= k_quoted) return text;
  std::size_t cut = k_quoted;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut) + "…";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

/// Text under which equal values, and only those, are equal: members by name, whole doubles as integers.
void canonical(const Value& value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    for (const auto& item : value.as_array()) {
      canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<const Member*> members;
    for (const auto& member : value.as_object()) members.push_back(&member);
    std::ranges::sort(members, {}, [](const Member* member) -> const std::string& { return member->name; });
    out += '{';
    for (const auto* member : members) {
      out += quote_json(member->name) + ':';
      canonical(member->value, out);
      out += ',';
    }
    out += '}';
  } else {
    out += to_json(value);  // prints a whole double below 1e17 without a fraction
  }
}

/// Walks schema and value together. Depth is bounded by the value's: endless schemas do not compile.
class Checker {
 public:
  explicit Checker(const JsonSchema::Impl& schema) : schema_(schema) {}

  using Finding = std::optional<std::string>;

  Finding check(SchemaNodeId id, const Value& value, const std::string& pointer) const {
    const SchemaNode& node = schema_.node(id);
    if (node.verdict) return *node.verdict ? Finding{} : wrong(pointer, "nothing is allowed here");
    if (node.reference) {
      if (auto found = check(*node.reference, value, pointer)) return found;
    }
    if (auto found = check_any(node, value, pointer)) return found;
    if (value.is_number()) {
      if (auto found = check_number(node, value, pointer)) return found;
    }
    if (value.is_string()) {
      if (auto found = check_string(node, value.as_string(), pointer)) return found;
    }
    if (value.is_array()) {
      if (auto found = check_array(node, value.as_array(), pointer)) return found;
    }
    if (value.is_object()) {
      if (auto found = check_object(node, value.as_object(), value, pointer)) return found;
    }
    return check_combinations(node, value, pointer);
  }

 private:
  static Finding wrong(const std::string& pointer, const std::string& message) {
    return (pointer.empty() ? "/" : pointer) + ": " + message;
  }
  static std::string below(const std::string& pointer, std::string_view name) {
    std::string path = pointer + "/";
    for (const char c : name) path += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    return path;
  }

  static Finding check_any(const SchemaNode& node, const Value& value, const std::string& pointer) {
    if (!node.types.empty() &&
        std::ranges::none_of(node.types, [&](const auto& type) { return has_type(value, type); })) {
      return wrong(pointer, "expected " + joined(node.types) + ", got " + std::string(value.type_name()) +
                                (value.is_array() || value.is_object() ? "" : " " + shown(value)));
    }
    if (node.constant && !(value == *node.constant)) {
      return wrong(pointer, "expected " + shown(*node.constant) + ", got " + shown(value));
    }
    if (node.enumeration && std::ranges::none_of(*node.enumeration, [&](const Value& one) { return one == value; })) {
      std::vector<std::string> allowed;
      for (const auto& one : *node.enumeration) allowed.push_back(shown(one));
      return wrong(pointer, "expected " + joined(allowed) + ", got " + shown(value));
    }
    return {};
  }

  static Finding check_number(const SchemaNode& node, const Value& value, const std::string& pointer) {
    if (node.minimum && order(value, *node.minimum) < 0) {
      return wrong(pointer, shown(value) + " is less than the minimum " + shown(*node.minimum));
    }
    if (node.maximum && order(value, *node.maximum) > 0) {
      return wrong(pointer, shown(value) + " is greater than the maximum " + shown(*node.maximum));
    }
    if (node.exclusive_minimum && order(value, *node.exclusive_minimum) <= 0) {
      return wrong(pointer, shown(value) + " is not greater than " + shown(*node.exclusive_minimum));
    }
    if (node.exclusive_maximum && order(value, *node.exclusive_maximum) >= 0) {
      return wrong(pointer, shown(value) + " is not less than " + shown(*node.exclusive_maximum));
    }
    if (node.multiple_of && !is_multiple(value, *node.multiple_of)) {
      return wrong(pointer, shown(value) + " is not a multiple of " + shown(*node.multiple_of));
    }
    return {};
  }

  static Finding check_string(const SchemaNode& node, const std::string& text, const std::string& pointer) {
    if (node.min_length || node.max_length) {
      const auto length = code_points(text);
      if (node.min_length && length < *node.min_length) {
        return wrong(pointer, fmt::format("has {} characters, at least {} are needed", length, *node.min_length));
      }
      if (node.max_length && length > *node.max_length) {
        return wrong(pointer, fmt::format("has {} characters, at most {} are allowed", length, *node.max_length));
      }
    }
    if (node.pattern && !re2::RE2::PartialMatch(text, *node.pattern)) {
      return wrong(pointer, shown(Value::string(text)) + " does not match the pattern " + node.pattern->pattern());
    }
    return {};
  }

  Finding check_array(const SchemaNode& node, const Array& items, const std::string& pointer) const {
    if (node.min_items && items.size() < *node.min_items) {
      return wrong(pointer, fmt::format("has {} items, at least {} are needed", items.size(), *node.min_items));
    }
    if (node.max_items && items.size() > *node.max_items) {
      return wrong(pointer, fmt::format("has {} items, at most {} are allowed", items.size(), *node.max_items));
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool in_prefix = i < node.prefix_items.size();
      if (!in_prefix && !node.items) break;
      if (auto found =
              check(in_prefix ? node.prefix_items[i] : *node.items, items[i], pointer + "/" + std::to_string(i)))
        return found;
    }
    if (node.unique_items) {
      if (auto found = check_unique(items, pointer)) return found;
    }
    if (node.contains) {
      const auto count = static_cast<std::uint64_t>(
          std::ranges::count_if(items, [&](const Value& item) { return !check(*node.contains, item, pointer); }));
      const std::uint64_t least = node.min_contains.value_or(1);
      if (count < least)
        return wrong(pointer, fmt::format("{} items match `contains`, at least {} must", count, least));
      if (node.max_contains && count > *node.max_contains) {
        return wrong(pointer, fmt::format("{} items match `contains`, at most {} may", count, *node.max_contains));
      }
    }
    return {};
  }

  static Finding check_unique(const Array& items, const std::string& pointer) {
    std::vector<std::pair<std::string, std::size_t>> keys;
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::string key;
      canonical(items[i], key);
      keys.emplace_back(std::move(key), i);
    }
    std::ranges::sort(keys);
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i - 1].first == keys[i].first) {
        return wrong(pointer,
                     fmt::format("items {} and {} are equal, all must differ", keys[i - 1].second, keys[i].second));
      }
    }
    return {};
  }

  Finding check_object(const SchemaNode& node, const Object& object, const Value& value,
                       const std::string& pointer) const {
    for (const auto& name : node.required) {
      if (object.find(name) == nullptr) return wrong(pointer, "missing required property '" + name + "'");
    }
    if (node.min_properties && object.size() < *node.min_properties) {
      return wrong(pointer,
                   fmt::format("has {} properties, at least {} are needed", object.size(), *node.min_properties));
    }
    if (node.max_properties && object.size() > *node.max_properties) {
      return wrong(pointer,
                   fmt::format("has {} properties, at most {} are allowed", object.size(), *node.max_properties));
    }
    for (const auto& [name, member] : object) {
      if (auto found = check_member(node, name, member, pointer)) return found;
    }
    for (const auto& [name, needed] : node.dependent_required) {
      if (object.find(name) == nullptr) continue;
      for (const auto& other : needed) {
        if (object.find(other) == nullptr)
          return wrong(pointer, "property '" + other + "' is needed beside '" + name + "'");
      }
    }
    for (const auto& [name, schema] : node.dependent_schemas) {
      if (object.find(name) == nullptr) continue;
      if (auto found = check(schema, value, pointer)) return found;
    }
    return {};
  }

  Finding check_member(const SchemaNode& node, const std::string& name, const Value& member,
                       const std::string& pointer) const {
    if (node.property_names) {
      if (auto found = check(*node.property_names, Value::string(name), below(pointer, name))) {
        return wrong(pointer, "property name '" + name + "' is not allowed: " + *found);
      }
    }
    bool known = false;
    if (const auto it = node.properties.find(name); it != node.properties.end()) {
      known = true;
      if (auto found = check(it->second, member, below(pointer, name))) return found;
    }
    for (const auto& [pattern, schema] : node.pattern_properties) {
      if (!re2::RE2::PartialMatch(name, *pattern)) continue;
      known = true;
      if (auto found = check(schema, member, below(pointer, name))) return found;
    }
    if (known || !node.additional_properties) return {};
    if (schema_.node(*node.additional_properties).verdict == false) {
      return wrong(pointer, "property '" + name + "' is not allowed");
    }
    return check(*node.additional_properties, member, below(pointer, name));
  }

  Finding check_combinations(const SchemaNode& node, const Value& value, const std::string& pointer) const {
    for (const auto part : node.all_of) {
      if (auto found = check(part, value, pointer)) return found;
    }
    if (!node.any_of.empty()) {
      std::string why;
      if (matching(node.any_of, value, pointer, why).empty())
        return wrong(pointer, "matches none of the alternatives of anyOf: " + why);
    }
    if (!node.one_of.empty()) {
      std::string why;
      const auto matched = matching(node.one_of, value, pointer, why);
      if (matched.empty()) return wrong(pointer, "matches none of the alternatives of oneOf: " + why);
      if (matched.size() > 1) {
        return wrong(pointer, fmt::format("matches alternatives {} and {} of oneOf, exactly one is allowed", matched[0],
                                          matched[1]));
      }
    }
    if (node.negated && !check(*node.negated, value, pointer)) return wrong(pointer, "matches what `not` forbids");
    if (node.condition) {
      const bool holds = !check(*node.condition, value, pointer);
      const auto& branch = holds ? node.then_branch : node.else_branch;
      if (branch) return check(*branch, value, pointer);
    }
    return {};
  }

  /// Indexes of the alternatives that match; `why` tells why the others do not.
  std::vector<std::size_t> matching(const std::vector<SchemaNodeId>& alternatives, const Value& value,
                                    const std::string& pointer, std::string& why) const {
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < alternatives.size(); ++i) {
      if (const auto found = check(alternatives[i], value, pointer)) {
        why += fmt::format("{}({}) {}", i == 0 ? "" : "; ", i, *found);
      } else {
        matched.push_back(i);
      }
    }
    return matched;
  }

  const JsonSchema::Impl& schema_;
};

}  // namespace

std::optional<std::string> check_schema(const JsonSchema::Impl& schema, const Value& value) {
  return Checker(schema).check(schema.root, value, "");
}

}  // namespace cairn
