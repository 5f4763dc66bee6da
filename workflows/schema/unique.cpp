#include "workflows/schema/unique.h"

#include "workflows/value/json.h"
#include "workflows/value/number.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace cairn::schema {
namespace {

// A text that equal values share and different ones do not: members sorted by name, numbers in one form.
void canonical(const Value& value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    for (const Value& item : value.as_array()) {
      canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<const Member*> members;
    for (const Member& member : value.as_object()) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->name < b->name; });
    out += '{';
    for (const Member* member : members) {
      out += quote_json(member->name);
      out += ':';
      canonical(member->value, out);
      out += ',';
    }
    out += '}';
  } else if (value.is_number()) {
    out += canonical_text(value);
  } else {
    out += to_json(value);
  }
}

}  // namespace

std::optional<std::pair<std::size_t, std::size_t>> first_equal_items(const Array& items) {
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string text;
    canonical(items[i], text);
    const auto [first, added] = seen.try_emplace(std::move(text), i);
    if (!added) return std::pair(first->second, i);
  }
  return std::nullopt;
}

}  // namespace cairn::schema
