#include "workflows/value/name_index.h"

#include "workflows/value/value.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr std::size_t k_piece = 512;  // positions in a piece; one that grows beyond is cut in half

auto lower_bound(const std::vector<std::uint32_t>& piece, const std::vector<Member>& members, std::string_view name) {
  return std::lower_bound(piece.begin(), piece.end(), name,
                          [&](std::uint32_t at, std::string_view n) { return members[at].name < n; });
}

}  // namespace

NameIndex::NameIndex(std::vector<std::uint32_t> sorted) {
  if (sorted.size() <= k_piece) {
    if (!sorted.empty()) pieces_.push_back(std::move(sorted));
    return;
  }
  pieces_.reserve((sorted.size() + k_piece - 1) / k_piece);
  for (std::size_t at = 0; at < sorted.size(); at += k_piece) {
    const auto begin = sorted.begin() + static_cast<std::ptrdiff_t>(at);
    pieces_.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(k_piece, sorted.size() - at)));
  }
}

/// The piece that holds `name` if any does: the last whose first name is not above it, or the first piece.
std::size_t NameIndex::piece_of(const std::vector<Member>& members, std::string_view name) const {
  const auto above = std::partition_point(pieces_.begin() + 1, pieces_.end(),
                                          [&](const Piece& piece) { return members[piece.front()].name <= name; });
  return static_cast<std::size_t>(above - pieces_.begin()) - 1;
}

std::size_t NameIndex::find(const std::vector<Member>& members, std::string_view name) const {
  if (pieces_.empty()) return members.size();
  const Piece& piece = pieces_[piece_of(members, name)];
  const auto place = lower_bound(piece, members, name);
  return place == piece.end() || members[*place].name != name ? members.size() : *place;
}

void NameIndex::insert_last(const std::vector<Member>& members) {
  const std::string_view name = members.back().name;
  const std::size_t at = piece_of(members, name);
  Piece& piece = pieces_[at];
  piece.insert(lower_bound(piece, members, name), static_cast<std::uint32_t>(members.size() - 1));
  if (piece.size() <= k_piece) return;
  // A name behind all others begins a piece: names that come in order leave full pieces.
  const bool is_last = at + 1 == pieces_.size() && members[piece.back()].name == name;
  const auto cut = piece.begin() + static_cast<std::ptrdiff_t>(is_last ? k_piece : k_piece / 2);
  Piece upper(cut, piece.end());
  piece.erase(cut, piece.end());
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
}

}  // namespace cairn
