#include "workflows/diagram/graph.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

constexpr std::size_t k_longest_label = 60;

/// One line, cut between characters when long.
std::string brief(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
    if (result.size() >= k_longest_label && !continues) return result + "…";
    result += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return result;
}

class Drawing {
 public:
  Drawing(const Program& program, const DiagramMarks& marks) : program_(program), marks_(marks) {}

  FlowGraph draw() {
    add({"start", {"start"}, FlowNode::Shape::start, {}, {}});
    const Way way{"finish", ""};
    const std::vector<NodeId>& tasks = program_.list(program_.tasks);
    connect("start", entry(tasks, way), "");
    list(tasks, way, {});
    add({"finish", {"end"}, FlowNode::Shape::end, {}, {}});
    functions();
    extensions();
    return std::move(graph_);
  }

 private:
  using Box = std::optional<std::size_t>;

  /// Where the tasks of a list lead when the list is done: after the last one, or on `exit`.
  struct Way {
    std::string after;
    std::string label;  // of the edge from the last one
  };

  void add_lines(std::vector<std::string> lines) {
    for (std::string& line : lines) graph_.nodes.back().lines.push_back(std::move(line));
  }
  void add(FlowNode node) { graph_.nodes.push_back(std::move(node)); }
  void connect(std::string from, std::string to, std::string label, bool dashed = false) {
    graph_.edges.push_back({std::move(from), std::move(to), std::move(label), dashed});
  }
  static std::string id(NodeId node) { return fmt::format("n{}", index_of(node)); }
  static std::string join_id(NodeId node) { return fmt::format("j{}", index_of(node)); }
  [[nodiscard]] std::string text(ExpressionId expression) const {
    return brief(program_.sources[index_of(expression)].text);
  }

  [[nodiscard]] bool is_composite(NodeId node) const {
    const NodeBody& body = program_.node(node).body;
    return std::holds_alternative<DoBody>(body) || std::holds_alternative<ForBody>(body) ||
           std::holds_alternative<ForkBody>(body) || std::holds_alternative<TryBody>(body) || works_on_events(body);
  }
  [[nodiscard]] bool works_on_events(const NodeBody& body) const {
    const auto* listen = std::get_if<ListenBody>(&body);
    return listen != nullptr && listen->foreach && listen->foreach->tasks &&
           !program_.list(*listen->foreach->tasks).empty();
  }
  /// The point from which the flow leaves a task.
  [[nodiscard]] std::string leave(NodeId node) const { return is_composite(node) ? join_id(node) : id(node); }
  static std::string entry(const std::vector<NodeId>& list, const Way& way) {
    return list.empty() ? way.after : id(list.front());
  }

  static std::string target(const Transition& then, std::optional<NodeId> next, const Way& way) {
    switch (then.kind) {
      case Transition::Kind::proceed: return next ? id(*next) : way.after;
      case Transition::Kind::exit: return way.after;
      case Transition::Kind::end: return "finish";
      case Transition::Kind::go_to: return id(then.target);
    }
    return way.after;
  }

  void list(const std::vector<NodeId>& tasks, const Way& way, const Box& box) {
    for (const NodeId node : tasks) task(node, way, box);
  }

  FlowNode node_of(NodeId id_of_node, FlowNode::Shape shape, const Box& box) {
    const Node& node = program_.node(id_of_node);
    FlowNode drawn{id(id_of_node), {brief(node.name), what(node)}, shape, box, {}};
    if (node.condition) drawn.lines.push_back("if " + text(*node.condition));
    if (const auto mark = marks_.find(node.reference); mark != marks_.end()) {
      drawn.mark = mark->second;
      if (mark->second.visits > 1) drawn.lines.front() += fmt::format(" ×{}", mark->second.visits);
    }
    return drawn;
  }

  [[nodiscard]] std::string what(const Node& node) const {
    if (const auto* effect = std::get_if<EffectBody>(&node.body))
      return fmt::format("{}: {}", node.kind, effect->connector);
    if (const auto* call = std::get_if<CallFunctionBody>(&node.body))
      return brief("call: " + program_.node(call->function).name);
    if (const auto* child = std::get_if<ChildBody>(&node.body))
      return brief(fmt::format("run: {}/{}", child->workflow_namespace, child->name));
    if (const auto* other = std::get_if<UnsupportedBody>(&node.body)) return brief(other->what + " (not run yet)");
    if (const auto* loop = std::get_if<ForBody>(&node.body)) return brief(fmt::format("for each {}", loop->each));
    if (const auto* listen = std::get_if<ListenBody>(&node.body)) return brief(listened_for(listen->to.events));
    if (std::holds_alternative<ApprovalBody>(node.body)) return "call: human.approve";
    if (const auto* fork = std::get_if<ForkBody>(&node.body)) return fork->compete ? "fork: race" : "fork";
    return std::string(node.kind);
  }

  /// "listen: all of com.example.a, com.example.b".
  [[nodiscard]] std::string listened_for(const EventSet& set) const {
    std::string words = set.quantity == Quantity::all ? "listen: all of" : "listen:";
    std::string_view before = " ";
    for (const FilterId id : set.filters) {
      const EventFilter& filter = program_.filter(id);
      words += fmt::format("{}{}", before, filter.type.empty() ? "any event" : filter.type);
      before = set.quantity == Quantity::all ? ", " : " or ";
    }
    return words;
  }

  /// The lines that a listen task has beside its name: what ends it.
  [[nodiscard]] std::vector<std::string> until(const EventStrategy& strategy) const {
    if (strategy.until) return {"until " + text(*strategy.until)};
    if (!strategy.until_events) return {};
    std::string words = listened_for(*strategy.until_events);
    return {brief("until " + words.substr(words.find(' ') + 1))};
  }

  Box open_box(NodeId node, const Box& parent) {
    graph_.boxes.push_back({fmt::format("b{}", index_of(node)), brief(program_.node(node).name), parent});
    return graph_.boxes.size() - 1;
  }

  void task(NodeId node_id, const Way& way, const Box& box) {
    const Node& node = program_.node(node_id);
    if (const auto* choice = std::get_if<SwitchBody>(&node.body)) {
      add(node_of(node_id, FlowNode::Shape::choice, box));
      cases(node_id, *choice, way);
      return;
    }
    if (!is_composite(node_id)) {
      add(node_of(node_id, FlowNode::Shape::task, box));
      if (const auto* listen = std::get_if<ListenBody>(&node.body)) add_lines(until(listen->to));
      if (const auto* call = std::get_if<CallFunctionBody>(&node.body))
        connect(id(node_id), id(call->function), "calls", true);
    } else {
      composite(node_id, way, open_box(node_id, box));
    }
    if (std::holds_alternative<RaiseBody>(node.body)) return;  // nothing follows an error but who catches it
    const bool last = node.then.kind == Transition::Kind::proceed && !node.next;
    connect(leave(node_id), target(node.then, node.next, way), last ? way.label : "");
  }

  void composite(NodeId node_id, const Way& way, const Box& box) {
    const Node& node = program_.node(node_id);
    const std::string join = join_id(node_id);
    if (const auto* sequence = std::get_if<DoBody>(&node.body)) {
      add(node_of(node_id, FlowNode::Shape::group, box));
      const Way inner{join, ""};
      connect(id(node_id), entry(program_.list(sequence->tasks), inner), "");
      list(program_.list(sequence->tasks), inner, box);
    } else if (const auto* loop = std::get_if<ForBody>(&node.body)) {
      add(node_of(node_id, FlowNode::Shape::loop, box));
      if (loop->while_condition) graph_.nodes.back().lines.push_back("while " + text(*loop->while_condition));
      const Way inner{id(node_id), "next"};
      const std::vector<NodeId>& tasks = program_.list(loop->tasks);
      if (!tasks.empty()) connect(id(node_id), entry(tasks, inner), brief(loop->each));
      list(tasks, inner, box);
      connect(id(node_id), join, "done");
    } else if (const auto* listen = std::get_if<ListenBody>(&node.body)) {
      add(node_of(node_id, FlowNode::Shape::loop, box));
      add_lines(until(listen->to));
      const Way inner{id(node_id), "next"};
      const std::vector<NodeId>& tasks = program_.list(*listen->foreach->tasks);
      connect(id(node_id), entry(tasks, inner), brief(listen->foreach->item));
      list(tasks, inner, box);
      connect(id(node_id), join, "done");
    } else if (const auto* fork = std::get_if<ForkBody>(&node.body)) {
      add(node_of(node_id, FlowNode::Shape::split, box));
      if (fork->branches.empty()) connect(id(node_id), join, "");
      for (const NodeId branch : fork->branches) {
        connect(id(node_id), id(branch), "");
        task(branch, {join, ""}, box);
      }
    } else if (const auto* guarded = std::get_if<TryBody>(&node.body)) {
      attempt(node_id, *guarded, way, box);
    }
    add({join, {""}, FlowNode::Shape::join, box, {}});
  }

  void attempt(NodeId node_id, const TryBody& body, const Way& way, const Box& box) {
    add(node_of(node_id, FlowNode::Shape::guard, box));
    const std::string join = join_id(node_id);
    const Way inner{join, ""};
    connect(id(node_id), entry(program_.list(body.tasks), inner), "try");
    list(program_.list(body.tasks), inner, box);
    if (body.retry) connect(id(node_id), id(node_id), retries(*body.retry), true);
    const Node& node = program_.node(node_id);
    const std::string after = body.then ? target(*body.then, node.next, way) : join;
    const Way handled{after, ""};
    const std::vector<NodeId> none;
    const std::vector<NodeId>& handler = body.handler ? program_.list(*body.handler) : none;
    connect(id(node_id), entry(handler, handled), caught(body), true);
    list(handler, handled, box);
  }

  [[nodiscard]] std::string caught(const TryBody& body) const {
    std::string label = "catch";
    if (body.filter.type) {
      const std::size_t slash = body.filter.type->rfind('/');
      label += " " + brief(slash == std::string::npos ? *body.filter.type : body.filter.type->substr(slash + 1));
    }
    if (body.filter.status) label += fmt::format(" {}", *body.filter.status);
    if (body.when) label += " when " + text(*body.when);
    if (body.except_when) label += " except when " + text(*body.except_when);
    return label;
  }

  static std::string retries(const RetrySpec& retry) {
    return retry.attempt_count ? fmt::format("retry, at most {} times", *retry.attempt_count) : "retry";
  }

  void cases(NodeId node_id, const SwitchBody& body, const Way& way) {
    const Node& node = program_.node(node_id);
    bool has_default = false;
    for (const SwitchBody::Case& one : body.cases) {
      has_default |= !one.when;
      const std::string condition = one.when ? text(*one.when) : "default";
      connect(id(node_id), target(one.then, node.next, way), brief(one.name) + ": " + condition);
    }
    if (!has_default) connect(id(node_id), target(node.then, node.next, way), "otherwise");
  }

  void functions() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      const Node& node = program_.nodes[i];
      if (!node.reference.starts_with("/use/functions/") || node.parent) continue;
      const NodeId function{static_cast<std::uint32_t>(i)};
      graph_.boxes.push_back({fmt::format("f{}", i), brief("function " + node.name), {}});
      const std::string back = fmt::format("r{}", i);
      const Box box = graph_.boxes.size() - 1;
      task(function, {back, ""}, box);
      add({back, {""}, FlowNode::Shape::join, box, {}});
    }
  }

  void extensions() {
    for (const Extension& extension : program_.extensions) {
      for (const auto& [stage, word] : {std::pair{extension.before, "before"}, std::pair{extension.after, "after"}}) {
        if (!stage) continue;
        const std::string name = extension.reference.substr(extension.reference.rfind('/') + 1);
        std::string title = fmt::format("extension {}: {} {}", name, word,
                                        extension.extend == "all" ? "every task" : "each " + extension.extend);
        if (extension.when) title += " when " + text(*extension.when);
        graph_.boxes.push_back({fmt::format("x{}", index_of(*stage)), brief(title), {}});
        const Box box = graph_.boxes.size() - 1;
        const Way way{join_id(*stage), ""};
        list(program_.list(std::get<ExtensionStageBody>(program_.node(*stage).body).tasks), way, box);
        add({way.after, {""}, FlowNode::Shape::join, box, {}});
      }
    }
  }

  const Program& program_;
  const DiagramMarks& marks_;
  FlowGraph graph_;
};

}  // namespace

FlowGraph draw(const Program& program, const DiagramMarks& marks) { return Drawing(program, marks).draw(); }

std::string_view name_of(DiagramMark::Status status) {
  switch (status) {
    case DiagramMark::Status::running: return "running";
    case DiagramMark::Status::waiting: return "waiting";
    case DiagramMark::Status::completed: return "completed";
    case DiagramMark::Status::skipped: return "skipped";
    case DiagramMark::Status::faulted: return "faulted";
    case DiagramMark::Status::cancelled: return "cancelled";
  }
  return "running";
}

}  // namespace cairn
