#pragma once
// What `run: shell` and `run: script` have in common: stdin, arguments, environment, and what comes out.

#include "connectors/http/or_problem.h"
#include "connectors/process/child_process.h"
#include "engine/effects/effect.h"
#include "workflows/value/value.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

class OngoingEffect;

/// `return` of a run.
enum class ProcessReturn { out, error, code, all, none };

struct ProcessCall {
  std::optional<std::string> input;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  ProcessReturn returns = ProcessReturn::out;
};

/// Reads stdin, arguments, environment and return of `request`.
/// Text that is not given as a string is passed as JSON; null stdin is none; a variable that is null is left out.
/// The environment begins with this process's PATH, HOME, LANG and TMPDIR and nothing else of it, then the author's
/// variables, then CAIRN_RUN_ID and CAIRN_IDEMPOTENCY_KEY.
OrProblem<ProcessCall> read_process_call(const EffectRequest& request);

/// Starts `program` with `arguments` (argv, beginning with the name) and reports through `effect`.
/// `label` names it in problems, e.g. "the shell command". `keep_alive` is let go when the process has ended.
void run_process(const boost::asio::any_io_executor& executor, const std::shared_ptr<OngoingEffect>& effect,
                 const ProcessCall& call, std::string program, std::vector<std::string> arguments,
                 const std::string& label, std::shared_ptr<void> keep_alive);

/// The output that `returns` asks for. An exit code other than 0 is a runtime problem with the end of stderr, except
/// where the code is (part of) the output.
EffectOutcome outcome_of(const ProcessEnd& end, ProcessReturn returns, const std::string& label);

/// A writer to a pipe or socket whose reader went away must get an error: SIGPIPE is ignored from now on, process-wide
/// (children get the default back).
void ignore_broken_pipes();

}  // namespace cairn
