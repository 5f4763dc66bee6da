#include "workflows/core/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace cairn {

namespace {

constexpr std::size_t k_longest_name = 64;
constexpr std::size_t k_most_candidates = 1'000;
constexpr std::size_t k_listed = 16;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Edits (insert, delete, replace, swap of neighbours) between two short names, case aside.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t k_longest = 72;
  std::string result;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
    if (result.size() >= k_longest && !continues) return result + "…";
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > k_longest_name) return {};
  std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string_view nearest;
  std::size_t looked_at = 0;
  for (const std::string_view candidate : candidates) {
    if (++looked_at > k_most_candidates) break;
    const std::size_t longer = std::max(candidate.size(), name.size());
    if (candidate.empty() || longer - std::min(candidate.size(), name.size()) >= best) continue;
    const std::size_t edits = distance(name, candidate);
    if (edits < best && edits < longer) {
      best = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view nearest = nearest_name(name, candidates);
  return nearest.empty() ? std::string() : fmt::format("did you mean '{}'?", nearest);
}

std::string did_you_mean_or_list(std::string_view name, std::span<const std::string_view> candidates) {
  std::string near = did_you_mean(name, candidates);
  if (!near.empty() || candidates.empty() || candidates.size() > k_listed) return near;
  std::vector<std::string> names;
  for (const std::string_view candidate : candidates) names.push_back(shown(candidate));
  return fmt::format("expected {}{}", names.size() > 1 ? "one of: " : "", fmt::join(names, ", "));
}

}  // namespace cairn
