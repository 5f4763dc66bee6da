#include "authoring/testing/task_index.h"

#include "workflows/core/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::authoring {
namespace {

/// "child", "charge" of "child#charge"; an empty workflow when none is named.
std::pair<std::string_view, std::string_view> parts_of(std::string_view name) {
  const auto mark = name.find('#');
  if (mark == std::string_view::npos || name.starts_with('/')) return {{}, name};
  return {name.substr(0, mark), name.substr(mark + 1)};
}

bool is_task(const Node& node) { return !std::holds_alternative<ExtensionStageBody>(node.body); }

class NameCheck {
 public:
  NameCheck(const Workflows& workflows, std::vector<Diagnostic>& found) : workflows_(workflows), found_(found) {}

  /// `only_calls`: the task has to be one that can be mocked.
  void check(const TaskName& name, bool only_calls) {
    bool exists = false;
    const Node* other = nullptr;
    each_task([&](const Program& program, const Node& node) {
      if (!names_task(workflows_, name.text, program, node.name, node.reference)) return;
      exists = exists || !only_calls || is_call(node);
      other = &node;
    });
    if (exists) return;
    if (other != nullptr) {
      say(name,
          fmt::format("'{}' is a `{}` task: it makes no call, so there is nothing to mock", shown(name.text),
                      other->kind),
          only_calls ? candidates_for(name.text, true) : std::string());
      return;
    }
    say(name, fmt::format("there is no task '{}'", shown(name.text)), candidates_for(name.text, only_calls));
  }

  void check_first(const TaskName& name) {
    const Program& program = *workflows_.tested;
    std::vector<std::string> names;
    for (const NodeId id : program.list(program.tasks)) names.push_back(program.node(id).name);
    if (std::ranges::find(names, name.text) != names.end()) return;
    say(name, fmt::format("there is no task '{}' at the top level, where a case may begin", shown(name.text)),
        did_you_mean_or_list(name.text, names_of_list(names)));
  }

 private:
  template <class Visit>
  void each_task(const Visit& visit) const {
    const auto all = [&](const Program& program) {
      for (const Node& node : program.nodes) {
        if (is_task(node)) visit(program, node);
      }
    };
    all(*workflows_.tested);
    for (const auto& other : workflows_.others) all(*other);
  }

  [[nodiscard]] std::string candidates_for(const std::string& wanted, bool only_calls) const {
    std::set<std::string> names;
    each_task([&](const Program&, const Node& node) {
      if (!only_calls || is_call(node)) names.insert(wanted.starts_with('/') ? node.reference : node.name);
    });
    const std::vector<std::string> list(names.begin(), names.end());
    return did_you_mean_or_list(wanted, names_of_list(list));
  }

  void say(const TaskName& name, std::string message, std::string hint) {
    found_.push_back({Severity::error, name.spot.position, name.spot.pointer, std::move(message), std::move(hint), {}});
  }

  const Workflows& workflows_;
  std::vector<Diagnostic>& found_;
};

}  // namespace

std::shared_ptr<const Program> Workflows::find(const WorkflowIdentity& wanted) const {
  const auto fits = [&](const Program& program) {
    return program.identity.workflow_namespace == wanted.workflow_namespace && program.identity.name == wanted.name &&
           (wanted.version == "latest" || wanted.version == program.identity.version);
  };
  for (const auto& other : others) {
    if (fits(*other)) return other;
  }
  return fits(*tested) ? tested : nullptr;
}

bool names_task(const Workflows& workflows, std::string_view name, const Program& program, std::string_view task_name,
                std::string_view reference) {
  const auto [workflow, task] = parts_of(name);
  if (!workflow.empty() && workflow != program.identity.name) return false;
  if (!task.starts_with('/')) return task == task_name;
  return task == reference && (!workflow.empty() || &program == workflows.tested.get());
}

bool is_call(const Node& node) {
  return std::holds_alternative<EffectBody>(node.body) || std::holds_alternative<ChildBody>(node.body) ||
         std::holds_alternative<ApprovalBody>(node.body);
}

std::vector<Diagnostic> check_names(const TestSuite& suite, const Workflows& workflows) {
  std::vector<Diagnostic> found;
  NameCheck names(workflows, found);
  std::set<std::string> told;  // the defaults are in every case
  const auto once = [&](const TaskName& name) { return told.insert(name.spot.pointer).second; };
  for (const TestCase& one : suite.cases) {
    if (one.from && once(*one.from)) names.check_first(*one.from);
    for (const Mock& mock : one.mocks) {
      if (once(mock.task)) names.check(mock.task, true);
    }
    for (const ExpectedCalls& calls : one.expect.calls) {
      if (once(calls.task)) names.check(calls.task, true);
    }
    for (const auto* list : {&one.expect.path_includes, &one.expect.not_reached}) {
      for (const TaskName& name : *list) names.check(name, false);
    }
    if (one.expect.path) {
      for (const TaskName& name : *one.expect.path) names.check(name, false);
    }
  }
  return found;
}

}  // namespace cairn::authoring
