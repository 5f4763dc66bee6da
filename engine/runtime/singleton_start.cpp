// Starts of singletons, of commands and as children.

#include "engine/runtime/hosting.h"

namespace cairn {

Result<std::optional<Engine::Impl::Begun>> Engine::Impl::begin_singleton(const Machine& machine, const StartRun& start,
                                                                         const Value& secrets) {
  CAIRN_TRY(const auto open, open_singleton(machine, start));
  if (!open) return std::optional<Begun>();
  const Program& program = machine.program();
  if (program.singleton->mode == SingletonSpec::Mode::existing) {
    if (!works_on(*open)) {
      CAIRN_TRY(resume(*open, secrets));
    }
    return std::optional(Begun{{*open, true}, {}});
  }
  return std::optional(Begun{
      {*open, true},
      make_error(ErrorCode::conflict, "the workflow is a singleton, and run " + open->to_string() + " of it is open",
                 program.identity.to_string(), "Wait for that run, or cancel it")});
}

Result<bool> Engine::Impl::has_not_ended(const RunId& run) const {
  if (const auto it = runs.find(run); it != runs.end()) return !it->second.state.ended();
  CAIRN_TRY(const auto summary, log.summary(run));
  return summary && !summary->ended_at;
}

Result<void> Engine::Impl::take_over_delayed(const RunId& open, const RunId& by) {
  CAIRN_TRY(const auto* hosted, present(open));
  const OperatorCommand cancel{OperatorCommand::Kind::cancel,
                               "run " + by.to_string() + " came within its debounce period"};
  if (!hosted->state.started()) {
    push(open, cancel);  // behind its own start
  } else if (is_delayed(hosted->state)) {
    commands.push_back({open, cancel});  // before its timer, which may be due
  }
  return success();
}

Result<std::optional<RunId>> Engine::Impl::open_singleton(const Machine& machine, const StartRun& start) {
  const Program& program = machine.program();
  CAIRN_TRY(singletons.load(log));
  const auto key = Singletons::key_of(machine, start, clock.now());
  if (!key) return std::optional<RunId>();
  auto open = singletons.open_run(program.identity, *key);
  if (open) {
    CAIRN_TRY(const bool is_open, has_not_ended(*open));
    if (!is_open) open.reset();  // its end came before it was listed, and was not durable yet
  }
  if (program.singleton->mode == SingletonSpec::Mode::debounce) {
    if (open) {
      CAIRN_TRY(take_over_delayed(*open, start.run));
    }
  } else if (open && program.singleton->mode != SingletonSpec::Mode::cancel) {
    return open;
  } else if (open) {
    push(*open, OperatorCommand{OperatorCommand::Kind::cancel,
                                "run " + start.run.to_string() + " of this singleton took its place"});
  }
  singletons.begun(program.identity, *key, start.run);
  return std::optional<RunId>();
}

}  // namespace cairn
