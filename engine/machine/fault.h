#pragma once
// What becomes of a fault: the input of the workflow that metadata.cairn.onFault names, and the cause by which faulted runs
// are told together.

#include "engine/machine/state.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// The `task` of the ChildStarted that follows a RunFaulted: where the definition names the handler.
inline constexpr std::string_view k_fault_handler_task = "/document/metadata/cairn/onFault";

/// The input of the fault handler of `state`, which has just faulted with `problem`:
/// {run: {id, workflow: {namespace, name, version}, key, priority, startedAt, faultedAt, input, parent?, retryOf?},
/// problem, data, context}. `data` is the input after `input.from`. A part that nests too deep to be handed on is null.
Value fault_input(const RunState& state, const Problem& problem);

/// What two faults have in common when they are the same trouble: the workflow (of any version), the task that the
/// problem came from, and the problem's type, status and title; of the title without what changes from run to run
/// (numbers, ids, quoted names). Never 0.
std::uint64_t fault_cause(const WorkflowIdentity& workflow, const Problem& problem);

/// A cause as people see it: twelve hex digits.
std::string cause_name(std::uint64_t cause);

/// `title` with a # for each word that holds a digit and for each quoted part.
std::string constant_part(std::string_view title);

}  // namespace cairn
