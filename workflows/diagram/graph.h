#pragma once
// The flowchart as data, before it is written in one language or the other.

#include "workflows/diagram/diagram.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct FlowNode {
  enum class Shape { start, end, task, choice, loop, split, guard, group, join };
  std::string id;                  ///< a letter and a number: safe in both languages
  std::vector<std::string> lines;  ///< of the label, unescaped
  Shape shape = Shape::task;
  std::optional<std::size_t> box;
  std::optional<DiagramMark> mark;
};

struct FlowBox {
  std::string id;
  std::string title;
  std::optional<std::size_t> parent;
};

struct FlowEdge {
  std::string from;
  std::string to;
  std::string label;
  bool dashed = false;  ///< not the normal course: an error caught, a call of a function
};

struct FlowGraph {
  std::vector<FlowNode> nodes;
  std::vector<FlowBox> boxes;  ///< parents before their children
  std::vector<FlowEdge> edges;
};

FlowGraph draw(const Program& program, const DiagramMarks& marks);

/// "completed", "faulted" …
std::string_view name_of(DiagramMark::Status status);

}  // namespace cairn
