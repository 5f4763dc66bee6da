// Deciding, committing, and acting on what is durable.

#include "engine/runtime/history.h"
#include "engine/runtime/hosting.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace cairn {
namespace {

/// Steps in one batch: few, so that the committer works on them while the next ones are decided. What waits for it
/// shares a sync anyway.
constexpr std::size_t k_batch_steps = 64;
/// The same with what runs' steps mean for other runs, which belongs to the batch of the step. Beyond it that is recorded,
/// and what it leads to is left for later steps.
constexpr std::size_t k_batch_deliveries = 4'096;
/// How long to wait for a batch before asking whether the disk is full.
constexpr std::chrono::milliseconds k_look_for_trouble{100};
/// Batches on their way to the disk: one that is being synced, and those that wait and will be written together. Small
/// ones come from deciding at once what arrives, which is right while nothing waits.
constexpr std::size_t k_pipeline = 32;
/// Bytes of state for which another event is waited for, so that snapshots stay a small part of what is written.
constexpr std::uint64_t k_state_bytes_an_event = 32;
/// Looks for an event's listeners in one batch; an event that nobody wants is one, too.
constexpr std::size_t k_arrivals_a_batch = 256;
/// Events that nobody wanted, after which the log is told that they were matched.
constexpr std::uint64_t k_matched_every = 1'024;

}  // namespace

void Engine::Impl::schedule_pump() {
  const bool idle =
      inbox.empty() && deliveries.empty() && commands.empty() && publishing.empty() && !matcher.has_more();
  if (pump_scheduled || idle || stopped) return;
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
  std::size_t arrivals = 0;
  while (true) {
    const bool delivery = !deliveries.empty();
    if (!delivery && !catch_ups.empty()) {
      catch_up(steps.size() >= k_batch_deliveries, steps);
      continue;
    }
    const bool command = !delivery && !commands.empty();
    if (!delivery && !command) {
      if (steps.size() >= k_batch_steps) break;
      const bool from_bus = arrivals < k_arrivals_a_batch && matcher.has_more() && (bus_has_turn || inbox.empty());
      bus_has_turn = !from_bus;
      if (from_bus) {
        ++arrivals;
        if (auto arrived = next_arrival()) decide(*std::move(arrived), false, steps);
        continue;
      }
      if (inbox.empty()) break;
    }
    auto& source = delivery ? deliveries : command ? commands : inbox;
    Item item = std::move(source.front());
    source.pop_front();
    decide(std::move(item), delivery && steps.size() >= k_batch_deliveries, steps);
  }
  BusPart part;
  part.published = std::exchange(published, {});
  publish_waiting(part);
  const bool much = number_of(matched) - number_of(matched_written) >= k_matched_every;
  if (!steps.empty() || !part.published.empty() || part.then || much) {
    if (matched > matched_written) part.matched = matched_written = matched;
    submit(std::move(steps), {}, std::move(part));
  }
  start_queued();
  wait_for_next_timer();
  schedule_pump();
}

void Engine::Impl::decide(Item item, bool brief, std::deque<Step>& steps) {
  const auto found = present(item.run);
  if (!found) {
    spdlog::error("run {} cannot go on: {}", item.run.to_string(), found.error().to_string());
    return;
  }
  HostedRun& hosted = *found.value();
  const RunState& state = hosted.state;
  Step step;
  step.run = item.run;
  step.record.first = next_of(state.last);
  step.record.stimulus.what = std::move(item.what);
  step.record.stimulus.now = clock.now();
  step.record.stimulus.entropy = random.next();
  step.record.stimulus.brief = brief;
  if (auto* start = std::get_if<StartRun>(&step.record.stimulus.what)) {
    start->bus = number_of(hosted.events_after.value_or(bus.head()));
  }
  const bool had_ended = state.ended();
  step.decision = hosted.machine->advance(hosted.state, step.record.stimulus);
  // Its result is decided upon: nothing can start this effect again.
  if (const auto* done = std::get_if<EffectFinished>(&step.record.stimulus.what)) hosted.queued.erase(done->effect);
  if (const auto* lost = std::get_if<EffectLost>(&step.record.stimulus.what)) hosted.queued.erase(lost->effect);
  if (step.decision.nothing()) return settle(item.run);
  if (hosted.resting) resting.erase(*std::exchange(hosted.resting, std::nullopt));
  compare_timers(hosted, step);
  step.record.events = std::move(step.decision.events);
  follow_events(hosted, step);
  step.summary = summary_of(state);
  step.schedules = std::exchange(hosted.schedules, {});
  step.held = state.suspended_at.has_value();
  if (step.decision.yielded && !state.suspended_at && hosted.working) push(item.run, GoOn{});
  start_children(step);
  if (hosted.machine->program().singleton && number_of(step.record.first) == 1 && !state.ended()) {
    // The key that counts is the one that was recorded.
    if (const auto key = singleton_key_of(state.limit_keys)) singletons.begun(state.workflow, *key, state.id);
  }
  if (!had_ended && state.ended()) {
    step.end = state;
    singletons.ended(state);
    tell_parent(state);
  }
  if (!state.ended()) step.snapshot = snapshot_if_due(hosted);
  ++hosted.committing;
  steps.push_back(std::move(step));
}

std::optional<Value> Engine::Impl::snapshot_if_due(HostedRun& hosted) {
  const std::uint64_t last = number_of(hosted.state.last);
  if (last - hosted.snapshot_at < hosted.snapshot_after) return std::nullopt;
  Value snapshot = to_value(hosted.state);
  hosted.snapshot_after =
      std::max<std::uint64_t>(k_snapshot_every, snapshot.approximate_bytes() / k_state_bytes_an_event);
  if (last - hosted.snapshot_at < hosted.snapshot_after) return std::nullopt;
  hosted.snapshot_at = last;
  return snapshot;
}

void Engine::Impl::compare_timers(HostedRun& hosted, Step& step) {
  const auto& running = running_timers(hosted.state);
  if (running.empty() && hosted.timers.empty()) return;
  std::vector<DueTimer> now;
  now.reserve(running.size());
  for (const auto& [id, timer] : running) now.push_back({timer.due, step.run, id});
  std::ranges::sort(now);
  std::ranges::set_difference(now, hosted.timers, std::back_inserter(step.timers_set));
  std::ranges::set_difference(hosted.timers, now, std::back_inserter(step.timers_cleared));
  hosted.timers = std::move(now);
}

void Engine::Impl::start_children(const Step& step) {
  for (const auto& request : step.decision.children) start_child(step.run, request);
  for (const auto& child : step.decision.cancelled_children) {
    deliver(child, OperatorCommand{OperatorCommand::Kind::cancel, "the task that ran it has ended"});
  }
}

void Engine::Impl::tell_parent(const RunState& child) {
  if (!child.parent || !child.parent->awaited) return;
  ChildFinished finished{child.id, child.output};
  if (child.ending == Ending::faulted) finished.outcome = child.problem.value_or(Problem{});
  if (child.ending == Ending::cancelled) {
    finished.outcome =
        make_problem(StandardError::runtime, "Workflow cancelled",
                     "run " + child.id.to_string() + " of " + child.workflow.to_string() + " was cancelled" +
                         (child.cancel_reason.empty() ? "" : ": " + child.cancel_reason));
  }
  deliver(child.parent->run, std::move(finished));
}

void Engine::Impl::submit(std::deque<Step> steps, std::vector<StoredDefinition> definitions, BusPart bus_part) {
  auto batch = std::make_shared<Batch>();
  batch->steps = std::move(steps);
  batch->then = std::move(bus_part.then);
  if (!bus_part.published.empty()) batch->published = bus_part.published.back().position;
  AppendBatch append;
  append.definitions = std::move(definitions);
  append.published = std::move(bus_part.published);
  append.matched = bus_part.matched;
  append.records.reserve(batch->steps.size());
  for (auto& step : batch->steps) {
    append.records.push_back({step.run, &step.record, std::move(step.summary), std::move(step.snapshot),
                              step.timers_set, step.timers_cleared, std::move(step.listens),
                              std::move(step.unlistens)});
    std::ranges::move(step.schedules, std::back_inserter(append.schedules));
  }
  commit(std::move(batch), std::move(append));
}

void Engine::Impl::submit(AppendBatch append, std::function<void(const std::optional<Error>&)> then) {
  auto batch = std::make_shared<Batch>();
  batch->then = std::move(then);
  commit(std::move(batch), std::move(append));
}

void Engine::Impl::commit(std::shared_ptr<Batch> batch, AppendBatch append) {
  ++batches_committing;
  // Meanwhile the loop may have nothing else to do: it must not end.
  auto done = [batch, back = returned, alive = self,
               work = boost::asio::make_work_guard(io)](const Result<void>& result) {
    bool tell = false;
    {
      const std::lock_guard lock(back->mutex);
      back->batches.push_back({batch, result ? std::nullopt : std::optional(result.error())});
      tell = !std::exchange(back->told, true);
    }
    back->arrived.notify_one();
    if (!tell) return;
    boost::asio::post(work.get_executor(), [alive] {
      if (*alive != nullptr) (*alive)->take_returned();
    });
  };
  committer->commit(std::move(append), std::move(done));
}

void Engine::Impl::take_returned() {
  {
    const std::lock_guard lock(returned->mutex);
    batches_committing -= returned->batches.size();
    std::ranges::move(returned->batches, std::back_inserter(committed));
    returned->batches.clear();
    returned->told = false;
  }
  act_on_committed();
  start_queued();
  wait_for_next_timer();
  schedule_pump();
}

Result<void> Engine::Impl::await_returned() {
  committer->help();
  {
    std::unique_lock lock(returned->mutex);
    while (!returned->arrived.wait_for(lock, k_look_for_trouble, [this] { return !returned->batches.empty(); })) {
      if (auto trouble = committer->trouble()) return std::move(*trouble);
    }
  }
  take_returned();
  return success();
}

Result<void> Engine::Impl::make_room() {
  act_on_committed();
  while (batches_committing >= k_pipeline) {
    CAIRN_TRY(await_returned());
  }
  return success();
}

Result<void> Engine::Impl::flush() {
  CAIRN_TRY(make_room());
  pump();
  while (batches_committing > 0) {
    CAIRN_TRY(await_returned());
  }
  if (stopped) return *stopped;
  return success();
}

void Engine::Impl::act_on_committed() {
  // Whoever is told may wait for the log itself (flush): then the rest is acted on there, in order, and none is left
  // here.
  while (!committed.empty()) {
    if (stopped) {
      give_up_committed();
      return;
    }
    CommittedBatch& front = committed.front();
    if (front.error) {
      stop(Error(*front.error));
      continue;
    }
    if (front.batch->steps.empty()) {
      const auto batch = std::move(front.batch);
      committed.pop_front();
      if (number_of(batch->published) > 0) {
        bus.became_durable(batch->published);
        tell_bus_observers();
      }
      feed_watchers.tell();
      if (batch->then) batch->then({});
      continue;
    }
    const Step step = std::move(front.batch->steps.front());
    front.batch->steps.pop_front();
    act(step);
    settle(step.run);
  }
}

void Engine::Impl::give_up_committed() {
  for (const auto all = std::exchange(committed, {}); const auto& given_up : all) {
    if (given_up.batch->then) given_up.batch->then(stopped);
  }
}

void Engine::Impl::act(const Step& step) {
  const auto it = runs.find(step.run);
  if (it == runs.end()) return;
  HostedRun& hosted = it->second;
  const bool went_on = hosted.held && !step.held;
  hosted.durable = EventSeq{number_of(step.record.first) + step.record.events.size() - 1};
  hosted.held = step.held;
  --hosted.committing;
  for (const auto effect : step.decision.cancelled_effects) {
    hosted.running.erase(effect);
    leave_admission(hosted, effect);
    hosted.queued.erase(effect);
  }
  if (step.held) withdraw_waiting(hosted);
  if (const auto* command = std::get_if<OperatorCommand>(&step.record.stimulus.what);
      command != nullptr && command->kind == OperatorCommand::Kind::prioritize) {
    for (const auto& [effect, ticket] : hosted.tickets) admission.set_priority(ticket, hosted.state.priority);
  }
  if (went_on) {
    dispatch_pending(step.run, hosted);
  } else {
    for (const auto effect : step.decision.effects) enqueue(step.run, hosted, effect);
  }
  for (const auto& timer : step.timers_cleared) timers.remove(timer);
  if (hosted.working || recovery) {
    for (const auto& timer : step.timers_set) timers.add(timer);
  }
  if (number_of(step.record.first) == 1) {
    const auto& begun = std::get<RunStarted>(step.record.events.front());
    if (!begun.parent) --starting_count;
    if (!begun.key.empty()) starting.erase({begun.workflow.to_string(), begun.key});
    retrying.erase(begun.retry_of);
    // Who observes the run from its answer on is told of this step too.
    for (const auto answers = std::exchange(hosted.starters, {}); const auto& answer : answers) {
      answer(Started{step.run, false});
    }
  }
  tell(step);
}

std::vector<std::shared_ptr<Attached>> Engine::Impl::observers_of(const RunId& run) const {
  std::vector<std::shared_ptr<Attached>> all;
  const auto [first, last] = observers.equal_range(run);
  for (auto o = first; o != last; ++o) all.push_back(o->second);
  return all;
}

void Engine::Impl::tell(const Step& step) {
  const auto told = observers_of(step.run);
  const auto may_tell = [this](const Attached& attached) { return !attached.detached && !stopped; };
  for (const auto& one : told) {
    if (one->observer.on_record && may_tell(*one)) one->observer.on_record(step.record);
  }
  if (!step.end) return;
  for (const auto& one : told) {
    if (one->observer.on_end && may_tell(*one)) one->observer.on_end(*step.end);
  }
}

void Engine::Impl::stop(const Error& error) {
  if (stopped) return;
  stopped = error;
  spdlog::error("the engine has stopped: {}", error.to_string());
  give_up_committed();
  commands.clear();
  deliveries.clear();
  inbox.clear();
  catch_ups.clear();
  matcher.clear();
  timers.clear();
  for (const auto& [run, hosted] : runs) {
    for (const auto& [effect, ticket] : hosted.tickets) admission.release(ticket);
  }
  std::vector<StartAnswer> answers;
  for (auto& [run, hosted] : runs) std::ranges::move(hosted.starters, std::back_inserter(answers));
  starting.clear();
  singletons.clear();
  retrying.clear();
  forgetting.clear();
  starting_count = 0;
  resting.clear();
  asleep.clear();
  runs.clear();  // memory is ahead of the log: what is true is what can be read
  std::vector<std::shared_ptr<Attached>> told;
  for (const auto& [run, attached] : observers) told.push_back(attached);
  for (const auto& answer : answers) answer(error);
  for (const auto refused = std::exchange(publishing, {}); const auto& one : refused) one.answer(error);
  for (const auto& one : told) {
    if (one->observer.on_stop && !one->detached) one->observer.on_stop(error);
  }
  when_idle();
}

}  // namespace cairn
