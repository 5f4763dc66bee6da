#include "engine/machine/decider.h"
#include "engine/machine/fault.h"
#include "workflows/core/assert.h"
#include "workflows/core/limits.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cairn {

const Frame& Decider::frame_of(EventSeq id) const {
  const Frame* frame = state_.find_frame(id);
  CAIRN_ASSERT(frame != nullptr, "the frame is there");
  return *frame;
}

const Node& Decider::node_of(const Frame& frame) const {
  const Node* node = machine_.find(frame.task);
  CAIRN_ASSERT(node != nullptr, "a run keeps the definition it started with");
  return *node;
}

TaskVariables Decider::variables_of(const Frame& frame) const {
  TaskVariables variables(machine_, state_, &node_of(frame), frame.id, frame.started_at);
  variables.with_raw_input(frame.raw_input).with_input(frame.input);
  return variables;
}

void Decider::fault_at(EventSeq frame, Problem problem) {
  if (problem.instance.empty()) problem.instance = frame_of(frame).task;
  fault(frame, std::move(problem));
}

// ---- in
// --------------------------------------------------------------------------------------------------------------

void Decider::enter_list(ListId list, EventSeq parent, Value data) {
  const auto& tasks = program_.list(list);
  if (tasks.empty()) {
    scope_done(parent, std::move(data));
    return;
  }
  Work work;
  work.frame = parent;
  work.task = program_.node(tasks.front()).reference;
  work.value = std::move(data);
  work_.push_back(std::move(work));
}

void Decider::enter(const Work& work) {
  const Node* node = machine_.find(work.task);
  CAIRN_ASSERT(node != nullptr, "work names a task of the program");
  TaskVariables before(machine_, state_, node, work.frame, stimulus_.now);
  before.with_raw_input(work.value);

  std::optional<Problem> problem;
  if (node->condition) {
    auto wanted = evaluator_.condition(*node->condition, work.value, before);
    if (!wanted) {
      problem = wanted.error();
    } else if (!wanted.value()) {
      skip(*node, work);
      return;
    }
  }
  if (!problem && node->input.schema) {
    if (auto conforms = evaluator_.conforms(*node->input.schema, work.value, "task input"); !conforms)
      problem = conforms.error();
  }
  Value input = work.value;
  if (!problem && node->input.transform) {
    auto transformed = evaluator_.fill(*node->input.transform, work.value, before);
    if (transformed) {
      input = std::move(transformed.value());
    } else {
      problem = transformed.error();
    }
  }
  Value extensions = problem ? Value{} : extensions_for(*node, work, input);
  const EventSeq frame = emit(TaskStarted{node->reference, std::string(node->kind), work.frame, work.value,
                                          std::move(input), work.branch, std::move(extensions)});
  if (!problem) {
    std::size_t depth = 0;
    for (const Frame* f = state_.find_frame(frame); f != nullptr; f = state_.find_frame(f->parent)) ++depth;
    if (depth > limits::k_task_depth) {
      problem =
          make_problem(StandardError::runtime, "Tasks nest too deep",
                       "more than " + std::to_string(limits::k_task_depth) +
                           " tasks are open inside one another; a function that calls itself must come to an end");
    }
  }
  if (problem) {
    fault_at(frame, *std::move(problem));
    return;
  }
  if (node->timeout) {
    auto limit = evaluator_.duration(*node->timeout, frame_of(frame).input, variables_of(frame_of(frame)));
    if (!limit) {
      fault_at(frame, limit.error());
      return;
    }
    emit(TimerStarted{frame, TimerStarted::Purpose::task_timeout, Timestamp{stimulus_.now.ms + limit.value()}});
  }
  if (!enter_stage(frame, 0, false, frame_of(frame).input)) begin(*node, frame);
}

void Decider::skip(const Node& node, const Work& work) {
  emit(TaskSkipped{node.reference, work.frame, work.value, work.branch});
  if (const Frame* parent = state_.find_frame(work.frame)) {
    const auto* fork = std::get_if<ForkBody>(&node_of(*parent).body);
    // A branch that is not run does not win the race, unless none is.
    if (fork != nullptr && fork->compete && parent->branch_outputs.size() < fork->branches.size()) return;
  }
  // `then` belongs to the task that was not run: the flow goes on in declaration order.
  follow(node, work.frame, work.value, Transition{});
}

// ---- out
// -------------------------------------------------------------------------------------------------------------

Fallible<Decider::Produced> Decider::produce(const DataSpec& output, const DataSpec& exported, Value raw_output,
                                             const Frame& frame, std::string_view what) {
  TaskVariables variables = variables_of(frame);
  variables.with_raw_output(raw_output);
  Produced made{std::move(raw_output), {}};
  if (output.transform) {
    CAIRN_TRY(made.output, evaluator_.fill(*output.transform, made.output, variables));
  }
  if (output.schema) {
    CAIRN_TRY(evaluator_.conforms(*output.schema, made.output, std::string(what) + " output"));
  }
  if (exported.transform) {
    variables.with_output(made.output);
    CAIRN_TRY(made.context, evaluator_.fill(*exported.transform, made.output, variables));
  }
  if (exported.schema) {
    CAIRN_TRY(evaluator_.conforms(*exported.schema, made.context ? *made.context : state_.context, "exported context"));
  }
  return made;
}

void Decider::complete(EventSeq id, Value raw_output, std::optional<Transition> override) {
  const Frame& frame = frame_of(id);
  const Node& node = node_of(frame);
  if (std::holds_alternative<ExtensionStageBody>(node.body)) {
    stage_done(id, std::move(raw_output), false);
    return;
  }
  auto produced = produce(node.output, node.exported, raw_output, frame, "task");
  if (!produced) {
    fault_at(id, produced.error());
    return;
  }
  auto& [output, context] = produced.value();
  const Transition transition = override.value_or(node.then);
  if (frame.extensions.is_null()) {
    leave(id, std::move(output), std::move(context), transition);
  } else {
    leave_extended(id, std::move(raw_output), std::move(output), std::move(context), transition);
  }
}

void Decider::leave(EventSeq id, Value output, std::optional<Value> context, const Transition& transition) {
  const Frame& frame = frame_of(id);
  const Node& node = node_of(frame);
  const EventSeq parent = frame.parent;
  emit(TaskCompleted{id, output, std::move(context)});
  follow(node, parent, std::move(output), transition);
}

void Decider::follow(const Node& node, EventSeq parent, Value output, const Transition& transition) {
  std::optional<NodeId> next;
  switch (transition.kind) {
    case Transition::Kind::end: end_run(parent, std::move(output)); return;
    case Transition::Kind::exit:
      if (is_stage(parent)) {
        stage_done(parent, std::move(output), true);
      } else {
        scope_done(parent, std::move(output));
      }
      return;
    case Transition::Kind::go_to: next = transition.target; break;
    case Transition::Kind::proceed: next = node.next; break;
  }
  if (!next) {
    scope_done(parent, std::move(output));
    return;
  }
  Work work;
  work.frame = parent;
  work.task = program_.node(*next).reference;
  work.value = std::move(output);
  work_.push_back(std::move(work));
}

void Decider::scope_done(EventSeq parent, Value output) {
  if (parent == k_no_event) {
    finish_run(std::move(output));
    return;
  }
  const Frame& frame = frame_of(parent);
  const Node& node = node_of(frame);
  if (std::holds_alternative<ForBody>(node.body)) {
    Work work;
    work.kind = Work::Kind::iterate;
    work.frame = parent;
    work.number = *frame.index + 1;
    work.value = std::move(output);
    work_.push_back(std::move(work));
  } else if (const auto* fork = std::get_if<ForkBody>(&node.body)) {
    fork_branch_done(frame, *fork, std::move(output));
  } else if (const auto* guard = std::get_if<TryBody>(&node.body)) {
    complete(parent, std::move(output), frame.handling ? guard->then : std::nullopt);
  } else if (std::holds_alternative<ListenBody>(node.body)) {
    item_done(parent, std::move(output));
  } else {
    complete(parent, std::move(output));
  }
}

void Decider::fork_branch_done(const Frame& fork, const ForkBody& body, Value output) {
  const EventSeq id = fork.id;
  if (body.compete) {
    cancel_below(id);
    complete(id, std::move(output));
    return;
  }
  if (fork.branch_outputs.size() < body.branches.size()) return;
  Array outputs;
  for (const auto& [branch, value] : fork.branch_outputs) outputs.push_back(value);
  complete(id, Value::array(std::move(outputs)));
}

void Decider::end_run(EventSeq from, Value output) {
  // The enclosing tasks end with the workflow, as they are; what runs beside them is cancelled.
  std::set<EventSeq> enclosing;
  for (const Frame* frame = state_.find_frame(from); frame != nullptr; frame = state_.find_frame(frame->parent)) {
    enclosing.insert(frame->id);
  }
  std::vector<EventSeq> open;
  for (const auto& [id, frame] : state_.frames) open.push_back(id);
  for (auto it = open.rbegin(); it != open.rend(); ++it) {
    if (!enclosing.contains(*it)) cancel_frame(*it);
  }
  for (auto it = enclosing.rbegin(); it != enclosing.rend(); ++it) emit(TaskCompleted{*it, output, std::nullopt});
  finish_run(std::move(output));
}

void Decider::finish_run(Value output) {
  work_.clear();
  const TaskVariables variables(machine_, state_, nullptr, k_no_event, stimulus_.now);
  std::optional<Problem> problem;
  if (program_.output.transform) {
    auto transformed = evaluator_.fill(*program_.output.transform, output, variables);
    if (transformed) {
      output = std::move(transformed.value());
    } else {
      problem = transformed.error();
    }
  }
  if (!problem && program_.output.schema) {
    if (auto conforms = evaluator_.conforms(*program_.output.schema, output, "workflow output"); !conforms) {
      problem = conforms.error();
    }
  }
  if (problem) {
    problem->instance = "/output";
    fault_run(*problem);
    return;
  }
  emit(RunCompleted{std::move(output)});
}

// ---- fault and cancel
// ------------------------------------------------------------------------------------------------

void Decider::fault(EventSeq id, Problem problem) {
  while (true) {
    const EventSeq parent = frame_of(id).parent;
    cancel_below(id);
    abandon_work_of(id);
    const bool stage = is_stage(id);
    emit(TaskFaulted{id, problem});
    if (parent == k_no_event) {
      cancel_below(k_no_event);
      fault_run(problem);
      return;
    }
    // What an extension does is not what a `try` that it extends tries.
    if (!stage && caught(parent, problem)) return;
    id = parent;
  }
}

void Decider::fault_run(const Problem& problem) {
  work_.clear();
  emit(RunFaulted{problem});
  start_fault_handler(problem);
}

void Decider::start_fault_handler(const Problem& problem) {
  // A handler that faults starts no handler, nor does what it runs: else one fault could go round for ever.
  if (!program_.on_fault || (state_.parent && state_.parent->after_fault)) return;
  const WorkflowIdentity& workflow = *program_.on_fault;
  const RunId handler = RunId::make(stimulus_.now.ms, state_.id.partition(), entropy_.next());
  Value input = fault_input(state_, problem);
  emit(ChildStarted{k_no_event, std::string(k_fault_handler_task), handler, workflow, input});
  decision_.children.push_back({handler, workflow, std::move(input), k_no_event, true});
}

void Decider::cancel_below(EventSeq root) {
  std::set<EventSeq> below;
  // A frame is younger than the one it stands in, so one pass in order finds all.
  for (const auto& [id, frame] : state_.frames) {
    if (frame.parent == root || below.contains(frame.parent)) below.insert(id);
  }
  for (auto it = below.rbegin(); it != below.rend(); ++it) cancel_frame(*it);
}

void Decider::cancel_frame(EventSeq id) {
  abandon_work_of(id);
  emit(TaskCancelled{id});
}

void Decider::abandon_work_of(EventSeq id) {
  for (const auto& [effect_id, effect] : state_.effects) {
    if (effect.frame == id) decision_.cancelled_effects.push_back(effect_id);
  }
  for (const auto& [child_id, child] : state_.children) {
    if (child.frame == id) decision_.cancelled_children.push_back(child_id);
  }
}

}  // namespace cairn
