#pragma once
// Where an object's members are, by name.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn {

struct Member;

/// The positions of all members in the order of their names, in pieces, so that a new one moves few others: looking up
/// and inserting both take the logarithm of the size. (A hash would be faster, and whoever knew its function could send
/// names that make it slow.) Holds no names: every call takes the members again, whose names must be as they were.
class NameIndex {
 public:
  NameIndex() = default;
  /// Of positions that are sorted by name already; no two of one name.
  explicit NameIndex(std::vector<std::uint32_t> sorted);

  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  /// Position of the member `name`; members.size() when there is none.
  [[nodiscard]] std::size_t find(const std::vector<Member>& members, std::string_view name) const;
  /// Takes in the last of the members, whose name no other has. Not for an empty index.
  void insert_last(const std::vector<Member>& members);

 private:
  using Piece = std::vector<std::uint32_t>;

  [[nodiscard]] std::size_t piece_of(const std::vector<Member>& members, std::string_view name) const;

  std::vector<Piece> pieces_;  // none is empty
};

}  // namespace cairn
