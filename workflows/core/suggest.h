#pragma once
// Names in messages: how they are shown, and "did you mean", the nearest of those that would have been right.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// `text` for a message: long ones are cut (between characters) and end in "…", control characters become spaces.
std::string shown(std::string_view text);

/// The one of `candidates` that `name` was probably meant to be, or empty.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// "did you mean 'endpoint'?" when one of `candidates` is near `name`, else empty.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

/// The same, or, when nothing is near, "expected one of: a, b, c" if they are few.
std::string did_you_mean_or_list(std::string_view name, std::span<const std::string_view> candidates);

/// Keys of a map, as candidates.
template <class Map>
std::vector<std::string_view> names_of(const Map& map) {
  std::vector<std::string_view> names;
  for (const auto& [name, ignored] : map) names.push_back(name);
  return names;
}

inline std::vector<std::string_view> names_of_list(std::span<const std::string> list) {
  return {list.begin(), list.end()};
}

}  // namespace cairn
