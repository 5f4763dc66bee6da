#include "engine/runtime/hosting.h"

#include "engine/runtime/history.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn {
namespace {

/// Steps in one batch: enough to share the price of a sync, few enough to keep the answer to the first one near.
constexpr std::size_t k_batch_steps = 256;
/// Batches on their way to the disk: one that is being synced, one that waits for it.
constexpr std::size_t k_pipeline = 2;
/// Events after which a run's state is stored, so that loading it folds less.
constexpr std::uint64_t k_snapshot_every = 2'000;

}  // namespace

Engine::Impl::Impl(boost::asio::io_context& io_context, EventLog& event_log, std::unique_ptr<Committer> the_committer,
                   Connectors all_connectors, Clock& the_clock, Random& the_random)
    : io(io_context),
      log(event_log),
      committer(std::move(the_committer)),
      connectors(std::move(all_connectors)),
      clock(the_clock),
      random(the_random),
      alarm(io_context),
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
    while (batches_committing > 0 && !stopped) await_returned();
    if (stopped) return *stopped;
  }
  for (const auto* definition : definitions) {
    registered[definition->program->identity.to_string()] = definition->program->hash;
  }
  return success();
}

Result<HostedRun*> Engine::Impl::host(const RunId& run, const Value& secrets) {
  if (const auto it = runs.find(run); it != runs.end()) return &it->second;
  HostedRun hosted;
  CAIRN_TRY(hosted.state, fold_run(log, run));
  CAIRN_TRY(hosted.machine, machine_of(hosted.state.definition));
  hosted.secrets = secrets;
  hosted.snapshot_at = number_of(hosted.state.last);
  hosted.durable = hosted.state.last;
  hosted.end_told = hosted.state.ended();
  return &runs.emplace(run, std::move(hosted)).first->second;
}

Result<void> Engine::Impl::resume_family(const RunId& run, const Value& secrets) {
  if (runs.contains(run)) return success();
  CAIRN_TRY(const auto summary, log.summary(run));
  if (!summary) return make_error(ErrorCode::not_found, "there is no run " + run.to_string());
  if (!summary->open) return success();
  CAIRN_TRY(const auto machine, machine_of(summary->definition));
  for (const auto& name : machine->program().secrets) {
    if (secrets.find(name) == nullptr) {
      return make_error(ErrorCode::invalid_usage, "its definition uses secret '" + name + "', which was not given",
                        "run " + run.to_string(), "Give it with --secret " + name + "=VALUE");
    }
  }
  CAIRN_TRY(HostedRun * hosted, host(run, secrets));
  const RunState state = hosted->state;
  if (!state.parked.empty() && !state.suspended_at) push(run, GoOn{});
  for (const auto& [id, effect] : state.effects) {
    if (!effect.at_most_once) continue;
    hosted->queued.insert(id);  // never dispatched again
    push(run, EffectLost{id});
  }
  for (const auto& [child, pending] : state.children) {
    CAIRN_TRY(const auto child_summary, log.summary(child));
    if (!child_summary) {
      return make_error(ErrorCode::corrupt, "its child " + child.to_string() + " is missing", "run " + run.to_string(),
                        "Run cairn log verify");
    }
    if (child_summary->ended_at) {
      CAIRN_TRY(const auto ended, fold_run(log, child));
      HostedRun told;
      told.state = ended;
      tell_parent(told);
    } else {
      CAIRN_TRY(resume_family(child, secrets));
    }
  }
  dispatch_pending(run, *hosted);
  arm_timers(run, *hosted);
  if (state.parent && state.parent->awaited && !state.ended()) {
    CAIRN_TRY(resume_family(state.parent->run, secrets));
  }
  start_queued();
  wait_for_next_timer();
  schedule_pump();
  return success();
}

void Engine::Impl::schedule_pump() {
  if (pump_scheduled || inbox.empty() || stopped) return;
  pump_scheduled = true;
  boost::asio::post(io, [alive = self] {
    if (*alive == nullptr) return;
    Impl& engine = **alive;
    engine.pump_scheduled = false;
    engine.pump();
  });
}

void Engine::Impl::pump() {
  if (stopped || batches_committing >= k_pipeline) return;
  std::deque<Step> steps;
  while (!inbox.empty() && steps.size() < k_batch_steps) {
    Item item = std::move(inbox.front());
    inbox.pop_front();
    decide(std::move(item), steps);
  }
  if (!steps.empty()) submit(std::move(steps), {});
  start_queued();
  wait_for_next_timer();
  schedule_pump();
}

void Engine::Impl::submit(std::deque<Step> steps, std::vector<StoredDefinition> definitions) {
  auto batch = std::make_shared<Batch>();
  batch->steps = std::move(steps);
  AppendBatch append;
  append.definitions = std::move(definitions);
  append.records.reserve(batch->steps.size());
  for (const auto& step : batch->steps) {
    AppendRecord record;
    record.run = step.run;
    record.record = &step.record;
    record.summary = summary_of(step.after);
    HostedRun& hosted = runs.at(step.run);
    ++hosted.committing;
    const std::uint64_t last = number_of(step.after.last);
    if (last - hosted.snapshot_at >= k_snapshot_every && !step.after.ended()) {
      record.snapshot = to_value(step.after);
      hosted.snapshot_at = last;
    }
    append.records.push_back(std::move(record));
  }
  ++batches_committing;
  committer->commit(std::move(append), [batch, back = returned, alive = self, &executor = io](const Result<void>& done) {
    bool tell = false;
    {
      const std::lock_guard lock(back->mutex);
      back->items.push_back({batch, done ? std::nullopt : std::optional(done.error())});
      tell = !std::exchange(back->told, true);
    }
    back->arrived.notify_one();
    if (!tell) return;
    boost::asio::post(executor, [alive] {
      if (*alive != nullptr) (*alive)->take_returned();
    });
  });
}

void Engine::Impl::take_returned() {
  std::deque<Returned::Item> items;
  {
    const std::lock_guard lock(returned->mutex);
    items.swap(returned->items);
    returned->told = false;
  }
  for (auto& [batch, error] : items) {
    --batches_committing;
    if (stopped) continue;
    if (error) {
      stop(*error);
      continue;
    }
    // From here on it is durable: act, answer, tell.
    for (const auto& step : batch->steps) act(step);
    for (const auto& step : batch->steps) unload_if_done(step.run);
  }
  start_queued();
  wait_for_next_timer();
  schedule_pump();
}

void Engine::Impl::await_returned() {
  {
    std::unique_lock lock(returned->mutex);
    returned->arrived.wait(lock, [this] { return !returned->items.empty(); });
  }
  take_returned();
}

Result<void> Engine::Impl::flush() {
  while (batches_committing >= k_pipeline) await_returned();
  pump();
  while (batches_committing > 0) await_returned();
  if (stopped) return *stopped;
  return success();
}

void Engine::Impl::decide(Item item, std::deque<Step>& steps) {
  const auto it = runs.find(item.run);
  if (it == runs.end()) return;
  HostedRun& hosted = it->second;
  Step step;
  step.run = item.run;
  step.record.first = next_of(hosted.state.last);
  step.record.stimulus.what = std::move(item.what);
  step.record.stimulus.now = clock.now();
  step.record.stimulus.entropy = random.next();
  const bool had_ended = hosted.state.ended();
  step.decision = hosted.machine->advance(hosted.state, step.record.stimulus);
  if (step.decision.nothing()) return;
  step.record.events = step.decision.events;
  step.after = hosted.state;
  if (step.decision.yielded && !hosted.state.suspended_at && hosted.working) push(item.run, GoOn{});
  start_children(step);
  if (!had_ended && hosted.state.ended()) tell_parent(hosted);
  steps.push_back(std::move(step));
}

void Engine::Impl::start_children(const Step& step) {
  for (const auto& request : step.decision.children) {
    const auto fail = [&](StandardError type, const std::string& why) {
      if (request.frame == k_no_event) {
        spdlog::warn("run {}: workflow {} was not started: {}", step.run.to_string(), request.workflow.to_string(),
                     why);
        return;
      }
      push(step.run, ChildFinished{request.child, make_problem(type, "Workflow not started", why)});
    };
    auto stored = log.find_definition(request.workflow);
    if (!stored) {
      fail(StandardError::runtime, stored.error().to_string());
      continue;
    }
    if (!stored.value()) {
      fail(StandardError::configuration, "no definition of " + request.workflow.to_string() + " is registered");
      continue;
    }
    auto machine = machine_of(stored.value()->hash);
    if (!machine) {
      fail(StandardError::configuration, machine.error().to_string());
      continue;
    }
    HostedRun& child = runs[request.child];
    child.machine = machine.value();
    child.secrets = runs.at(step.run).secrets;
    child.working = runs.at(step.run).working;
    StartRun start;
    start.run = request.child;
    start.input = request.input;
    start.priority = step.after.priority;
    const std::uint32_t depth = step.after.parent ? step.after.parent->depth + 1 : 1;
    start.parent = ParentLink{step.run, request.frame, depth, request.frame != k_no_event};
    // At the front: the child's first record belongs to the batch that says it was started.
    inbox.push_front({request.child, std::move(start)});
  }
  for (const auto& child : step.decision.cancelled_children) {
    if (!runs.contains(child)) {
      auto opened = host(child, Value{});
      if (!opened) {
        spdlog::error("run {}: its child {} cannot be cancelled: {}", step.run.to_string(), child.to_string(),
                      opened.error().to_string());
        continue;
      }
      opened.value()->working = false;
    }
    push(child, OperatorCommand{OperatorCommand::Kind::cancel, "the task that ran it has ended"});
  }
}

void Engine::Impl::tell_parent(const HostedRun& child) {
  const RunState& state = child.state;
  if (!state.parent || !state.parent->awaited) return;
  ChildFinished finished{state.id, state.output};
  if (state.ending == Ending::faulted) finished.outcome = state.problem.value_or(Problem{});
  if (state.ending == Ending::cancelled) {
    finished.outcome =
        make_problem(StandardError::runtime, "Workflow cancelled",
                     "run " + state.id.to_string() + " of " + state.workflow.to_string() + " was cancelled" +
                         (state.cancel_reason.empty() ? "" : ": " + state.cancel_reason));
  }
  inbox.push_front({state.parent->run, std::move(finished)});
}

void Engine::Impl::act(const Step& step) {
  const auto it = runs.find(step.run);
  if (it == runs.end()) return;
  HostedRun& hosted = it->second;
  hosted.durable = step.after.last;
  --hosted.committing;
  for (const auto effect : step.decision.cancelled_effects) {
    if (hosted.running.erase(effect) > 0) --in_flight;
    hosted.queued.erase(effect);
  }
  // A copy: an observer may detach itself or others.
  std::vector<std::shared_ptr<RunObserver>> told;
  const auto [first, last] = observers.equal_range(step.run);
  for (auto o = first; o != last; ++o) told.push_back(o->second);
  for (const auto& observer : told) {
    if (observer->on_record) observer->on_record(step.record);
  }
  if (step.after.ended() && !hosted.end_told) {
    hosted.end_told = true;
    for (const auto& observer : told) {
      if (observer->on_end) observer->on_end(step.after);
    }
  }
  if (number_of(step.record.first) == 1) answer_start(step);
  if (const auto still = runs.find(step.run); still != runs.end()) {
    dispatch_pending(step.run, still->second);
    arm_timers(step.run, still->second);
  }
}

void Engine::Impl::answer_start(const Step& step) {
  if (!step.after.key.empty()) starting.erase({step.after.workflow.to_string(), step.after.key});
  const auto answers = std::move(runs.at(step.run).starters);
  for (const auto& answer : answers) answer(Started{step.run, false});
}

void Engine::Impl::release(const RunId& run) {
  const auto it = runs.find(run);
  if (it == runs.end()) return;
  for (const auto& [due, timer] : it->second.armed) timers.erase({due, run, timer});
  std::erase_if(queue, [&](const Place& place) { return place.run == run; });
  in_flight -= it->second.running.size();
  runs.erase(it);
  std::erase_if(inbox, [&](const Item& item) { return item.run == run; });
}

void Engine::Impl::release_idle() {
  std::vector<RunId> idle;
  for (const auto& [run, hosted] : runs) {
    if (!hosted.working) idle.push_back(run);
  }
  for (const auto& run : idle) release(run);
}

void Engine::Impl::unload_if_done(const RunId& run) {
  const auto it = runs.find(run);
  if (it == runs.end() || !it->second.state.ended() || it->second.committing > 0) return;
  if (!it->second.state.effects.empty() && it->second.working) return;
  release(run);
  if (!runs.empty()) return;
  boost::asio::post(io, [alive = self] {
    if (*alive == nullptr || !(*alive)->runs.empty()) return;
    const auto callbacks = (*alive)->idle_callbacks;
    for (const auto& callback : callbacks) callback();
  });
}

void Engine::Impl::stop(const Error& error) {
  if (stopped) return;
  stopped = error;
  spdlog::error("the engine has stopped: {}", error.to_string());
  inbox.clear();
  queue.clear();
  timers.clear();
  std::vector<StartAnswer> answers;
  for (auto& [run, hosted] : runs) std::ranges::move(hosted.starters, std::back_inserter(answers));
  starting.clear();
  runs.clear();  // memory is ahead of the log: what is true is what can be read
  in_flight = 0;
  std::vector<std::shared_ptr<RunObserver>> told;
  for (const auto& [run, observer] : observers) told.push_back(observer);
  for (const auto& answer : answers) answer(error);
  for (const auto& observer : told) {
    if (observer->on_stop) observer->on_stop(error);
  }
  boost::asio::post(io, [alive = self] {
    if (*alive == nullptr) return;
    const auto callbacks = (*alive)->idle_callbacks;
    for (const auto& callback : callbacks) callback();
  });
}

}  // namespace cairn
