#include "workflows/source/tree_builder.h"

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/source/pointer.h"
#include "workflows/source/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

constexpr std::size_t k_index_from = 16;
constexpr std::size_t k_reported_duplicates = 100;
constexpr std::string_view k_tag_prefix = "tag:yaml.org,2002:";

SourceNode::Style style_at(std::string_view text, std::size_t offset) {
  switch (offset < text.size() ? text[offset] : ' ') {
    case '"': return SourceNode::Style::double_quoted;
    case '\'': return SourceNode::Style::single_quoted;
    case '|': return SourceNode::Style::literal;
    case '>': return SourceNode::Style::folded;
    default: return SourceNode::Style::plain;
  }
}

}  // namespace

void TreeBuilder::fail(std::size_t offset, std::string message, std::string hint, bool lost) const {
  throw SourceFailure{offset, pointer(), std::move(message), std::move(hint), lost};
}

std::string TreeBuilder::pointer() const {
  std::string result;
  for (const Frame& frame : frames_) {
    if (frame.mapping) {
      if (frame.has_key) append_pointer_segment(result, frame.key);
    } else {
      append_pointer_segment(result, std::to_string(frame.node->items.size()));
    }
  }
  return result;
}

void TreeBuilder::spend(std::size_t nodes, std::size_t offset) {
  spent_ += nodes;
  if (spent_ > limits_.nodes) {
    fail(offset, fmt::format("the text holds more than {} values once its aliases are expanded", limits_.nodes));
  }
}

std::size_t TreeBuilder::path_bytes() const {
  return frames_.empty() ? 0 : frames_.back().path_bytes + (frames_.back().has_key ? frames_.back().key.size() : 0);
}

/// Long keys on top of one another would make every pointer into the text a burden.
void TreeBuilder::check_path(std::size_t bytes, std::size_t offset) const {
  if (bytes <= limits::k_yaml_path_bytes) return;
  throw SourceFailure{
      offset,
      {},
      fmt::format("the keys on the way to this value are longer than {} bytes together", limits::k_yaml_path_bytes),
      {}};
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (document_.root_ == nullptr) return;
  const std::size_t offset = offset_of(mark);
  const std::string_view text = document_.text_;
  if (text.substr(std::min(offset, text.size())).starts_with("---"))
    fail(offset, "a second document begins here; one file holds one document");
  fail(offset, "this does not continue what is above it", "check the indentation", true);
}

std::size_t TreeBuilder::skip_properties(std::size_t offset) const {
  const std::string_view text = document_.text_;
  while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
    offset = std::min(text.find_first_of(" \t\r\n,[]{}", offset), text.size());
    offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
  }
  return offset;
}

Value TreeBuilder::resolve(const std::string& tag, const std::string& text, std::size_t offset) const {
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return Value::string(text);
  std::string_view wanted = tag;
  if (!tag.empty() && tag != "?") {
    if (!wanted.starts_with(k_tag_prefix)) fail(offset, fmt::format("unknown tag '{}'", shown(tag)));
    wanted.remove_prefix(k_tag_prefix.size());
    if (wanted != "int" && wanted != "float" && wanted != "bool" && wanted != "null") {
      fail(offset, fmt::format("a scalar cannot have the tag '!!{}'", shown(wanted)));
    }
  }
  auto resolved = resolve_plain_scalar(text);
  if (const auto* problem = std::get_if<ScalarProblem>(&resolved)) {
    switch (*problem) {
      case ScalarProblem::not_finite:
        fail(offset, fmt::format("'{}' is not a JSON value", shown(text)), "quote it if text is meant");
      case ScalarProblem::out_of_range:
        fail(offset, fmt::format("the number {} is too large", shown(text)), "quote it if text is meant");
      case ScalarProblem::huge_integer:
        fail(offset, fmt::format("the integer {} does not fit in 64 bits", shown(text)),
             "write it in decimal digits, or quote it if text is meant");
    }
  }
  Value value = std::get<Value>(std::move(resolved));
  const bool fits = tag.empty() || tag == "?" || (wanted == "int" && value.is_integer()) ||
                    (wanted == "float" && value.is_number()) || (wanted == "bool" && value.is_bool()) ||
                    (wanted == "null" && value.is_null());
  if (!fits) fail(offset, fmt::format("'{}' is not what its tag '!!{}' says", shown(text), wanted));
  return wanted == "float" && value.is_integer() ? Value::number(value.as_double()) : value;
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::string_view text = document_.text_;
  std::size_t offset = skip_properties(offset_of(mark));
  // yaml-cpp reports an absent value at whatever comes next; a written one at itself.
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  const bool written =
      rest.starts_with('~') || rest.starts_with("null") || rest.starts_with("Null") || rest.starts_with("NULL");
  if (expects_key()) {
    if (!written) fail(offset, "a key is missing here");
    set_key(frames_.back(), rest.front() == '~' ? "~" : std::string(rest.substr(0, 4)), offset, true);
    return;
  }
  if (!written && !frames_.empty()) {
    offset = frames_.back().mapping ? frames_.back().key_offset : std::min(offset, text.size());
  }
  spend(1, offset);
  SourceNode& node = document_.nodes_.emplace_back();
  node.position = document_.position(offset);
  node.begin = static_cast<std::uint32_t>(offset);
  remember(anchor, node);
  attach(node);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& text) {
  const std::size_t offset = skip_properties(offset_of(mark));
  const SourceNode::Style style = style_at(document_.text_, offset);
  if (style == SourceNode::Style::single_quoted || style == SourceNode::Style::double_quoted)
    check_quoted(offset, document_.text_[offset]);
  if (expects_key()) {
    spend(1, offset);
    if (anchor != YAML::NullAnchor) {
      SourceNode& key = document_.nodes_.emplace_back();
      key.value = resolve(tag, text, offset);
      key.position = document_.position(offset);
      remember(anchor, key);
    }
    set_key(frames_.back(), text, offset, style == SourceNode::Style::plain);
    return;
  }
  spend(1, offset);
  SourceNode& node = document_.nodes_.emplace_back();
  node.value = resolve(tag, text, offset);
  node.position = document_.position(offset);
  node.begin = static_cast<std::uint32_t>(offset);
  node.style = style;
  remember(anchor, node);
  attach(node);
}

/// yaml-cpp takes the end of the text for a quote, and lines of any indentation for the inside of a string: either way
/// a forgotten quote would swallow what follows.
void TreeBuilder::check_quoted(std::size_t offset, char quote) const {
  const std::string_view text = document_.text_;
  const bool indented = !frames_.empty() && frames_.back().block;
  const std::size_t column = indented ? frames_.back().node->position.column : 0;
  for (std::size_t at = offset + 1; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == '"' && c == '\\') {
      ++at;
    } else if (c == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return;
      ++at;
    } else if (c == '\n' && indented) {
      const std::size_t first = text.find_first_not_of(" \t", at + 1);
      const bool blank = first == std::string_view::npos || text[first] == '\n' || text[first] == '\r';
      if (!blank && text[first] != quote && first - at - 1 < column) {
        fail(offset,
             fmt::format("this quoted string goes on in line {}, which is not indented below its key",
                         document_.position(first).line),
             "add the missing quote, or indent the string's lines");
      }
    }
  }
  fail(offset, "this quote is never closed", "add the missing quote");
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::size_t offset = offset_of(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) fail(offset, "this alias stands inside the value it names, which would never end");
  const SourceNode& node = *found->second;
  if (expects_key()) {
    if (!node.value.is_string()) fail(offset, "a key must be a string");
    spend(1, offset);
    set_key(frames_.back(), node.value.as_string(), offset, false);
    return;
  }
  if (frames_.size() + node.height > limits_.depth) {
    fail(offset, fmt::format("values nest more than {} levels deep once aliases are expanded", limits_.depth));
  }
  check_path(path_bytes() + node.reach, offset);
  spend(node.expanded, offset);
  attach(node);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  open(mark, tag, "tag:yaml.org,2002:seq", anchor, false, style == YAML::EmitterStyle::Block);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  open(mark, tag, "tag:yaml.org,2002:map", anchor, true, style == YAML::EmitterStyle::Block);
}

void TreeBuilder::open(const YAML::Mark& mark, const std::string& tag, std::string_view expected_tag,
                       YAML::anchor_t anchor, bool mapping, bool block) {
  const std::size_t offset = skip_properties(offset_of(mark));
  if (expects_key())
    fail(offset, mapping ? "a key must be a string, not a mapping" : "a key must be a string, not a list", {}, true);
  if (!tag.empty() && tag != "?" && tag != "!" && tag != expected_tag)
    fail(offset, fmt::format("unknown tag '{}'", shown(tag)));
  if (frames_.size() >= limits_.depth) fail(offset, fmt::format("values nest more than {} levels deep", limits_.depth));
  spend(1, offset);
  const std::size_t above = path_bytes();
  Frame& frame = frames_.emplace_back();
  frame.path_bytes = above;
  frame.node = &document_.nodes_.emplace_back();
  frame.node->position = document_.position(offset);
  frame.node->begin = static_cast<std::uint32_t>(offset);
  frame.mapping = mapping;
  frame.block = block;
  // Registered when it closes, so that an alias inside itself is found out.
  if (anchor != YAML::NullAnchor) pending_anchors_.push_back({frames_.size(), anchor});
}

void TreeBuilder::close() {
  Frame frame = std::move(frames_.back());
  SourceNode& node = *frame.node;
  if (frame.mapping) {
    merge_into(frame);
    std::vector<Member> members;
    members.reserve(node.members.size());
    for (const SourceMember& member : node.members) members.push_back({member.key, member.value->value});
    node.value = Value::object(std::move(members));
  } else {
    Array items;
    items.reserve(node.items.size());
    for (const SourceNode* item : node.items) items.push_back(item->value);
    node.value = Value::array(std::move(items));
  }
  const auto account = [&node](const SourceNode& child, std::size_t key_bytes) {
    node.expanded += child.expanded;
    node.height = std::max(node.height, child.height + 1);
    node.reach = std::max(node.reach, child.reach + static_cast<std::uint32_t>(key_bytes));
  };
  for (const SourceMember& member : node.members) account(*member.value, member.key.size());
  for (const SourceNode* item : node.items) account(*item, 0);
  if (!pending_anchors_.empty() && pending_anchors_.back().depth == frames_.size()) {
    remember(pending_anchors_.back().anchor, node);
    pending_anchors_.pop_back();
  }
  frames_.pop_back();
  attach(node);
}

void TreeBuilder::remember(YAML::anchor_t anchor, const SourceNode& node) {
  if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
}

void TreeBuilder::set_key(Frame& frame, std::string key, std::size_t offset, bool plain) {
  check_path(frame.path_bytes + key.size(), offset);
  frame.key_is_merge = plain && key == "<<";
  frame.key = std::move(key);
  frame.key_offset = offset;
  frame.has_key = true;
}

void TreeBuilder::attach(const SourceNode& node) {
  if (frames_.empty()) {
    document_.root_ = &node;
    return;
  }
  Frame& frame = frames_.back();
  if (!frame.mapping) {
    frame.node->items.push_back(&node);
    return;
  }
  add_member(frame, node);
  frame.has_key = false;
}

std::optional<std::size_t> TreeBuilder::find_member(Frame& frame, const std::string& key) {
  std::vector<SourceMember>& members = frame.node->members;
  if (members.size() < k_index_from) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].key == key) return i;
    }
    return std::nullopt;
  }
  for (std::size_t i = frame.index.size(); i < members.size(); ++i) frame.index.emplace(members[i].key, i);
  const auto found = frame.index.find(key);
  return found == frame.index.end() ? std::nullopt : std::optional(found->second);
}

void TreeBuilder::add_member(Frame& frame, const SourceNode& node) {
  if (frame.key_is_merge) {
    const auto add = [&](const SourceNode& source) {
      if (!source.value.is_object()) fail(frame.key_offset, "'<<' merges a mapping or a list of mappings");
      frame.merged.push_back(&source);
    };
    if (node.value.is_array()) {
      for (const SourceNode* item : node.items) add(*item);
    } else {
      add(node);
    }
    return;
  }
  const SourcePosition position = document_.position(frame.key_offset);
  if (const auto existing = find_member(frame, frame.key)) {
    SourceMember& earlier = frame.node->members[*existing];
    if (diagnostics_.size() < k_reported_duplicates) {
      diagnostics_.push_back({Severity::error,
                              position,
                              pointer(),
                              fmt::format("duplicate key '{}': it stands already at line {}, column {}",
                                          shown(frame.key), earlier.key_position.line, earlier.key_position.column),
                              {}});
    }
    // Findings about the content go to the one that holds something.
    if (!node.value.is_null()) earlier = {std::move(frame.key), position, &node};
    return;
  }
  frame.node->members.push_back({std::move(frame.key), position, &node});
}

void TreeBuilder::merge_into(Frame& frame) {
  for (const SourceNode* source : frame.merged) {
    for (const SourceMember& member : source->members) {
      if (find_member(frame, member.key)) continue;
      check_path(frame.path_bytes + member.key.size() + member.value->reach, frame.node->begin);
      spend(1 + member.value->expanded, frame.node->begin);
      frame.node->members.push_back(member);
    }
  }
}

}  // namespace cairn
