// Loading runs and letting them go.

#include "engine/runtime/hosting.h"

#include "engine/runtime/history.h"
#include "engine/runtime/listeners.h"
#include "engine/runtime/secrets.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// A run that waits longer than this leaves memory at once; others do when there are many.
constexpr std::int64_t k_long_wait_ms = 5'000;
constexpr std::size_t k_most_resting = 1'024;

}  // namespace

Engine::Impl::Impl(boost::asio::io_context& io_context, EventLog& event_log, std::unique_ptr<Committer> the_committer,
                   Connectors all_connectors, Clock& the_clock, Random& the_random, std::unique_ptr<Alarm> the_alarm,
                   const EngineOptions& options)
    : io(io_context),
      log(event_log),
      committer(std::move(the_committer)),
      connectors(std::move(all_connectors)),
      secret_source(options.secrets),
      default_metadata(options.metadata),
      clock(the_clock),
      random(the_random),
      admission(options.limits),
      alarm(std::move(the_alarm)),
      self(std::make_shared<Impl*>(this)) {}

Result<std::shared_ptr<const Machine>> Engine::Impl::machine_of(const Hash256& definition) {
  if (const auto it = machines.find(definition); it != machines.end()) return it->second;
  CAIRN_TRY(auto machine, load_machine(log, definition));
  machines.emplace(definition, machine);
  return machine;
}

/// Stores those that are new, and waits until they are durable: children look for them in the log.
Result<void> Engine::Impl::register_definitions(const std::vector<const DefinitionText*>& definitions) {
  std::vector<StoredDefinition> fresh;
  for (const auto* definition : definitions) {
    const Program& program = *definition->program;
    machines.try_emplace(program.hash, std::make_shared<const Machine>(definition->program));
    CAIRN_TRY(const auto stored, log.find_definition(program.identity));
    if (stored && stored->hash == program.hash) continue;
    fresh.push_back({program.hash, program.identity, definition->text, clock.now()});
  }
  if (!fresh.empty()) {
    submit({}, std::move(fresh));
    while (batches_committing > 0 && !stopped) {
      CAIRN_TRY(await_returned());
    }
    if (stopped) return *stopped;
  }
  for (const auto* definition : definitions) {
    registered[definition->program->identity.to_string()] = definition->program->hash;
  }
  return success();
}

Result<HostedRun*> Engine::Impl::host(const RunId& run, const Value& secrets) {
  if (const auto it = runs.find(run); it != runs.end()) return &it->second;
  CAIRN_TRY(await_removal(run));
  HostedRun hosted;
  CAIRN_TRY(auto loaded, load_run(log, run));
  hosted.state = std::move(loaded.state);
  CAIRN_TRY(hosted.machine, machine_of(hosted.state.definition));
  hosted.secrets = secrets;
  hosted.snapshot_at = number_of(loaded.snapshot);
  hosted.durable = hosted.state.last;
  hosted.held = hosted.state.suspended_at.has_value();
  for (const auto& [id, timer] : running_timers(hosted.state)) hosted.timers.push_back({timer.due, run, id});
  std::ranges::sort(hosted.timers);
  hosted.listeners = listeners_of(hosted.state);
  return &runs.emplace(run, std::move(hosted)).first->second;
}

Result<void> Engine::Impl::await_removal(const RunId& run) {
  if (forgetting.contains(run)) act_on_committed();
  while (forgetting.contains(run) && !stopped) {
    CAIRN_TRY(await_returned());
  }
  if (stopped) return *stopped;
  return success();
}

Result<void> Engine::Impl::host_for_command(const RunId& run) {
  CAIRN_TRY(HostedRun * hosted, host(run, Value{}));
  hosted->working = false;
  return success();
}

bool Engine::Impl::works_on(const RunId& run) const {
  if (const auto it = runs.find(run); it != runs.end()) return it->second.working;
  if (asleep.contains(run)) return true;
  if (!recovery) return false;
  const auto summary = log.summary(run);
  return summary && summary.value() && summary.value()->open;
}

Result<HostedRun*> Engine::Impl::present(const RunId& run) {
  if (const auto it = runs.find(run); it != runs.end()) return &it->second;
  if (works_on(run)) {
    const auto known = asleep.find(run);
    const Value secrets = known == asleep.end() ? recovery_secrets : known->second;
    auto woken = wake(run, secrets);
    if (woken) return woken;
    // What came for it is recorded all the same.
    spdlog::warn("run {} is not worked on: {}", run.to_string(), woken.error().to_string());
  }
  CAIRN_TRY(host_for_command(run));
  return &runs.at(run);
}

Result<void> Engine::Impl::check_secrets(const RunId& run, const Machine& machine, const Value& given) const {
  return cairn::check_secrets(machine.program().secrets, given, secret_source.get(), "its definition",
                              "run " + run.to_string());
}

Result<HostedRun*> Engine::Impl::wake(const RunId& run, const Value& secrets) {
  const bool there = runs.contains(run);
  CAIRN_TRY(HostedRun * hosted, host(run, secrets));
  if (auto given = check_secrets(run, *hosted->machine, secrets); !given) {
    if (!there) runs.erase(run);  // nothing of it has been set going
    return std::move(given).error();
  }
  asleep.erase(run);
  hosted->secrets = secrets;
  hosted->working = true;
  set_going(run, *hosted);
  return hosted;
}

void Engine::Impl::set_going(const RunId& run, HostedRun& hosted) {
  const RunState& state = hosted.state;
  if (!state.parked.empty() && !state.suspended_at) push(run, GoOn{});
  for (const auto& [id, effect] : state.effects) {
    if (!effect.at_most_once || id > hosted.durable) continue;  // what is not durable was never sent
    hosted.queued.insert(id);                                   // never dispatched again
    push(run, EffectLost{id});
  }
  dispatch_pending(run, hosted);
  for (const auto& timer : hosted.timers) timers.add(timer);
}

Result<void> Engine::Impl::resume(const RunId& run, const Value& secrets) {
  std::vector<RunId> begun;
  const std::size_t inbox_before = inbox.size();
  const std::size_t deliveries_before = deliveries.size();
  auto resumed = resume_family(run, secrets, begun);
  if (!resumed) {
    // Half a family would wait for the other half for ever. What came for its runs before stays.
    for (const auto& one : begun) lay_down(one);
    const auto forget = [&begun](std::deque<Item>& items, std::size_t before) {
      const auto from = items.begin() + static_cast<std::ptrdiff_t>(std::min(before, items.size()));
      const auto is_theirs = [&begun](const Item& item) { return std::ranges::find(begun, item.run) != begun.end(); };
      items.erase(std::remove_if(from, items.end(), is_theirs), items.end());
    };
    forget(inbox, inbox_before);
    forget(deliveries, deliveries_before);
    return resumed;
  }
  start_queued();
  wait_for_next_timer();
  schedule_pump();
  for (const auto& one : begun) settle(one);
  return resumed;
}

Result<void> Engine::Impl::resume_family(const RunId& run, const Value& secrets, std::vector<RunId>& begun) {
  const auto it = runs.find(run);
  if (it != runs.end() ? it->second.working : asleep.contains(run)) return success();
  const bool is_born = it == runs.end() || it->second.durable != k_no_event;  // else its start is on its way to the log
  if (is_born) {
    CAIRN_TRY(const auto summary, log.summary(run));
    if (!summary) return make_error(ErrorCode::not_found, "there is no run " + run.to_string());
    if (!summary->open) return success();
    if (recovery) {  // then it is worked on, wherever it is, unless a secret was missing
      CAIRN_TRY(const auto machine, machine_of(summary->definition));
      if (check_secrets(run, *machine, recovery_secrets)) return success();
    }
  }
  CAIRN_TRY(HostedRun * hosted, wake(run, secrets));
  begun.push_back(run);
  const RunState state = hosted->state;
  for (const auto& [child, pending] : state.children) {
    CAIRN_TRY(resume_child(run, child, secrets, begun));
  }
  if (state.parent && state.parent->awaited && !state.ended()) {
    CAIRN_TRY(resume_family(state.parent->run, secrets, begun));
  }
  return success();
}

Result<void> Engine::Impl::resume_child(const RunId& parent, const RunId& child, const Value& secrets,
                                        std::vector<RunId>& begun) {
  if (runs.contains(child)) return resume_family(child, secrets, begun);
  CAIRN_TRY(const auto summary, log.summary(child));
  if (!summary) {
    begun.push_back(child);
    return start_missing_child(parent, child);
  }
  if (!summary->ended_at) return resume_family(child, secrets, begun);
  CAIRN_TRY(const auto ended, fold_run(log, child));
  tell_parent(ended);
  return success();
}

/// A crash came between the batch that says that the child was started and the one that would have held its start.
Result<void> Engine::Impl::start_missing_child(const RunId& parent, const RunId& child) {
  std::optional<ChildRequest> request;
  CAIRN_TRY(log.read(parent, EventSeq{1}, [&](const Record& record) {
    for (const auto& event : record.events) {
      const auto* started = std::get_if<ChildStarted>(&event);
      if (started == nullptr || started->child != child) continue;
      request = ChildRequest{started->child, started->workflow, started->input, started->frame};
    }
    return !request;
  }));
  if (!request) {
    return make_error(ErrorCode::corrupt, "its child " + child.to_string() + " is missing", "run " + parent.to_string(),
                      "Run cairn log verify");
  }
  start_child(parent, *request);
  return success();
}

void Engine::Impl::start_child(const RunId& parent, const ChildRequest& request) {
  const auto fail = [&](StandardError type, const std::string& why) {
    if (request.frame == k_no_event) {
      spdlog::warn("run {}: workflow {} was not started: {}", parent.to_string(), request.workflow.to_string(), why);
      return;
    }
    deliver(parent, ChildFinished{request.child, make_problem(type, "Workflow not started", why)});
  };
  auto stored = log.find_definition(request.workflow);
  if (!stored) {
    fail(StandardError::runtime, stored.error().to_string());
    return;
  }
  if (!stored.value()) {
    fail(StandardError::configuration, "no definition of " + request.workflow.to_string() + " is registered");
    return;
  }
  auto machine = machine_of(stored.value()->hash);
  if (!machine) {
    fail(StandardError::configuration, machine.error().to_string());
    return;
  }
  const HostedRun& starter = runs.at(parent);
  const RunState& state = starter.state;
  StartRun start;
  start.run = request.child;
  start.input = request.input;
  start.metadata = state.metadata;  // a family lives in one environment
  if (machine.value()->program().singleton) {
    const auto open = open_singleton(*machine.value(), start);
    if (!open) return fail(StandardError::runtime, open.error().to_string());
    if (open.value()) {
      return fail(StandardError::runtime, request.workflow.to_string() + " is a singleton, and run " +
                                              open.value()->to_string() + " of it is open");
    }
  }
  HostedRun& child = runs[request.child];
  child.machine = machine.value();
  child.secrets = starter.secrets;
  child.working = starter.working;
  start.priority = child.machine->program().scheduling.priority.value_or(state.priority);
  const std::uint32_t depth = state.parent ? state.parent->depth + 1 : 1;
  const bool awaited = request.frame != k_no_event;
  const bool after_fault = request.after_fault || (state.parent && state.parent->after_fault);
  start.parent = ParentLink{parent, request.frame, depth, awaited, after_fault};
  deliver(request.child, std::move(start));
}

void Engine::Impl::release(const RunId& run) {
  asleep.erase(run);
  const auto it = runs.find(run);
  if (it == runs.end()) return;
  HostedRun& hosted = it->second;
  forget_timers(hosted);
  for (const auto& [effect, ticket] : hosted.tickets) admission.release(ticket);
  if (hosted.resting) resting.erase(*hosted.resting);
  // What of it is in the inbox is passed over when its turn comes.
  runs.erase(it);
  if (runs.empty() && asleep.empty()) when_idle();
}

void Engine::Impl::lay_down(const RunId& run) {
  const auto it = runs.find(run);
  if (it == runs.end()) return;
  HostedRun& hosted = it->second;
  if (hosted.committing == 0) return release(run);
  // The log does not have all of it yet: it goes when that is durable.
  hosted.working = false;
  withdraw_waiting(hosted);
  hosted.queued.clear();
  forget_timers(hosted);
}

void Engine::Impl::forget_timers(const HostedRun& hosted) {
  if (recovery) return;  // all that the log holds fire
  for (const auto& timer : hosted.timers) timers.remove(timer);
}

void Engine::Impl::settle(const RunId& run) {
  const auto it = runs.find(run);
  if (it == runs.end() || it->second.committing > 0) return;
  HostedRun& hosted = it->second;
  const RunState& state = hosted.state;
  if (!state.started()) return;
  if (!hosted.working) return release(run);
  if (state.ended()) {
    if (state.effects.empty()) release(run);
    return;
  }
  const bool waits = state.effects.empty() && state.parked.empty() && hosted.running.empty() && hosted.queued.empty();
  if (!waits || hosted.resting) return;
  const bool for_long = state.children.empty() &&
                        (hosted.timers.empty() || hosted.timers.front().due.ms - clock.now().ms > k_long_wait_ms);
  if (for_long) return evict(run);
  hosted.resting = resting.insert(resting.end(), run);
  if (resting.size() > k_most_resting) evict(RunId(resting.front()));
}

void Engine::Impl::evict(const RunId& run) {
  HostedRun& hosted = runs.at(run);
  if (hosted.resting) resting.erase(*hosted.resting);
  if (!recovery || hosted.secrets != recovery_secrets) asleep.emplace(run, std::move(hosted.secrets));
  runs.erase(run);
}

void Engine::Impl::when_idle() {
  boost::asio::post(io, [alive = self] {
    if (*alive == nullptr || !(*alive)->runs.empty() || !(*alive)->asleep.empty()) return;
    const auto callbacks = (*alive)->idle_callbacks;
    for (const auto& callback : callbacks) callback();
  });
}

}  // namespace cairn
