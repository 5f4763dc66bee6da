// The members of an object: order kept, names unique, look-up by name.

#include "workflows/value/value.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cairn {
namespace {

/// Below this many members a scan is as fast as a search, and needs no memory.
constexpr std::size_t k_index_from = 16;

/// Positions of the members, sorted by name; those of one name by position.
std::vector<std::uint32_t> sorted_positions(const std::vector<Member>& members) {
  std::vector<std::uint32_t> positions(members.size());
  std::iota(positions.begin(), positions.end(), 0u);
  std::sort(positions.begin(), positions.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int order = members[a].name.compare(members[b].name);
    return order != 0 ? order < 0 : a < b;
  });
  return positions;
}

void unite_few(std::vector<Member>& members) {
  for (std::size_t i = 1; i < members.size();) {
    const auto here = members.begin() + static_cast<std::ptrdiff_t>(i);
    const auto earlier = std::find_if(members.begin(), here, [&](const Member& m) { return m.name == here->name; });
    if (earlier == here) {
      ++i;
    } else {
      earlier->value = std::move(here->value);
      members.erase(here);
    }
  }
}

/// Unites members of one name: the first's place, the last's value. Returns whether there were any.
bool unite_many(std::vector<Member>& members, const std::vector<std::uint32_t>& by_name) {
  std::vector<bool> superseded(members.size());
  bool any = false;
  for (std::size_t i = 1, first = 0; i < by_name.size(); ++i) {
    if (members[by_name[i]].name != members[by_name[first]].name) {
      first = i;
    } else {
      members[by_name[first]].value = std::move(members[by_name[i]].value);
      superseded[by_name[i]] = true;
      any = true;
    }
  }
  if (!any) return false;
  std::vector<Member> kept;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!superseded[i]) kept.push_back(std::move(members[i]));
  }
  members = std::move(kept);
  return true;
}

}  // namespace

Object::Object(std::vector<Member> members) : members_(std::move(members)) {
  if (members_.size() < k_index_from) {
    unite_few(members_);
    return;
  }
  auto sorted = sorted_positions(members_);
  if (unite_many(members_, sorted)) {
    if (members_.size() < k_index_from) return;
    sorted = sorted_positions(members_);
  }
  by_name_ = NameIndex(std::move(sorted));
}

/// Where member `name` is; size() when nowhere.
std::size_t Object::position(std::string_view name) const {
  if (!by_name_.empty()) return by_name_.find(members_, name);
  std::size_t at = 0;
  while (at < members_.size() && members_[at].name != name) ++at;
  return at;
}

const Value* Object::find(std::string_view name) const {
  const std::size_t at = position(name);
  return at == members_.size() ? nullptr : &members_[at].value;
}

Value Object::take(std::string_view name) { return std::exchange(members_[position(name)].value, Value()); }

void Object::set(std::string_view name, Value value) {
  if (const std::size_t at = position(name); at < members_.size()) {
    members_[at].value = std::move(value);
    return;
  }
  members_.push_back({std::string(name), std::move(value)});
  if (!by_name_.empty()) {
    by_name_.insert_last(members_);
  } else if (members_.size() >= k_index_from) {
    by_name_ = NameIndex(sorted_positions(members_));
  }
}

}  // namespace cairn
