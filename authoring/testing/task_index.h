#pragma once
// Tasks of workflows by the names that tests give them, and which of them can be mocked.

#include "workflows/program/program.h"
#include "workflows/source/position.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/testing/suite.h"

namespace cairn::authoring {

/// Of several workflows: the first is the one under test, the others may be run by it.
struct Workflows {
  std::shared_ptr<const Program> tested;
  std::vector<std::shared_ptr<const Program>> others;

  /// The one that `run: workflow` means; null: none was given.
  [[nodiscard]] std::shared_ptr<const Program> find(const WorkflowIdentity& wanted) const;
};

/// Whether a task is meant: `name` without WORKFLOW# is the name of a task anywhere, or a pointer of the tested workflow.
bool names_task(const Workflows& workflows, std::string_view name, const Program& program, std::string_view task_name,
                std::string_view reference);

/// A call, process or workflow: what a mock can stand for.
bool is_call(const Node& node);

/// What names in the suite mean nothing, or not what they would have to: each at its place, with what was probably meant.
std::vector<Diagnostic> check_names(const TestSuite& suite, const Workflows& workflows);

}  // namespace cairn::authoring
