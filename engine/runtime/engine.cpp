#include "engine/runtime/engine.h"

#include "engine/machine/fault.h"
#include "engine/runtime/history.h"
#include "engine/runtime/hosting.h"
#include "engine/runtime/retention.h"
#include "engine/runtime/schedules.h"
#include "engine/runtime/secrets.h"
#include "engine/runtime/sinks.h"
#include "workflows/core/assert.h"
#include "workflows/core/limits.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// Partitions of a data directory; a keyed start belongs to the partition its key hashes to.
constexpr std::uint16_t k_partitions = 16;

PartitionId place_of(const WorkflowIdentity& workflow, const std::string& key, Random& random) {
  if (key.empty()) return PartitionId{static_cast<std::uint16_t>(random.next() % k_partitions)};
  const Hash256 hash = sha256(workflow.workflow_namespace + '\n' + workflow.name + '\n' + key);
  return PartitionId{static_cast<std::uint16_t>(hash.bytes[0] % k_partitions)};
}

/// The first workflow that these programs run (`run: workflow`, onFault) and that is neither given nor registered.
Result<void> check_children(const EventLog& log, const std::vector<const DefinitionText*>& definitions) {
  const auto check = [&](const DefinitionText& by, const std::string& task,
                         const WorkflowIdentity& wanted) -> Result<void> {
    const bool given = std::ranges::any_of(definitions, [&](const DefinitionText* candidate) {
      const auto& identity = candidate->program->identity;
      return identity.workflow_namespace == wanted.workflow_namespace && identity.name == wanted.name &&
             (wanted.version == "latest" || identity.version == wanted.version);
    });
    if (given) return success();
    CAIRN_TRY(const auto stored, log.find_definition(wanted));
    if (stored) return success();
    return make_error(ErrorCode::invalid_usage,
                      task + " runs workflow " + wanted.to_string() + ", which is not known here",
                      by.program->identity.to_string(), "Give its file with --with FILE");
  };
  for (const auto* definition : definitions) {
    for (const auto& node : definition->program->nodes) {
      const auto* child = std::get_if<ChildBody>(&node.body);
      if (child == nullptr) continue;
      CAIRN_TRY(check(*definition, "task " + node.reference, {child->workflow_namespace, child->name, child->version}));
    }
    if (const auto& handler = definition->program->on_fault) {
      CAIRN_TRY(check(*definition, std::string(k_fault_handler_task), *handler));
    }
  }
  return success();
}

Result<void> check_supported(const std::vector<const DefinitionText*>& definitions) {
  for (const auto* definition : definitions) {
    if (definition->program->unsupported.empty()) continue;
    std::string what;
    for (const auto& part : definition->program->unsupported) what += (what.empty() ? "" : ", ") + part;
    return make_error(ErrorCode::unsupported, "this version does not run: " + what,
                      definition->program->identity.to_string(), "docs/dsl-support.md lists what is supported");
  }
  return success();
}

/// Detaches its observer when it goes.
class AttachedObserver final : public Observation {
 public:
  AttachedObserver(std::shared_ptr<Engine::Impl*> engine, const RunId& run, std::shared_ptr<Attached> observer)
      : engine_(std::move(engine)), run_(run), observer_(std::move(observer)) {}
  AttachedObserver(const AttachedObserver&) = delete;
  AttachedObserver& operator=(const AttachedObserver&) = delete;
  ~AttachedObserver() override {
    // It may be detaching itself while it is told something: its functions stay until that is over.
    observer_->detached = true;
    if (*engine_ == nullptr) return;
    auto& all = (*engine_)->observers;
    const auto [first, last] = all.equal_range(run_);
    for (auto it = first; it != last; ++it) {
      if (it->second == observer_) {
        all.erase(it);
        return;
      }
    }
  }

 private:
  std::shared_ptr<Engine::Impl*> engine_;
  RunId run_;
  std::shared_ptr<Attached> observer_;
};

}  // namespace

Engine::Engine(boost::asio::io_context& io, EventLog& log, std::unique_ptr<Committer> committer, Connectors connectors,
               Clock& clock, Random& random, const EngineOptions& options)
    : Engine(io, log, std::move(committer), std::move(connectors), clock, random, make_alarm(io, clock), options) {}

Engine::Engine(boost::asio::io_context& io, EventLog& log, std::unique_ptr<Committer> committer, Connectors connectors,
               Clock& clock, Random& random, std::unique_ptr<Alarm> alarm, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(io, log, std::move(committer), std::move(connectors), clock, random,
                                   std::move(alarm), options)) {
  impl_->retention = std::make_shared<Retention>(*impl_);
  impl_->schedules = std::make_shared<Schedules>(*impl_);
  impl_->sinks = std::make_shared<Sinks>(*impl_);
}

Engine::~Engine() {
  impl_->retention.reset();
  impl_->schedules.reset();
  impl_->sinks.reset();
  impl_->committer.reset();  // what was decided reaches the log; nobody is told any more
  *impl_->self = nullptr;
  impl_->runs.clear();  // cancels what is under way, before the connectors go
}

Result<void> Engine::Impl::prepare(const std::vector<const DefinitionText*>& definitions) {
  const bool is_known = std::ranges::all_of(definitions, [&](const DefinitionText* definition) {
    if (definition->program == nullptr) return false;
    const auto stored = registered.find(definition->program->identity.to_string());
    return stored != registered.end() && stored->second == definition->program->hash;
  });
  if (is_known) return success();
  for (const auto* definition : definitions) {
    if (definition->program == nullptr) return make_error(ErrorCode::invalid_definition, "the definition has errors");
  }
  CAIRN_TRY(check_supported(definitions));
  CAIRN_TRY(check_children(log, definitions));
  return register_definitions(definitions);
}

/// What has been accepted is kept in memory until it is durable, or as long as there is something to do for it.
Result<void> Engine::Impl::check_load() const {
  if (draining) {
    return make_error(ErrorCode::unavailable, "the process that works here is about to end", {},
                      "Try again in a moment");
  }
  const auto overloaded = [](std::size_t count, std::string_view what) {
    return make_error(ErrorCode::overloaded, std::to_string(count) + std::string(what), {}, "Try again in a second");
  };
  if (starting_count >= limits::k_starts_waiting) return overloaded(starting_count, " starts wait to become durable");
  if (runs.size() >= limits::k_runs_in_memory) return overloaded(runs.size(), " runs are under way");
  return success();
}

Result<Engine::Impl::Begun> Engine::Impl::begin(StartOptions options, bool at_once) {
  if (stopped) return *stopped;
  if (auto trouble = committer->trouble()) return std::move(*trouble);
  CAIRN_TRY(check_load());
  std::vector<const DefinitionText*> definitions;
  if (!options.stored) definitions.push_back(&options.workflow);
  for (const auto& further : options.with) definitions.push_back(&further);
  if (options.input.depth() > limits::k_data_depth) {
    return make_error(ErrorCode::limit_exceeded,
                      "the input nests more than " + std::to_string(limits::k_data_depth) + " levels deep", "input");
  }
  CAIRN_TRY(prepare(definitions));
  const Program& program = *options.workflow.program;
  if (!options.key.empty()) {
    CAIRN_TRY(auto known, begin_keyed(options));
    if (known.started.existing) return known;
  }
  if (!options.retry_of.is_nil()) {
    CAIRN_TRY(auto known, begin_retry(options));
    if (known.started.existing) return known;
  }
  CAIRN_TRY(auto machine, machine_of(program.hash));
  // A retry lives where the run lives that it repeats.
  const auto place =
      options.retry_of.is_nil() ? place_of(program.identity, options.key, random) : options.retry_of.partition();
  const RunId run = RunId::make(clock.now().ms, place, random.next());
  StartRun start;
  start.run = run;
  start.input = options.input;
  start.key = options.key;
  start.priority = options.priority.value_or(program.scheduling.priority.value_or(k_priority_usual));
  start.retry_of = options.retry_of;
  start.metadata = options.metadata.is_null() ? default_metadata : options.metadata;
  if (program.singleton) {
    CAIRN_TRY(auto open, begin_singleton(*machine, start, options.secrets));
    if (open) return *std::move(open);
    at_once = false;  // behind the end of the one whose place it takes
  }
  if (!options.retry_of.is_nil()) retrying[options.retry_of] = run;
  if (!options.key.empty()) {
    starting[{program.identity.to_string(), options.key}] = {run, program.hash, options.input};
  }
  HostedRun& hosted = runs[run];
  hosted.machine = std::move(machine);
  hosted.secrets = std::move(options.secrets);
  hosted.schedules = std::move(options.schedules);
  if (!hosted.schedules.empty()) {
    Value& state = hosted.schedules.front().state;
    state = state.with("run", Value::string(run.to_string()));
  }
  hosted.events_after = options.events_after;
  Item item{run, std::move(start)};
  ++starting_count;
  if (at_once) {
    inbox.push_front(std::move(item));  // so that the answer does not wait for other runs' steps
  } else {
    inbox.push_back(std::move(item));
  }
  return Begun{{run, false}, {}};
}

/// The run that this key has started, if there is one (Started::existing).
Result<Engine::Impl::Begun> Engine::Impl::begin_keyed(const StartOptions& options) {
  const Program& program = *options.workflow.program;
  const std::string identity = program.identity.to_string();
  const auto held_against = [&](const RunId& run, const Hash256& definition, const Value& input) {
    Begun begun{{run, true}, {}};
    const bool other_definition = definition != program.hash && !options.key_of_any_version;
    if (!other_definition && input == options.input) return begun;
    begun.refusal = make_error(ErrorCode::conflict,
                               "key '" + options.key + "' has started run " + run.to_string() + " with another " +
                                   (other_definition ? "definition" : "input"),
                               identity, "Use a new key for a new run");
    return begun;
  };
  if (const auto pending = starting.find({identity, options.key}); pending != starting.end()) {
    return held_against(pending->second.run, pending->second.definition, pending->second.input);
  }
  CAIRN_TRY(auto known, log.run_of_key(program.identity, options.key));
  if (known && forgetting.contains(*known)) {
    CAIRN_TRY(await_removal(*known));
    CAIRN_TRY(known, log.run_of_key(program.identity, options.key));
  }
  if (!known) return Begun{};
  CAIRN_TRY(const auto state, fold_run(log, *known));
  auto begun = held_against(*known, state.definition, state.input);
  if (!begun.refusal && !state.ended()) {
    CAIRN_TRY(resume(*known, options.secrets));
  }
  return begun;
}

/// The run that repeats this one already, if there is one (Started::existing).
Result<Engine::Impl::Begun> Engine::Impl::begin_retry(const StartOptions& options) {
  if (const auto pending = retrying.find(options.retry_of); pending != retrying.end()) {
    return Begun{{pending->second, true}, {}};
  }
  CAIRN_TRY(await_removal(options.retry_of));
  CAIRN_TRY(const auto retried, log.summary(options.retry_of));
  if (!retried) return no_such_run(log, options.retry_of);
  const std::string where = "run " + options.retry_of.to_string();
  if (!retried->ended_at) {
    return make_error(ErrorCode::conflict, "it has not ended", where,
                      "Cancel it first, or go on with it: cairn resume");
  }
  if (retried->status == RunStatus::completed) {
    return make_error(ErrorCode::conflict, "it has completed: there is nothing to retry", where,
                      "Start another run with: cairn run FILE");
  }
  if (retried->retried_by.is_nil()) return Begun{};
  CAIRN_TRY(const auto retry, log.summary(retried->retried_by));
  if (!retry) return no_such_run(log, retried->retried_by);
  if (!retry->ended_at) {
    CAIRN_TRY(resume(retry->id, options.secrets));
  }
  return Begun{{retry->id, true}, {}};
}

void Engine::Impl::start(StartOptions options, bool at_once, StartAnswer answer) {
  auto result = begin(std::move(options), at_once);
  if (!result) {
    answer(std::move(result).error());
    return;
  }
  Begun begun = std::move(result.value());
  const auto final_answer = [answer = std::move(answer), begun](const Result<Started>& first) {
    if (!first) return answer(first);
    answer(begun.refusal ? Result<Started>(*begun.refusal) : Result<Started>(begun.started));
  };
  const auto hosted = runs.find(begun.started.run);
  if (hosted == runs.end() || hosted->second.durable != k_no_event) return final_answer(begun.started);
  hosted->second.starters.emplace_back(final_answer);
  schedule_pump();
}

Result<Started> Engine::start(StartOptions options) {
  std::optional<Result<Started>> answered;
  impl_->start(std::move(options), true, [&answered](const Result<Started>& answer) { answered = answer; });
  while (!answered) static_cast<void>(impl_->flush());  // when it fails, that is the answer
  return *std::move(answered);
}

void Engine::start(StartOptions options, StartAnswer answer) {
  impl_->start(std::move(options), false, std::move(answer));
}

Result<void> Engine::resume(const RunId& run, const Value& secrets) {
  if (impl_->stopped) return *impl_->stopped;
  return impl_->resume(run, secrets);
}

Result<void> Engine::check_secrets(const Program& program, const Value& given, std::string_view whose,
                                   const std::string& where) const {
  return cairn::check_secrets(program.secrets, given, impl_->secret_source.get(), whose, where);
}

void Engine::recover(Value secrets, std::function<void(const Recovery&)> told) {
  Impl& engine = *impl_;
  CAIRN_ASSERT(!engine.recovery, "recovery happens once");
  engine.recovery.emplace();
  engine.recovery_secrets = std::move(secrets);
  engine.on_recovery = std::move(told);
  engine.timers.follow_log();
  engine.wait_for_next_timer();
  engine.recover_some();
}

bool Engine::recovers() const { return impl_->recovery.has_value(); }
Schedules& Engine::schedules() { return *impl_->schedules; }
Sinks& Engine::sinks() { return *impl_->sinks; }

std::unique_ptr<Observation> Engine::observe_feed(std::function<void()> told) {
  return impl_->feed_watchers.add(std::move(told));
}

Result<void> Engine::know(const std::vector<DefinitionText>& definitions) {
  if (impl_->stopped) return *impl_->stopped;
  if (auto trouble = impl_->committer->trouble()) return std::move(*trouble);
  std::vector<const DefinitionText*> all;
  all.reserve(definitions.size());
  for (const auto& definition : definitions) all.push_back(&definition);
  return impl_->prepare(all);
}

void Engine::drain() { impl_->draining = true; }

bool Engine::drained() const {
  if (impl_->stopped) return true;
  if (!impl_->inbox.empty() || !impl_->deliveries.empty() || !impl_->commands.empty()) return false;
  if (!impl_->sinks->drained()) return false;
  return impl_->batches_committing == 0 &&
         std::ranges::all_of(impl_->runs, [](const auto& run) { return run.second.running.empty(); });
}

Result<void> Engine::command(const RunId& run, OperatorCommand::Kind kind, const std::string& reason) {
  CAIRN_TRY(impl_->make_ready_for(run));
  return impl_->carry_out(run, OperatorCommand{kind, reason});
}

Result<void> Engine::set_priority(const RunId& run, std::uint8_t priority) {
  CAIRN_TRY(impl_->make_ready_for(run));
  return impl_->carry_out(run, OperatorCommand{OperatorCommand::Kind::prioritize, {}, priority});
}

Result<void> Engine::Impl::make_ready_for(const RunId& run) {
  if (stopped) return *stopped;
  if (auto trouble = committer->trouble()) return std::move(*trouble);
  // A run that is just being started begins first.
  const auto has_begun = [&] {
    const auto it = runs.find(run);
    return it == runs.end() || it->second.state.started();
  };
  while (!has_begun()) {
    CAIRN_TRY(flush());
  }
  CAIRN_TRY(make_room());
  if (stopped) return *stopped;
  return success();
}

Result<void> Engine::Impl::carry_out(const RunId& run, What what) {
  CAIRN_TRY(present(run));
  std::optional<std::string> refusal;
  const auto watch = observe(run, {[&refusal](const Record& record) {
                                     for (const auto& event : record.events) {
                                       if (const auto* refused = std::get_if<CommandRefused>(&event))
                                         refusal = refused->reason;
                                     }
                                   },
                                   {},
                                   {},
                                   {}});
  commands.push_back({run, std::move(what)});
  auto done = flush();
  CAIRN_TRY(std::move(done));
  if (refusal) return make_error(ErrorCode::conflict, *refusal, "run " + run.to_string());
  return success();
}

std::unique_ptr<Observation> Engine::Impl::observe(const RunId& run, RunObserver observer) {
  auto shared = std::make_shared<Attached>(Attached{std::move(observer)});
  observers.emplace(run, shared);
  return std::make_unique<AttachedObserver>(self, run, std::move(shared));
}

std::unique_ptr<Observation> Engine::observe(const RunId& run, RunObserver observer) {
  return impl_->observe(run, std::move(observer));
}

bool Engine::hosts(const RunId& run) const { return impl_->works_on(run); }

std::map<RunId, WorkUnderWay> Engine::work_on(std::span<const RunState> runs) const {
  std::set<RunId> deciding;
  for (const auto& item : impl_->inbox) deciding.insert(item.run);
  for (const auto& item : impl_->deliveries) deciding.insert(item.run);
  for (const auto& item : impl_->commands) deciding.insert(item.run);
  std::map<RunId, WorkUnderWay> found;
  for (const auto& state : runs) {
    if (!impl_->works_on(state.id)) continue;
    WorkUnderWay work;
    for (const auto& [timer, pending] : running_timers(state)) {
      const auto fires = impl_->timers.holds({pending.due, state.id, timer});
      if (fires && fires.value()) work.armed.insert(timer);
    }
    for (const auto& [child, pending] : state.children) {
      if (impl_->works_on(child)) work.children.insert(child);
    }
    work.deciding = deciding.contains(state.id);
    work.trouble = impl_->committer->trouble();
    if (const auto it = impl_->runs.find(state.id); it != impl_->runs.end()) {
      work.deciding |= it->second.committing > 0;
      work.queued = it->second.queued;
      for (const auto& [effect, running] : it->second.running) work.running.insert(effect);
    }
    found.emplace(state.id, std::move(work));
  }
  return found;
}
std::map<EventSeq, Admission::Wait> Engine::waits_of(const RunId& run) const {
  std::map<EventSeq, Admission::Wait> waits;
  const auto it = impl_->runs.find(run);
  if (it == impl_->runs.end()) return waits;
  for (const auto& [effect, ticket] : it->second.tickets) {
    if (it->second.running.contains(effect)) continue;
    waits.emplace(effect, impl_->admission.wait_of(ticket, impl_->clock.now()));
  }
  return waits;
}

std::vector<Admission::Use> Engine::limits() const { return impl_->admission.limits(impl_->clock.now()); }

void Engine::set_effects_limit(std::int64_t most) {
  impl_->admission.set_effects(most);
  impl_->start_queued();
  impl_->wait_for_next_timer();
}

void Engine::set_connector_limit(const std::string& connector, const Limit& limit) {
  impl_->admission.set_connector(connector, limit);
  impl_->start_queued();
  impl_->wait_for_next_timer();
}

bool Engine::has_connector(std::string_view connector) const { return impl_->connectors.contains(connector); }
std::size_t Engine::hosted() const { return impl_->runs.size() + (impl_->recovery ? 0 : impl_->asleep.size()); }
void Engine::on_idle(std::function<void()> callback) { impl_->idle_callbacks.push_back(std::move(callback)); }
const std::optional<Error>& Engine::stopped_by() const { return impl_->stopped; }
std::optional<Error> Engine::trouble() const { return impl_->committer->trouble(); }
const EventLog& Engine::log() const { return impl_->log; }

}  // namespace cairn
