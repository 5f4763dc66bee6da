#pragma once
// A Program drawn as a flowchart, for Mermaid or Graphviz; with the path of a run marked on it.
//
// Tasks are nodes; do, for, fork and try are boxes around theirs. Edges carry what decides: a case's condition, a
// filter, a loop's next item. The same program and marks give the same text.

#include "workflows/program/program.h"

#include <cstdint>
#include <map>
#include <string>

namespace cairn {

/// What a run has done with a task.
struct DiagramMark {
  enum class Status : std::uint8_t { running, waiting, completed, skipped, faulted, cancelled };
  Status status = Status::running;  ///< of the last visit
  std::uint32_t visits = 1;         ///< more than 1 in loops and after jumps
};

/// By task reference, "/do/0/getPet"; tasks that are not in it were not reached.
using DiagramMarks = std::map<std::string, DiagramMark>;

/// A Mermaid flowchart, ending in a newline.
std::string to_mermaid(const Program& program, const DiagramMarks& marks = {});

/// A Graphviz digraph, ending in a newline.
std::string to_dot(const Program& program, const DiagramMarks& marks = {});

}  // namespace cairn
