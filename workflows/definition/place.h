#pragma once
// Place: a node of the definition's tree together with the way that led to it.

#include "workflows/source/source.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

/// Borrowed all through: lives on the stack of whoever walks the tree, above the places of its parents.
struct Place {
  const SourceNode* node = nullptr;
  const Place* up = nullptr;
  std::string_view key;         ///< name in the mapping above
  std::size_t index = 0;        ///< position in the list above, when key_position is {0, 0}
  SourcePosition key_position;  ///< of the key in the mapping above

  static Place root(const SourceNode& node) { return {&node, nullptr, {}, 0, {}}; }
  [[nodiscard]] Place member(const SourceMember& member) const {
    return {member.value, this, member.key, 0, member.key_position};
  }
  [[nodiscard]] Place item(std::size_t position) const { return {node->items[position], this, {}, position, {}}; }

  [[nodiscard]] const Value& value() const { return node->value; }
  [[nodiscard]] bool is_item() const { return key_position.line == 0; }
  /// JSON pointer, "/do/0/getPet".
  [[nodiscard]] std::string pointer() const;
};

}  // namespace cairn
