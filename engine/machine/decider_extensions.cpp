// What extensions put before and after a task. They run inside the frame of the task that they extend: `before` between
// its input and its work, `after` between its output and its end.

#include "engine/machine/decider.h"
#include "workflows/core/assert.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {
namespace {

constexpr std::string_view k_stage_kind = "extension";

/// The task's $task.with.endpoint in its other form: a URI instead of {uri}, or the reverse. Null when it has none.
Value with_other_endpoint(const Value& task) {
  const Value* with = task.find("with");
  const Value* endpoint = with == nullptr ? nullptr : with->find("endpoint");
  if (endpoint == nullptr) return {};
  Value other;
  if (endpoint->is_string()) {
    other = Value::object({{"uri", *endpoint}});
  } else if (const Value* uri = endpoint->find("uri")) {
    other = *uri;
  } else {
    return {};
  }
  return task.with("with", with->with("endpoint", std::move(other)));
}

/// The variables of a task, but for $task.
class WhenVariables final : public Variables {
 public:
  WhenVariables(const TaskVariables& others, const Value& task) : others_(others), task_(task) {}
  [[nodiscard]] Value variable(std::string_view name) const override {
    return name == "task" ? task_ : others_.variable(name);
  }

 private:
  const TaskVariables& others_;
  const Value& task_;
};

constexpr std::array<std::string_view, 3> k_directives = {"continue", "exit", "end"};

std::string written(const Program& program, const Transition& transition) {
  switch (transition.kind) {
    case Transition::Kind::proceed: return std::string(k_directives[0]);
    case Transition::Kind::exit: return std::string(k_directives[1]);
    case Transition::Kind::end: return std::string(k_directives[2]);
    case Transition::Kind::go_to: break;
  }
  return program.node(transition.target).reference;
}

Transition transition_of(const Program& program, const std::string& text) {
  if (text == k_directives[0]) return {};
  if (text == k_directives[1]) return {Transition::Kind::exit, {}};
  if (text == k_directives[2]) return {Transition::Kind::end, {}};
  const auto target = std::ranges::find(program.nodes, text, &Node::reference);
  CAIRN_ASSERT(target != program.nodes.end(), "a run keeps the definition it started with");
  return {Transition::Kind::go_to, NodeId{static_cast<std::uint32_t>(target - program.nodes.begin())}};
}

}  // namespace

bool Decider::is_stage(EventSeq id) const {
  const Frame* frame = state_.find_frame(id);
  return frame != nullptr && frame->kind == k_stage_kind;
}

Value Decider::extensions_for(const Node& node, const Work& work, const Value& input) {
  if (program_.extensions.empty() || std::holds_alternative<ExtensionStageBody>(node.body)) return {};
  // What an extension does is not extended, nor are the functions that it calls.
  for (const Frame* frame = state_.find_frame(work.frame); frame != nullptr; frame = state_.find_frame(frame->parent)) {
    if (frame->kind == k_stage_kind) return {};
  }
  TaskVariables variables(machine_, state_, &node, work.frame, stimulus_.now);
  variables.with_raw_input(work.value).with_input(input);
  Array considered;
  for (const auto& extension : program_.extensions) {
    if (!extension.extends(node.kind)) continue;
    std::string error;
    if (!extension.when) {
      considered.push_back(Value::string(extension.reference));
      continue;
    }
    const Value task = extended_descriptor(node, work.value, {}, stimulus_.now);
    const auto holds = [&](const Value& as) -> std::optional<bool> {
      auto answer = evaluator_.condition(*extension.when, input, WhenVariables(variables, as));
      if (answer) return answer.value();
      if (error.empty()) error = answer.error().detail;
      return std::nullopt;
    };
    // The standard's examples read an endpoint as a URI and as an object, whichever it is.
    std::optional<bool> applies = holds(task);
    if (!applies) {
      if (const Value other = with_other_endpoint(task); !other.is_null()) applies = holds(other);
    }
    if (!applies) {
      considered.push_back(Value::object(
          {{"extension", Value::string(extension.reference)}, {"error", Value::string(std::move(error))}}));
    } else if (*applies) {
      considered.push_back(Value::string(extension.reference));
    }
  }
  return considered.empty() ? Value{} : Value::array(std::move(considered));
}

bool Decider::enter_stage(EventSeq id, std::size_t from, bool after, Value data) {
  const Value considered = frame_of(id).extensions;
  if (considered.is_null()) return false;
  const Array& list = considered.as_array();
  for (std::size_t i = from; i < list.size(); ++i) {
    if (!list[i].is_string()) continue;
    const auto extension = std::ranges::find(program_.extensions, list[i].as_string(), &Extension::reference);
    CAIRN_ASSERT(extension != program_.extensions.end(), "a run keeps the definition it started with");
    const auto stage = after ? extension->after : extension->before;
    if (!stage) continue;
    Work work;
    work.frame = id;
    work.task = program_.node(*stage).reference;
    work.value = std::move(data);
    work_.push_back(std::move(work));
    return true;
  }
  return false;
}

void Decider::stage_done(EventSeq stage_id, Value output, bool exits) {
  const Frame stage = frame_of(stage_id);
  const EventSeq id = stage.parent;
  const bool after = std::get<ExtensionStageBody>(node_of(stage).body).after;
  // Which of the frame's extensions it was: the stage's reference is the extension's and "/before" or "/after".
  const std::string extension = stage.task.substr(0, stage.task.rfind('/'));
  const Value considered = frame_of(id).extensions;
  const Array& list = considered.as_array();
  const auto at =
      std::ranges::find_if(list, [&](const Value& one) { return one.is_string() && one.as_string() == extension; });
  const auto next = static_cast<std::size_t>(at - list.begin()) + 1;
  emit(TaskCompleted{stage_id, output, std::nullopt});
  if (!after) {
    if (exits) {
      complete(id, std::move(output));  // in place of the task's own work
    } else if (!enter_stage(id, next, false, stage.raw_input)) {
      begin(node_of(frame_of(id)), id);
    }
    return;
  }
  Value result = exits ? std::move(output) : stage.raw_input;
  if (enter_stage(id, next, true, result)) return;
  leave(id, std::move(result), std::nullopt, transition_of(program_, frame_of(id).then));
}

void Decider::leave_extended(EventSeq id, Value raw_output, Value output, std::optional<Value> context,
                             const Transition& transition) {
  const Array& list = frame_of(id).extensions.as_array();
  const bool has_after = std::ranges::any_of(list, [&](const Value& one) {
    if (!one.is_string()) return false;
    const auto extension = std::ranges::find(program_.extensions, one.as_string(), &Extension::reference);
    return extension != program_.extensions.end() && extension->after;
  });
  if (!has_after) {
    leave(id, std::move(output), std::move(context), transition);
    return;
  }
  emit(AfterStarted{id, std::move(raw_output), output, std::move(context), written(program_, transition)});
  enter_stage(id, 0, true, std::move(output));
}

}  // namespace cairn
