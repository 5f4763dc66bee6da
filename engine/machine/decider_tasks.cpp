#include "engine/machine/decider.h"
#include "engine/machine/limit_keys.h"
#include "workflows/core/limits.h"
#include "workflows/program/cloud_event.h"

#include <algorithm>
#include <utility>

namespace cairn {

void Decider::begin(const Node& node, EventSeq frame) {
  std::visit([&](const auto& body) { begin_body(body, node, frame); }, node.body);
}

void Decider::begin_body(const SetBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto value = evaluator_.fill(body.value, frame.input, variables_of(frame));
  if (!value) {
    fault_at(id, value.error());
    return;
  }
  complete(id, std::move(value.value()));
}

void Decider::begin_body(const DoBody& body, const Node&, EventSeq id) {
  enter_list(body.tasks, id, frame_of(id).input);
}

// ---- for
// -------------------------------------------------------------------------------------------------------------

void Decider::begin_body(const ForBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto items = evaluator_.fill(body.in, frame.input, variables_of(frame));
  if (!items) {
    fault_at(id, items.error());
    return;
  }
  if (!items.value().is_array()) {
    fault_at(id, make_problem(StandardError::expression, "Nothing to iterate over",
                              "`for.in` must give an array, got " + std::string(items.value().type_name())));
    return;
  }
  emit(LoopStarted{id, std::move(items.value())});
  iterate(id, 0, frame_of(id).input);
}

void Decider::iterate(EventSeq id, std::uint64_t index, const Value& data) {
  const Frame& frame = frame_of(id);
  const auto& body = std::get<ForBody>(node_of(frame).body);
  const auto& items = frame.items.as_array();
  if (index >= items.size()) {
    complete(id, data);
    return;
  }
  if (body.while_condition) {
    TaskVariables variables = variables_of(frame);
    variables.with_variable(body.each, items[index]).with_variable(body.at, Value::unsigned_integer(index));
    auto wanted = evaluator_.condition(*body.while_condition, data, variables);
    if (!wanted) {
      fault_at(id, wanted.error());
      return;
    }
    if (!wanted.value()) {
      complete(id, data);
      return;
    }
  }
  emit(IterationStarted{id, index});
  enter_list(body.tasks, id, data);
}

// ---- fork, switch, function
// ------------------------------------------------------------------------------------------

void Decider::begin_body(const ForkBody& body, const Node&, EventSeq id) {
  const Value input = frame_of(id).input;
  if (body.branches.empty()) {
    complete(id, Value::array({}));
    return;
  }
  for (std::size_t i = 0; i < body.branches.size(); ++i) {
    Work work;
    work.frame = id;
    work.task = program_.node(body.branches[i]).reference;
    work.branch = static_cast<std::uint32_t>(i);
    work.value = input;
    work_.push_back(std::move(work));
  }
}

void Decider::begin_body(const SwitchBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  const SwitchBody::Case* chosen = nullptr;
  for (const auto& candidate : body.cases) {
    if (!candidate.when) continue;
    auto matches = evaluator_.condition(*candidate.when, frame.input, variables_of(frame));
    if (!matches) {
      fault_at(id, matches.error());
      return;
    }
    if (matches.value()) {
      chosen = &candidate;
      break;
    }
  }
  if (chosen == nullptr) {
    for (const auto& candidate : body.cases) {
      if (!candidate.when) chosen = &candidate;
    }
  }
  complete(id, frame.input, chosen == nullptr ? std::nullopt : std::optional(chosen->then));
}

void Decider::begin_body(const CallFunctionBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  Work work;
  work.frame = id;
  work.task = program_.node(body.function).reference;
  work.value = frame.input;
  if (body.arguments) {
    auto arguments = evaluator_.fill(*body.arguments, frame.input, variables_of(frame));
    if (!arguments) {
      fault_at(id, arguments.error());
      return;
    }
    work.value = std::move(arguments.value());
  }
  work_.push_back(std::move(work));
}

// ---- raise, wait, emit
// -----------------------------------------------------------------------------------------------

void Decider::begin_body(const RaiseBody& body, const Node& node, EventSeq id) {
  const Frame& frame = frame_of(id);
  const TaskVariables variables = variables_of(frame);
  Problem problem;
  const auto fill_text = [&](std::optional<TemplateId> part, std::string_view name,
                             std::string& out) -> Fallible<void> {
    if (!part) return success();
    CAIRN_TRY(const auto value, evaluator_.fill(*part, frame.input, variables));
    if (!value.is_string()) {
      return make_problem(
          StandardError::expression, "Malformed error",
          "`raise.error." + std::string(name) + "` must be a string, got " + std::string(value.type_name()));
    }
    out = value.as_string();
    return success();
  };
  const auto fill_problem = [&]() -> Fallible<void> {
    CAIRN_TRY(fill_text(body.type, "type", problem.type));
    CAIRN_TRY(fill_text(body.title, "title", problem.title));
    CAIRN_TRY(fill_text(body.detail, "detail", problem.detail));
    CAIRN_TRY(fill_text(body.instance, "instance", problem.instance));
    CAIRN_TRY(const auto status, evaluator_.fill(body.status, frame.input, variables));
    if (status.kind() != Value::Kind::Int) {
      return make_problem(StandardError::expression, "Malformed error",
                          "`raise.error.status` must be an integer, got " + std::string(status.type_name()));
    }
    problem.status = status.as_int();
    return success();
  };
  if (auto filled = fill_problem(); !filled) {
    fault_at(id, filled.error());
    return;
  }
  if (problem.instance.empty()) problem.instance = node.reference;
  fault(id, std::move(problem));
}

void Decider::begin_body(const WaitBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto duration = evaluator_.duration(body.duration, frame.input, variables_of(frame));
  if (!duration) {
    fault_at(id, duration.error());
    return;
  }
  emit(TimerStarted{id, TimerStarted::Purpose::wait, Timestamp{stimulus_.now.ms + duration.value()}});
}

void Decider::begin_body(const EmitBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto filled = evaluator_.fill(body.event, frame.input, variables_of(frame));
  if (!filled) {
    fault_at(id, filled.error());
    return;
  }
  const Value& given = filled.value();
  if (!given.is_object()) {
    fault_at(id, make_problem(StandardError::expression, "Malformed event",
                              "`emit.event.with` must give an object, got " + std::string(given.type_name())));
    return;
  }
  const auto attribute = [&](std::string_view name, Value fallback) {
    const Value* value = given.find(name);
    return value == nullptr || value->is_null() ? std::move(fallback) : *value;
  };
  // The required attributes of CloudEvents 1.0 first, then whatever else the author gave, in the author's order. An attribute
  // that is null is not there.
  std::vector<Member> members{
      {"specversion", Value::string("1.0")},
      {"id", attribute("id", Value::string(entropy_.uuid()))},
      {"source", attribute("source", Value::string("/" + state_.workflow.workflow_namespace + "/" +
                                                   state_.workflow.name + "/" + state_.workflow.version))},
      {"type", attribute("type", Value{})},
      {"time", attribute("time", Value::string(to_iso8601(stimulus_.now)))},
  };
  // What the table above has settled keeps its place; the rest follows in the author's order.
  const std::size_t settled = members.size();
  for (const auto& [name, value] : given.as_object()) {
    const bool known = std::any_of(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(settled),
                                   [&](const Member& member) { return member.name == name; });
    if (!known && (name == "data" || !value.is_null())) members.push_back({name, value});
    if (name == "specversion" && !value.is_null()) members.front().value = value;
  }
  Value event = Value::object(std::move(members));
  if (const auto complaint = complaint_about(event)) {
    fault_at(id, make_problem(StandardError::expression, "Malformed event", "the emitted event: " + *complaint));
    return;
  }
  emit(EventEmitted{id, event});
  complete(id, std::move(event));
}

// ---- effects and children
// --------------------------------------------------------------------------------------------

EventSeq Decider::key_of(const Frame& frame) const {
  if (frame.visit.empty()) return k_no_event;
  const Frame* guard = nullptr;
  for (const Frame* f = &frame; f != nullptr; f = state_.find_frame(f->parent)) {
    if (f->kind == "try") guard = f;
  }
  if (guard == nullptr) return k_no_event;
  const auto it = guard->effect_keys.find(frame.visit);
  return it == guard->effect_keys.end() ? k_no_event : it->second;
}

void Decider::begin_body(const EffectBody& body, const Node& node, EventSeq id) {
  const Frame& frame = frame_of(id);
  const TaskVariables variables = variables_of(frame);
  auto request = evaluator_.fill(body.arguments, frame.input, variables, Evaluator::Secrecy::redacted);
  if (!request) {
    fault_at(id, request.error());
    return;
  }
  EffectScheduled scheduled;
  scheduled.frame = body.await ? id : k_no_event;
  scheduled.task = node.reference;
  scheduled.connector = body.connector;
  scheduled.request = std::move(request.value());
  scheduled.key = key_of(frame);
  scheduled.at_most_once = node.delivery == Delivery::at_most_once;
  auto keys = limit_keys(node.scheduling, {}, evaluator_, frame.input, variables);
  if (!keys) {
    fault_at(id, keys.error());
    return;
  }
  scheduled.limit_keys = std::move(keys.value());
  if (program_.templates[index_of(body.arguments)].confidential) {
    scheduled.confidential = true;
    std::vector<Member> scope{{".", frame.input}};
    for (const auto& name : evaluator_.confidential_variables(body.arguments)) {
      if (name != "secrets" && name != "authorization") scope.push_back({name, variables.variable(name)});
    }
    scheduled.scope = Value::object(std::move(scope));
  }
  const Value input = frame.input;
  decision_.effects.push_back(emit(std::move(scheduled)));
  if (!body.await) complete(id, input);
}

void Decider::begin_body(const ChildBody& body, const Node& node, EventSeq id) {
  const Frame& frame = frame_of(id);
  const Value task_input = frame.input;
  Value input = task_input;
  if (body.input) {
    auto filled = evaluator_.fill(*body.input, frame.input, variables_of(frame));
    if (!filled) {
      fault_at(id, filled.error());
      return;
    }
    input = std::move(filled.value());
  }
  if (state_.parent && state_.parent->depth >= limits::k_child_depth) {
    fault_at(id,
             make_problem(StandardError::runtime, "Workflows nest too deep",
                          "more than " + std::to_string(limits::k_child_depth) + " workflows run inside one another"));
    return;
  }
  const EventSeq waiting = body.await ? id : k_no_event;
  const RunId child = RunId::make(stimulus_.now.ms, state_.id.partition(), entropy_.next());
  const WorkflowIdentity workflow{body.workflow_namespace, body.name, body.version};
  emit(ChildStarted{waiting, node.reference, child, workflow, input});
  decision_.children.push_back({child, workflow, std::move(input), waiting});
  if (!body.await) complete(id, task_input);
}

void Decider::begin_body(const ExtensionStageBody& body, const Node&, EventSeq id) {
  enter_list(body.tasks, id, frame_of(id).input);
}

void Decider::begin_body(const UnsupportedBody& body, const Node&, EventSeq id) {
  fault_at(id, make_problem(StandardError::configuration, "Not supported yet",
                            "this version does not run `" + body.what + "`"));
}

}  // namespace cairn
