#include "workflows/diagram/graph.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

namespace cairn {

namespace {

/// A text in double quotes; what Mermaid or HTML would take for itself becomes an entity.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': result += "#quot;"; break;
      case '#': result += "#35;"; break;
      case '&': result += "#amp;"; break;
      case '<': result += "#lt;"; break;
      case '>': result += "#gt;"; break;
      case '`': result += "#96;"; break;
      case '\\': result += "#92;"; break;
      case ';': result += "#59;"; break;
      case '|': result += "#124;"; break;
      default: result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result + '"';
}

std::string label(const FlowNode& node) {
  std::string result;
  for (const std::string& line : node.lines) {
    std::string escaped = in_quotes(line);
    if (!result.empty()) result += "<br/>";
    result += escaped.substr(1, escaped.size() - 2);
  }
  return '"' + result + '"';
}

std::string shape(const FlowNode& node) {
  switch (node.shape) {
    case FlowNode::Shape::start:
    case FlowNode::Shape::end: return fmt::format("(({}))", label(node));
    case FlowNode::Shape::join: return "(( ))";
    case FlowNode::Shape::choice: return fmt::format("{{{}}}", label(node));
    case FlowNode::Shape::loop: return fmt::format("{{{{{}}}}}", label(node));
    case FlowNode::Shape::split: return fmt::format("[/{}\\]", label(node));
    case FlowNode::Shape::guard:
    case FlowNode::Shape::group: return fmt::format("[[{}]]", label(node));
    case FlowNode::Shape::task: return fmt::format("[{}]", label(node));
  }
  return fmt::format("[{}]", label(node));
}

struct Style {
  DiagramMark::Status status;
  std::string_view css;
};

constexpr std::array<Style, 6> k_styles = {
    {{DiagramMark::Status::running, "fill:#dbeafe,stroke:#2563eb,stroke-width:3px,color:#111"},
     {DiagramMark::Status::waiting, "fill:#fef3c7,stroke:#d97706,stroke-width:2px,color:#111"},
     {DiagramMark::Status::completed, "fill:#dcfce7,stroke:#16a34a,stroke-width:2px,color:#111"},
     {DiagramMark::Status::skipped, "fill:#f3f4f6,stroke:#9ca3af,stroke-dasharray:4,color:#111"},
     {DiagramMark::Status::faulted, "fill:#fee2e2,stroke:#dc2626,stroke-width:3px,color:#111"},
     {DiagramMark::Status::cancelled, "fill:#e5e7eb,stroke:#4b5563,stroke-width:2px,color:#111"}}};

/// Nodes and boxes inside `box`, indented by `depth` levels.
void write_content(const FlowGraph& graph, std::optional<std::size_t> box, std::size_t depth, std::string& out) {
  const std::string margin(2 * depth, ' ');
  for (const FlowNode& node : graph.nodes) {
    if (node.box == box) out += fmt::format("{}{}{}\n", margin, node.id, shape(node));
  }
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    if (graph.boxes[i].parent != box) continue;
    out += fmt::format("{}subgraph {}[{}]\n", margin, graph.boxes[i].id, in_quotes(graph.boxes[i].title));
    write_content(graph, i, depth + 1, out);
    out += margin + "end\n";
  }
}

}  // namespace

std::string to_mermaid(const Program& program, const DiagramMarks& marks) {
  const FlowGraph graph = draw(program, marks);
  std::string out = "flowchart TD\n";
  write_content(graph, std::nullopt, 1, out);
  for (const FlowEdge& edge : graph.edges) {
    const std::string_view arrow = edge.dashed ? "-.->" : "-->";
    const std::string text = edge.label.empty() ? "" : fmt::format("|{}|", in_quotes(edge.label));
    out += fmt::format("  {} {}{} {}\n", edge.from, arrow, text, edge.to);
  }
  std::set<DiagramMark::Status> seen;
  for (const FlowNode& node : graph.nodes) {
    if (!node.mark) continue;
    seen.insert(node.mark->status);
    out += fmt::format("  class {} {}\n", node.id, name_of(node.mark->status));
  }
  for (const Style& style : k_styles) {
    if (seen.contains(style.status)) out += fmt::format("  classDef {} {}\n", name_of(style.status), style.css);
  }
  return out;
}

}  // namespace cairn
