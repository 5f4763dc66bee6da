#include "workflows/diagram/graph.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

std::string label(const FlowNode& node) {
  std::string result;
  for (const std::string& line : node.lines) {
    if (!result.empty()) result += "\\n";
    result += escaped(line);
  }
  return result;
}

std::string_view shape(FlowNode::Shape shape) {
  switch (shape) {
    case FlowNode::Shape::start: return "circle";
    case FlowNode::Shape::end: return "doublecircle";
    case FlowNode::Shape::join: return "point";
    case FlowNode::Shape::choice: return "diamond";
    case FlowNode::Shape::loop: return "hexagon";
    case FlowNode::Shape::split: return "trapezium";
    case FlowNode::Shape::guard:
    case FlowNode::Shape::group: return "component";
    case FlowNode::Shape::task: return "box";
  }
  return "box";
}

std::string_view style(DiagramMark::Status status) {
  switch (status) {
    case DiagramMark::Status::running: return "style=filled, fillcolor=\"#dbeafe\", color=\"#2563eb\", penwidth=3";
    case DiagramMark::Status::waiting: return "style=filled, fillcolor=\"#fef3c7\", color=\"#d97706\", penwidth=2";
    case DiagramMark::Status::completed: return "style=filled, fillcolor=\"#dcfce7\", color=\"#16a34a\", penwidth=2";
    case DiagramMark::Status::skipped: return "style=\"filled,dashed\", fillcolor=\"#f3f4f6\", color=\"#9ca3af\"";
    case DiagramMark::Status::faulted: return "style=filled, fillcolor=\"#fee2e2\", color=\"#dc2626\", penwidth=3";
    case DiagramMark::Status::cancelled: return "style=filled, fillcolor=\"#e5e7eb\", color=\"#4b5563\", penwidth=2";
  }
  return "";
}

void write_content(const FlowGraph& graph, std::optional<std::size_t> box, std::size_t depth, std::string& out) {
  const std::string margin(2 * depth, ' ');
  for (const FlowNode& node : graph.nodes) {
    if (node.box != box) continue;
    out += fmt::format("{}{} [label=\"{}\", shape={}", margin, node.id, label(node), shape(node.shape));
    if (node.mark) out += fmt::format(", {}, class=\"{}\"", style(node.mark->status), name_of(node.mark->status));
    out += "];\n";
  }
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    if (graph.boxes[i].parent != box) continue;
    out += fmt::format("{}subgraph cluster_{} {{\n{}  label=\"{}\";\n", margin, graph.boxes[i].id, margin,
                       escaped(graph.boxes[i].title));
    write_content(graph, i, depth + 1, out);
    out += margin + "}\n";
  }
}

}  // namespace

std::string to_dot(const Program& program, const DiagramMarks& marks) {
  const FlowGraph graph = draw(program, marks);
  std::string out =
      fmt::format("digraph \"{}\" {{\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
                  escaped(program.identity.to_string()));
  write_content(graph, std::nullopt, 1, out);
  for (const FlowEdge& edge : graph.edges) {
    out += fmt::format("  {} -> {} [label=\"{}\"{}];\n", edge.from, edge.to, escaped(edge.label),
                       edge.dashed ? ", style=dashed" : "");
  }
  return out + "}\n";
}

}  // namespace cairn
