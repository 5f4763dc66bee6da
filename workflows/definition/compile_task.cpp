// Lists of tasks, and what every task has: if, input, output, export, timeout, then, metadata.

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {

namespace {

// `do` is a kind of its own only where there is no `for`.
constexpr std::array<std::string_view, 12> k_kinds = {"call",  "do",  "emit", "for",    "fork", "listen",
                                                      "raise", "run", "set",  "switch", "try",  "wait"};
constexpr std::array<std::string_view, 7> k_common = {"if", "input", "output", "export", "timeout", "then", "metadata"};
constexpr std::size_t k_most_unknown_targets = 300;

}  // namespace

NodeId Compiler::new_node() {
  program_.nodes.emplace_back();
  return NodeId{static_cast<std::uint32_t>(program_.nodes.size() - 1)};
}

ListId Compiler::task_list(const Place& place, std::optional<NodeId> parent, const Locals& locals) {
  std::vector<NodeId> ids = tasks(place, parent, locals, Siblings::Kind::list);
  program_.lists.push_back(std::move(ids));
  return ListId{static_cast<std::uint32_t>(program_.lists.size() - 1)};
}

std::vector<NodeId> Compiler::tasks(const Place& place, std::optional<NodeId> parent, const Locals& locals,
                                    Siblings::Kind kind) {
  std::vector<NodeId> ids;
  if (place.value().is_object()) {
    findings_.error(place, "expected a list of tasks, got an object", "begin each task with '- NAME:'");
    return ids;
  }
  if (!is_list(findings_, place, "a list of tasks")) return ids;

  struct Entry {
    Place item;
    Place task;
  };
  std::vector<Entry> entries;  // reserved: tasks point to their items
  std::size_t count = 0;
  for (const SourceNode* item : place.node->items) count += std::max<std::size_t>(item->members.size(), 1);
  if (count > limits::k_definition_tasks || program_.nodes.size() + count > limits::k_definition_tasks) {
    if (!too_many_tasks_)
      findings_.error(place, fmt::format("the definition has more than {} tasks", limits::k_definition_tasks));
    too_many_tasks_ = true;
    return ids;
  }
  entries.reserve(count);
  Siblings siblings{kind, {}, nullptr};
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    if (!is_object(findings_, item, "a task (an object with one key, its name)")) continue;
    if (item.node->members.empty())
      findings_.error(item, "expected a task (an object with one key, its name), got an empty object");
    bool first = true;
    for (const SourceMember& member : item.node->members) {
      Entry& entry = entries.emplace_back(Entry{item, {}});
      entry.task = entry.item.member(member);
      if (!std::exchange(first, false)) {
        findings_.error_at_key(entry.task,
                               fmt::format("a list item holds one task, and '{}' is the second", shown(member.key)),
                               "begin it with '- ' of its own");
      }
      if (member.key.empty()) findings_.error_at_key(entry.task, "a task's name cannot be empty");
      ids.push_back(new_node());
      if (!siblings.by_name.emplace(member.key, ids.back()).second) {
        findings_.error_at_key(entry.task, fmt::format("a task named '{}' is in this list already", shown(member.key)),
                               "names in one list differ, so that 'then' can tell them apart");
      }
    }
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool has_next = kind == Siblings::Kind::list && i + 1 < entries.size();
    task(entries[i].task, entries[i].task.key, ids[i], parent, has_next ? std::optional(ids[i + 1]) : std::nullopt,
         siblings, locals);
  }
  return ids;
}

void Compiler::task(const Place& place, std::string_view name, NodeId id, std::optional<NodeId> parent,
                    std::optional<NodeId> next, const Siblings& siblings, const Locals& locals) {
  Node node;
  node.name = name;
  node.reference = place.pointer();
  node.parent = parent;
  node.next = next;
  node.definition = place.value();
  node.body = UnsupportedBody{"an invalid task"};
  Fields fields(findings_, place, "a task");
  if (!fields.is_mapping()) return;
  TaskContext context{place, id, siblings, locals, node};

  node.kind = task_kind(fields, place);
  if (const auto found = fields.take("if")) node.condition = condition(*found, View::of(Row::task_start, locals));
  if (const auto found = fields.take("input"))
    node.input = data_spec(*found, "input", "from", View::of(Row::task_start, locals));
  if (const auto found = fields.take("output"))
    node.output = data_spec(*found, "output", "as", View::of(Row::task, locals));
  if (const auto found = fields.take("export"))
    node.exported = data_spec(*found, "export", "as", View::of(Row::task_export, locals));
  if (const auto found = fields.take("timeout")) node.timeout = timeout(*found, View::of(Row::task, locals));
  if (const auto found = fields.take("then")) node.then = transition(*found, siblings);
  if (!node.kind.empty()) {
    fields.rename(fmt::format("a '{}' task", node.kind));
    node.body = task_body(node.kind, fields, context);
    fields.done();
  }
  if (const auto found = fields.take("metadata")) task_metadata(*found, context);
  program_.nodes[index_of(id)] = std::move(node);
}

std::string_view Compiler::task_kind(Fields& fields, const Place& place) {
  for (const std::string_view key : k_common) fields.take(key);
  std::string_view kind;
  for (const SourceMember& member : place.node->members) {
    const auto* found = std::find(k_kinds.begin(), k_kinds.end(), member.key);
    if (found == k_kinds.end() || (*found == "do" && fields.has("for"))) continue;
    if (kind.empty()) {
      kind = *found;
      continue;
    }
    findings_.error_at_key(place.member(member),
                           fmt::format("a task does one thing: this one has '{}' already, and '{}' too", kind, *found),
                           "make two tasks of it");
    fields.take(*found);
  }
  if (!kind.empty()) return kind;
  for (const SourceMember& member : place.node->members) {
    const std::string hint = did_you_mean(member.key, k_kinds);
    if (hint.empty() || std::find(k_common.begin(), k_common.end(), member.key) != k_common.end()) continue;
    findings_.error_at_key(place.member(member), fmt::format("unknown key '{}' in a task", shown(member.key)), hint);
    return kind;
  }
  findings_.error_at_key(place, "this task does not say what to do",
                         fmt::format("it needs one of: {}", fmt::join(k_kinds, ", ")));
  return kind;
}

NodeBody Compiler::task_body(std::string_view kind, Fields& fields, const TaskContext& context) {
  if (kind == "call") return call_task(fields, context);
  if (kind == "do") return do_task(fields, context);
  if (kind == "emit") return emit_task(fields, context);
  if (kind == "for") return for_task(fields, context);
  if (kind == "fork") return fork_task(fields, context);
  if (kind == "listen") return listen_task(fields, context);
  if (kind == "raise") return raise_task(fields, context);
  if (kind == "run") return run_task(fields, context);
  if (kind == "set") return set_task(fields, context);
  if (kind == "switch") return switch_task(fields, context);
  if (kind == "try") return try_task(fields, context);
  return wait_task(fields, context);
}

Transition Compiler::transition(const Place& place, const Siblings& siblings) {
  const auto target =
      read_string(findings_, place, "a flow directive (a string: continue, exit, end or a task's name)");
  const bool directive = target == "continue" || target == "exit" || target == "end";
  if (directive && siblings.by_name.contains(*target)) {
    findings_.error(place, fmt::format("'{}' is a directive, and also the name of a task of this list", *target),
                    "give the task another name");
  }
  if (!target || *target == "continue") return {};
  if (*target == "exit") return {Transition::Kind::exit, {}};
  if (*target == "end") return {Transition::Kind::end, {}};
  if (siblings.kind != Siblings::Kind::list) {
    const std::array<std::string_view, 3> directives = {"continue", "exit", "end"};
    findings_.error(place,
                    fmt::format("{} cannot go on at '{}': only continue, exit and end are possible here",
                                siblings.kind == Siblings::Kind::branches ? "a branch of a fork" : "a function's task",
                                shown(*target)),
                    did_you_mean(*target, directives));
    return {};
  }
  const auto found = siblings.by_name.find(*target);
  if (found != siblings.by_name.end()) return {Transition::Kind::go_to, found->second};
  // What to say depends on all tasks, so it waits; a few hundred are enough.
  if (unknown_targets_.size() > k_most_unknown_targets) return {};
  if (siblings.targets == nullptr) {
    siblings.targets = std::make_shared<std::vector<std::string>>();
    for (const auto& [name, id] : siblings.by_name) siblings.targets->push_back(name);
    std::sort(siblings.targets->begin(), siblings.targets->end());
    siblings.targets->insert(siblings.targets->begin(), {"continue", "exit", "end"});
  }
  unknown_targets_.push_back(
      {place.node->position, place.pointer(), findings_.origins().of(place).uri, *target, siblings.targets});
  return {};
}

void Compiler::report_unknown_targets() {
  if (unknown_targets_.empty()) return;
  std::map<std::string_view, const Node*> by_name;
  for (const Node& node : program_.nodes) by_name.emplace(node.name, &node);
  for (const UnknownTarget& unknown : unknown_targets_) {
    const auto elsewhere = by_name.find(unknown.target);
    if (elsewhere == by_name.end()) {
      findings_.error_at(unknown.position, unknown.pointer,
                         fmt::format("there is no task '{}' in this list", shown(unknown.target)),
                         did_you_mean_or_list(unknown.target, names_of_list(*unknown.possible)), unknown.source);
      continue;
    }
    findings_.error_at(unknown.position, unknown.pointer,
                       fmt::format("'{}' is at {}: a directive may only name a task of its own list",
                                   shown(unknown.target), elsewhere->second->reference),
                       did_you_mean(unknown.target, names_of_list(*unknown.possible)), unknown.source);
  }
}

void Compiler::task_metadata(const Place& place, TaskContext& context) {
  if (!is_object(findings_, place)) return;
  const SourceMember* member = place.node->find("cairn");
  if (member == nullptr) return;
  const Place ours = place.member(*member);
  Fields fields(findings_, ours, "metadata.cairn");
  const bool effect = std::holds_alternative<EffectBody>(context.node.body) ||
                      (std::holds_alternative<UnsupportedBody>(context.node.body) &&
                       (context.node.kind == "call" || context.node.kind == "run" || context.node.kind.empty()));
  if (const auto delivery = fields.take("delivery")) {
    const auto choice = read_choice(findings_, *delivery, {"at-least-once", "at-most-once"});
    if (choice && *choice == "at-most-once") context.node.delivery = Delivery::at_most_once;
    if (choice && !effect) {
      findings_.error_at_key(*delivery,
                             "delivery has a meaning only for tasks that touch the world themselves: call and run",
                             "move it to the task that makes the call");
    }
  }
  if (const auto listen = fields.take("listen")) {
    const bool since_run = listen_since_run(*listen);
    if (auto* body = std::get_if<ListenBody>(&context.node.body)) {
      body->since_run = since_run;
    } else {
      findings_.error_at_key(*listen, "listen has a meaning only for listen tasks",
                             "move it to the task that listens, or to document.metadata.cairn for all of them");
    }
  }
  lint_exceptions(fields);
  scheduling(fields, context.view(), context.node.scheduling);
  for (const std::string_view key : {"priority", "concurrency", "rate"}) {
    const auto found = fields.take(key);
    if (!found || effect) continue;
    findings_.error_at_key(
        *found, fmt::format("{} has a meaning only for tasks that touch the world themselves: call and run", key),
        "move it to the task that makes the call, or to document.metadata.cairn for all of them");
  }
  fields.done();
}

}  // namespace cairn
