#pragma once
// YAML (and JSON, which passes through the same door) → a tree of nodes, each with its place in the text and its value.
//
// YAML 1.2, core schema: `yes`, `on` and 12:30:00 are strings; quoted scalars always are. One document; aliases and
// merge keys (`<<`) are expanded within a budget. Infinities and NaN, which JSON has not, are errors, and so is what
// would be read differently from how it looks: duplicate keys, keys that are no scalars, unknown tags.

#include "workflows/core/error.h"
#include "workflows/core/limits.h"
#include "workflows/source/line_map.h"
#include "workflows/source/position.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

struct SourceNode;

struct SourceMember {
  std::string key;
  SourcePosition key_position;
  const SourceNode* value = nullptr;
};

/// One value of the text. Owned by its SourceDocument; a node that is aliased is shared, so this is a graph without
/// cycles.
struct SourceNode {
  enum class Style : std::uint8_t { none, plain, single_quoted, double_quoted, literal, folded };

  Value value;
  SourcePosition position;            ///< first character of the value; of its key, when there is nothing after the key
  std::vector<SourceMember> members;  ///< of a mapping, in order; merged ones last
  std::vector<const SourceNode*> items;  ///< of a sequence
  Style style = Style::none;             ///< of a scalar that is written out
  std::uint32_t begin = 0;               ///< byte of the text at which a scalar begins, its quote or indicator included
  std::uint32_t expanded = 1;            ///< nodes at and below, aliases expanded
  std::uint32_t height = 0;              ///< levels of nesting below
  std::uint32_t reach = 0;               ///< bytes of the keys on the longest way down

  /// Member `key` of a mapping, or nullptr.
  [[nodiscard]] const SourceMember* find(std::string_view key) const;
};

class SourceDocument {
 public:
  /// `text` is copied; it must be valid UTF-8.
  explicit SourceDocument(std::string text);
  SourceDocument(const SourceDocument&) = delete;
  SourceDocument& operator=(const SourceDocument&) = delete;

  [[nodiscard]] const SourceNode& root() const { return *root_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] SourcePosition position(std::size_t offset) const { return lines_.position(offset); }

  /// The place of byte `offset` of a string's value: inside quotes, behind escapes, in the lines of a block. The
  /// string's own place when it cannot be told.
  [[nodiscard]] SourcePosition position_in(const SourceNode& scalar, std::size_t offset) const;

  /// A scalar as it is written ("0123", "1.10"), without quotes; only for plain scalars of one line.
  [[nodiscard]] std::string_view written(const SourceNode& scalar) const;

 private:
  friend class TreeBuilder;
  std::string text_;
  LineMap lines_;
  std::deque<SourceNode> nodes_;
  const SourceNode* root_ = nullptr;
};

/// How much a text may cost.
struct SourceLimits {
  std::size_t bytes = limits::k_definition_bytes;
  std::size_t nodes = limits::k_yaml_nodes;
  std::size_t depth = limits::k_yaml_depth;
};

struct ParsedSource {
  /// Null when the text could not be read to its end.
  std::unique_ptr<const SourceDocument> document;
  /// Errors, in order. With a document: duplicate keys (the later one is in the tree).
  std::vector<Diagnostic> diagnostics;
};

/// Total: never throws, ends on any text within the limits' order of time and memory.
ParsedSource parse_source(std::string_view text, const SourceLimits& limits = {});

/// For documents that are only data: the value, or the first error with "LINE:COLUMN" as its `where`.
Result<Value> parse_yaml(std::string_view text, const SourceLimits& limits = {});

}  // namespace cairn
