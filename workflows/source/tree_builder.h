#pragma once
// yaml-cpp's events → the tree of a SourceDocument.

#include "workflows/source/source.h"
#include "workflows/source/surrogates.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn {

/// Thrown by the builder, caught by parse_source: the text cannot be read further.
struct SourceFailure {
  std::size_t offset = 0;
  std::string pointer;
  std::string message;
  std::string hint;
  bool lost = false;  ///< the parser took something for what it surely is not
};

class TreeBuilder : public YAML::EventHandler {
 public:
  /// `yaml` is what the parser reads: the document's text, or nearly.
  TreeBuilder(SourceDocument& document, const YamlText& yaml, const SourceLimits& limits,
              std::vector<Diagnostic>& diagnostics)
      : document_(document), yaml_(yaml), limits_(limits), diagnostics_(diagnostics) {}

  [[nodiscard]] bool has_root() const { return document_.root_ != nullptr; }
  /// Of the collection opened last: where a text that is too deep for the parser begins to be.
  [[nodiscard]] SourcePosition last_position() const {
    return frames_.empty() ? SourcePosition{1, 1} : frames_.back().node->position;
  }

  /// Byte of the document's text.
  [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
    return mark.pos < 0 ? 0 : yaml_.original_offset(static_cast<std::size_t>(mark.pos));
  }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    SourceNode* node = nullptr;
    bool mapping = false;
    bool block = false;  // written with indentation, not brackets
    bool has_key = false;
    std::string key;
    std::size_t key_offset = 0;
    std::size_t path_bytes = 0;  // of the keys above
    bool key_is_merge = false;
    std::vector<const SourceNode*> merged;
    std::unordered_map<std::string, std::size_t> index;  // of members by key, once they are many
  };

  void open(const YAML::Mark& mark, const std::string& tag, std::string_view expected_tag, YAML::anchor_t anchor,
            bool mapping, bool block);
  void check_quoted(std::size_t offset, char quote) const;
  void close();
  void set_key(Frame& frame, std::string key, std::size_t offset, bool plain);
  void attach(const SourceNode& node);
  void add_member(Frame& frame, const SourceNode& node);
  void merge_into(Frame& frame);
  void remember(YAML::anchor_t anchor, const SourceNode& node);
  [[nodiscard]] std::size_t path_bytes() const;
  void check_path(std::size_t bytes, std::size_t offset) const;
  void spend(std::size_t nodes, std::size_t offset);
  [[nodiscard]] static std::optional<std::size_t> find_member(Frame& frame, const std::string& key);
  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().mapping && !frames_.back().has_key;
  }
  [[nodiscard]] std::size_t skip_properties(std::size_t offset) const;
  [[nodiscard]] Value resolve(const std::string& tag, const std::string& text, std::size_t offset) const;
  [[nodiscard]] std::string pointer() const;
  [[noreturn]] void fail(std::size_t offset, std::string message, std::string hint = {}, bool lost = false) const;

  SourceDocument& document_;
  const YamlText& yaml_;
  const SourceLimits& limits_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Frame> frames_;
  struct PendingAnchor {
    std::size_t depth = 0;
    YAML::anchor_t anchor = YAML::NullAnchor;
  };
  std::unordered_map<YAML::anchor_t, const SourceNode*> anchors_;
  std::vector<PendingAnchor> pending_anchors_;  // of collections that are still open
  std::size_t spent_ = 0;
};

}  // namespace cairn
