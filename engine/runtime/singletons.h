#pragma once
// Singletons: which open run has the word for a workflow and a key (metadata.cairn.singleton). In memory, of everything
// decided; what was open before comes from the log, the first time that somebody asks.

#include "engine/log/event_log.h"
#include "engine/machine/machine.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace cairn {

class Singletons {
 public:
  /// The key that a run of a singleton would have, when it started so; nothing: it would fault at once, or is none.
  static std::optional<std::string> key_of(const Machine& machine, const StartRun& start, Timestamp now);

  /// Reads what is open, once. Until then nothing may have begun().
  Result<void> load(const EventLog& log);
  [[nodiscard]] std::optional<RunId> open_run(const WorkflowIdentity& workflow, const std::string& key) const;
  /// Takes the place of one that is open.
  void begun(const WorkflowIdentity& workflow, const std::string& key, const RunId& run);
  void ended(const RunState& run);
  /// Memory is ahead of the log: what is open is read again.
  void clear() {
    open_.clear();
    loaded_ = false;
  }

 private:
  using Name = std::pair<std::string, std::string>;  ///< "namespace/name", key
  static Name name_of(const WorkflowIdentity& workflow, const std::string& key) {
    return {workflow.workflow_namespace + "/" + workflow.name, key};
  }

  bool loaded_ = false;
  std::map<Name, RunId> open_;
};

}  // namespace cairn
