#include "workflows/definition/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace cairn {

namespace {

constexpr std::size_t k_most_errors = 200;
constexpr std::size_t k_longest_pointer = 400;

std::string clipped(std::string pointer) {
  if (pointer.size() <= k_longest_pointer) return pointer;
  std::size_t end = k_longest_pointer;
  while (end > 0 && (static_cast<unsigned char>(pointer[end]) & 0xC0u) == 0x80u) --end;
  pointer.resize(end);
  return pointer + "…";
}

}  // namespace

void order_by_position(std::vector<Diagnostic>& diagnostics) {
  std::vector<std::size_t> order(diagnostics.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(diagnostics[a].source, diagnostics[a].position, a) <
           std::tie(diagnostics[b].source, diagnostics[b].position, b);
  });
  std::vector<Diagnostic> ordered;
  ordered.reserve(diagnostics.size());
  for (const std::size_t index : order) ordered.push_back(std::move(diagnostics[index]));
  diagnostics = std::move(ordered);
}

bool Findings::wants_more() const { return errors_ < k_most_errors; }

void Findings::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) {
    if (++errors_ > k_most_errors) return;
  } else if (list_.size() > 2 * k_most_errors) {
    return;
  }
  if (!seen_.emplace(diagnostic.source, diagnostic.position, diagnostic.message).second) return;
  list_.push_back(std::move(diagnostic));
}

void Findings::error(const Place& place, std::string message, std::string hint) {
  error_at(place.node->position, wants_more() ? place.pointer() : std::string(), std::move(message), std::move(hint),
           origins_.of(place).uri);
}

void Findings::error_at_key(const Place& place, std::string message, std::string hint) {
  error_at(place.is_item() ? place.node->position : place.key_position, wants_more() ? place.pointer() : std::string(),
           std::move(message), std::move(hint), origins_.of(place).uri);
}

void Findings::error_at(SourcePosition position, std::string pointer, std::string message, std::string hint,
                        std::string source) {
  add({Severity::error, position, clipped(std::move(pointer)), std::move(message), std::move(hint), std::move(source)});
}

void Findings::error_in(const Place& place, std::size_t offset, std::string message, std::string hint) {
  const Origin& origin = origins_.of(place);
  error_at(origin.document->position_in(*place.node, offset), place.pointer(), std::move(message), std::move(hint),
           origin.uri);
}

void Findings::warning(const Place& place, std::string message) {
  const SourcePosition position = place.is_item() ? place.node->position : place.key_position;
  add({Severity::warning, position, clipped(place.pointer()), std::move(message), {}, origins_.of(place).uri});
}

std::vector<Diagnostic> Findings::take() {
  order_by_position(list_);
  if (errors_ > k_most_errors) {
    const SourcePosition last = list_.empty() ? SourcePosition{1, 1} : list_.back().position;
    list_.push_back(
        {Severity::error, last, {}, fmt::format("there are more errors: only {} are shown", k_most_errors), {}});
  }
  return std::move(list_);
}

}  // namespace cairn
