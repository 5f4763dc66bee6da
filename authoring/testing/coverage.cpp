#include "authoring/testing/coverage.h"

#include "engine/machine/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace cairn::authoring {
namespace {

std::string key_of(std::string_view reference, std::string_view what) { return fmt::format("{}#{}", reference, what); }

void add_transitions(const Program& program, const Node& node, std::vector<CoveragePoint>& points) {
  const auto add = [&](const std::string& what, const std::string& words) {
    points.push_back({key_of(node.reference, what), node.reference, words, false});
  };
  const std::string task = fmt::format("{} '{}'", node.kind, node.name);
  if (node.condition) {
    add("if", fmt::format("{}: its `if` holds", task));
    add("skip", fmt::format("{}: its `if` does not hold", task));
  }
  if (const auto* body = std::get_if<SwitchBody>(&node.body)) {
    bool has_default = false;
    for (const auto& one : body->cases) {
      add("case:" + one.name, fmt::format("{}: case '{}'", task, one.name));
      has_default = has_default || !one.when;
    }
    if (!has_default) add("no-case", fmt::format("{}: no case", task));
  } else if (const auto* guard = std::get_if<TryBody>(&node.body)) {
    add("clean", fmt::format("{}: without an error", task));
    if (guard->retry) add("retry", fmt::format("{}: an error is retried", task));
    if (guard->handler || guard->then || !guard->retry) add("catch", fmt::format("{}: an error is caught", task));
  } else if (std::holds_alternative<ForBody>(node.body)) {
    add("round", fmt::format("{}: a round", task));
    add("empty", fmt::format("{}: no round at all", task));
  } else if (const auto* fork = std::get_if<ForkBody>(&node.body)) {
    for (const NodeId branch : fork->branches) {
      const std::string& name = program.node(branch).name;
      add("branch:" + name, fmt::format("{}: branch '{}' {}", task, name, fork->compete ? "wins" : "completes"));
    }
  }
}

/// The case that a switch takes, as the machine finds it. Nothing: an expression fails.
std::optional<std::string> chosen_case(const Machine& machine, const RunState& state, const Frame& frame,
                                       const Node& node, const SwitchBody& body, Timestamp now) {
  Evaluator evaluator(machine.program(), now);
  TaskVariables variables(machine, state, &node, frame.id, frame.started_at);
  variables.with_raw_input(frame.raw_input).with_input(frame.input);
  for (const auto& one : body.cases) {
    if (!one.when) continue;
    const auto holds = evaluator.condition(*one.when, frame.input, variables);
    if (!holds) return std::nullopt;
    if (holds.value()) return "case:" + one.name;
  }
  const auto usual = std::ranges::find_if(body.cases, [](const auto& one) { return !one.when; });
  return usual == body.cases.end() ? "no-case" : "case:" + usual->name;
}

struct Noting {
  const Machine& machine;
  const RunState& before;
  Timestamp now;
  std::set<std::string, std::less<>>& reached;

  void note(std::string_view reference, std::string_view what) const { reached.insert(key_of(reference, what)); }

  void operator()(const TaskStarted& e) const {
    reached.insert(e.task);
    if (const Node* node = machine.find(e.task); node != nullptr && node->condition) note(e.task, "if");
  }
  void operator()(const TaskSkipped& e) const { note(e.task, "skip"); }
  void operator()(const ErrorCaught& e) const {
    const Frame* frame = before.find_frame(e.frame);
    if (frame != nullptr) note(frame->task, e.handling == ErrorCaught::Handling::retry ? "retry" : "catch");
  }
  void operator()(const IterationStarted& e) const {
    if (const Frame* frame = before.find_frame(e.frame)) note(frame->task, "round");
  }
  void operator()(const TaskCompleted& e) const { done(e.frame); }
  void operator()(const AfterStarted& e) const { done(e.frame); }
  void done(EventSeq id) const {
    const Frame* frame = before.find_frame(id);
    const Node* node = frame == nullptr ? nullptr : machine.find(frame->task);
    if (node == nullptr || frame->leaving) return;
    if (const auto* body = std::get_if<SwitchBody>(&node->body)) {
      if (const auto taken = chosen_case(machine, before, *frame, *node, *body, now)) note(frame->task, *taken);
    } else if (std::holds_alternative<TryBody>(node->body)) {
      if (!frame->caught && frame->attempt == 1) note(frame->task, "clean");
    } else if (std::holds_alternative<ForBody>(node->body)) {
      if (!frame->index) note(frame->task, "empty");
    }
    // A branch that ends without its fork's being over is one that is waited for.
    const Frame* fork = before.find_frame(frame->parent);
    if (fork != nullptr && frame->branch) note(fork->task, "branch:" + node->name);
  }
  void operator()(const auto&) const {}
};

}  // namespace

std::vector<CoveragePoint> coverage_points(const Program& program) {
  // Nodes are numbered list by list; people read a task and then what is in it.
  std::map<std::optional<NodeId>, std::vector<NodeId>> inside;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    inside[program.nodes[i].parent].push_back(NodeId{static_cast<std::uint32_t>(i)});
  }
  std::vector<CoveragePoint> points;
  const auto add = [&](const auto& self, std::optional<NodeId> around) -> void {
    for (const NodeId id : inside[around]) {
      const Node& node = program.node(id);
      if (!std::holds_alternative<ExtensionStageBody>(node.body)) {
        points.push_back({node.reference, node.reference, fmt::format("{} '{}'", node.kind, node.name), true});
        add_transitions(program, node, points);
      }
      self(self, id);
    }
  };
  add(add, std::nullopt);
  return points;
}

double Coverage::percent() const {
  const std::size_t all = tasks + transitions;
  if (all == 0) return 100;
  return 100.0 * static_cast<double>(tasks_reached + transitions_reached) / static_cast<double>(all);
}

Coverage coverage_of(const Program& program, const std::set<std::string, std::less<>>& reached) {
  Coverage coverage;
  for (auto& point : coverage_points(program)) {
    const bool hit = reached.contains(point.key);
    ++(point.is_task ? coverage.tasks : coverage.transitions);
    if (hit) ++(point.is_task ? coverage.tasks_reached : coverage.transitions_reached);
    if (!hit) coverage.missed.push_back(std::move(point));
  }
  return coverage;
}

void note_coverage(const Machine& machine, const RunState& before, const Event& event, Timestamp now,
                   std::set<std::string, std::less<>>& reached) {
  std::visit(Noting{machine, before, now, reached}, event);
}

}  // namespace cairn::authoring
