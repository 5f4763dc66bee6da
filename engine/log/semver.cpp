#include "engine/log/semver.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace cairn {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text[0] != '0');
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const auto dot = text.find('.', begin);
    parts.push_back(text.substr(begin, dot == std::string_view::npos ? dot : dot - begin));
    if (dot == std::string_view::npos) return parts;
    begin = dot + 1;
  }
}

/// Numbers of any size, without leading zeros: the longer is the greater.
std::weak_ordering compare_numbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

struct Version {
  std::array<std::string_view, 3> core;
  std::vector<std::string_view> pre_release;  ///< empty: a release
};

std::optional<Version> parse(std::string_view text) {
  Version out;
  text = text.substr(0, text.find('+'));
  const auto dash = text.find('-');
  const auto core = split(text.substr(0, dash));
  if (core.size() != out.core.size() || !std::all_of(core.begin(), core.end(), is_number)) return std::nullopt;
  std::copy(core.begin(), core.end(), out.core.begin());
  if (dash != std::string_view::npos) {
    out.pre_release = split(text.substr(dash + 1));
    if (std::any_of(out.pre_release.begin(), out.pre_release.end(), [](auto part) { return part.empty(); }))
      return std::nullopt;
  }
  return out;
}

std::weak_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_number = is_number(a);
  const bool b_number = is_number(b);
  if (a_number && b_number) return compare_numbers(a, b);
  if (a_number != b_number) return a_number ? std::weak_ordering::less : std::weak_ordering::greater;
  return a <=> b;
}

}  // namespace

std::weak_ordering compare_versions(std::string_view a, std::string_view b) {
  const auto left = parse(a);
  const auto right = parse(b);
  if (!left || !right) {
    if (left.has_value() != right.has_value()) return left ? std::weak_ordering::greater : std::weak_ordering::less;
    return a <=> b;
  }
  for (std::size_t i = 0; i < left->core.size(); ++i) {
    if (const auto order = compare_numbers(left->core[i], right->core[i]); order != 0) return order;
  }
  if (left->pre_release.empty() != right->pre_release.empty()) {
    return left->pre_release.empty() ? std::weak_ordering::greater : std::weak_ordering::less;
  }
  const auto common = std::min(left->pre_release.size(), right->pre_release.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = compare_identifiers(left->pre_release[i], right->pre_release[i]); order != 0) return order;
  }
  return left->pre_release.size() <=> right->pre_release.size();
}

}  // namespace cairn
