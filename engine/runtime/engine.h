#pragma once
// Engine: hosts runs. Feeds stimuli to the machine, commits what it decides, and only then acts on it.
//
// Threads: everything happens on the one thread that runs the io_context; connectors may report from any thread.
// Durability: what a function returns and what an observer is told is on disk.

#include "engine/effects/effect.h"
#include "engine/effects/secret_source.h"
#include "engine/log/event_log.h"
#include "engine/machine/machine.h"
#include "engine/runtime/admission.h"
#include "engine/runtime/bus.h"
#include "engine/runtime/committer.h"
#include "engine/runtime/environment.h"
#include "engine/runtime/reasons.h"
#include "engine/runtime/watchers.h"
#include "workflows/definition/load.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace cairn {

using Connectors = std::map<std::string, std::unique_ptr<Connector>, std::less<>>;

/// A definition to register: its text and the program loaded from it.
struct DefinitionText {
  std::string text;
  std::shared_ptr<const Program> program;
};

struct StartOptions {
  DefinitionText workflow;
  std::vector<DefinitionText> with;  ///< further definitions for `run: workflow`
  Value input;
  std::string key;                       ///< idempotency key; empty: none
  bool key_of_any_version = false;       ///< a run that the key has started is found, whatever its definition was
  std::optional<std::uint8_t> priority;  ///< 0 … 9, 9 first; nothing: as its definition says, or 5
  Value secrets;                         ///< object: name → value, before those of the process; held in memory only
  Value metadata;  ///< $runtime.metadata, an object, recorded with the run; null: that of EngineOptions
  RunId retry_of;  ///< the ended run that this one repeats; nil: none. A run is repeated by one other
  std::vector<ScheduleRow> schedules;  ///< written in the batch that starts the run, the first with its id as `run`;
                                       ///< not when nothing is started
  std::optional<BusPosition> events_after;  ///< events after this one are for the run; nothing: those from now on
  bool stored =
      false;  ///< the log holds the workflow's definition already; its name may mean a newer one, and goes on to
};

/// What a pass over ended runs removes. Without `policy`: each workflow's own, else that of keep().
struct PruneOptions {
  std::optional<RetentionPolicy> policy;
  std::string workflow;  ///< only of this one, "NS/NAME" or "NAME"; empty: of all
  bool dry_run = false;  ///< only says what would go
};
struct Pruned {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::map<std::string, std::uint64_t> by_workflow;  ///< "NS/NAME" → runs
};

class Schedules;
class Sinks;

struct Started {
  RunId run;
  bool existing = false;  ///< the key had started this run before
};

using StartAnswer = std::function<void(const Result<Started>&)>;

using PublishedEvent = Bus::Published;
using PublishAnswer = std::function<void(const Result<std::vector<PublishedEvent>>&)>;

/// How long published events are kept: whichever is exceeded first removes the oldest. Those that not every listener has been
/// told of stay.
struct EventRetention {
  std::int64_t age_ms = std::int64_t{7} * 24 * 3'600 * 1'000;
  std::uint64_t count = 100'000;
};

/// What is told about a run, after it is durable.
struct RunObserver {
  std::function<void(const Record&)> on_record;
  std::function<void(const std::string& task, std::string_view stream, std::string_view text)>
      on_output;  ///< live, never recorded
  std::function<void(const RunState&)> on_end;
  std::function<void(const Error&)> on_stop;  ///< the engine has stopped (Engine::stopped_by); nothing more will come
};

struct EngineOptions {
  EffectLimits limits;
  std::shared_ptr<SecretSource> secrets;  ///< what runs find that were not given theirs; null: none
  Value metadata;                         ///< of runs that are started without any; null: none
};

/// How far recovery has come.
struct Recovery {
  struct Refused {
    RunId run;
    Error error;
  };
  std::uint64_t resumed = 0;     ///< runs with something to do that were loaded and go on
  std::vector<Refused> refused;  ///< that could not be; the first k_listed
  std::uint64_t refused_count = 0;
  bool done = false;
  static constexpr std::size_t k_listed = 100;
};

class Engine {
 public:
  /// `committer` appends to `log`; nobody else may. `alarm` rings by `clock`; without one: make_alarm().
  Engine(boost::asio::io_context& io, EventLog& log, std::unique_ptr<Committer> committer, Connectors connectors,
         Clock& clock, Random& random, const EngineOptions& options = {});
  Engine(boost::asio::io_context& io, EventLog& log, std::unique_ptr<Committer> committer, Connectors connectors,
         Clock& clock, Random& random, std::unique_ptr<Alarm> alarm, const EngineOptions& options = {});
  /// What has been decided still reaches the log; nobody is told of it.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Registers the definitions and starts a run, or finds the one that the same key started. conflict: the key was used
  /// with another input or definition. overloaded: later (limits::k_starts_waiting, k_runs_in_memory). unsupported, invalid_definition (names what): nothing is recorded. The run goes
  /// on by itself.
  Result<Started> start(StartOptions options);
  /// The same without waiting: `answer` is called once, on the thread, when the start is durable or refused; perhaps
  /// before this returns; not after the engine is gone. Starts that come while a batch is synced share the next one.
  /// Who observes a run that is new from its answer on is told of everything from its first record.
  void start(StartOptions options, StartAnswer answer);

  /// Goes on with a run that has not ended: loads it, its parent and its open children, and dispatches what they wait
  /// for. `secrets` as in StartOptions; invalid_usage when one that its definition declares is missing (nothing changes
  /// then).
  Result<void> resume(const RunId& run, const Value& secrets);

  /// Whether a run of `program` would have the secrets that it declares, with those that are given. `whose` as in
  /// engine/runtime/secrets.h.
  [[nodiscard]] Result<void> check_secrets(const Program& program, const Value& given, std::string_view whose,
                                           const std::string& where) const;

  /// From now on works on every run of the log that has not ended, with these secrets: those that have something to do
  /// are loaded one after the other while new work is taken on already, those that wait are loaded when their time comes.
  /// `told` hears of progress now and then, and of the end. Call it once.
  void recover(Value secrets, std::function<void(const Recovery&)> told);

  /// Whether recover() was called.
  [[nodiscard]] bool recovers() const;

  /// Of workflows that start by themselves; none are hosted until it is told to (schedules.h).
  [[nodiscard]] Schedules& schedules();

  /// Where events are sent; nowhere until it is told to (sinks.h).
  [[nodiscard]] Sinks& sinks();

  /// Puts these definitions into the log, if they are not there, and waits until that is durable. Errors as of start().
  Result<void> know(const std::vector<DefinitionText>& definitions);

  /// From now on starts neither runs nor effects; what is under way goes on to its end and is recorded.
  void drain();
  /// Whether nothing is under way any more, and all that was decided is durable.
  [[nodiscard]] bool drained() const;

  /// Records the command (or its refusal: conflict, with the machine's reason). Works on runs that are not hosted too;
  /// those are not hosted by it.
  Result<void> command(const RunId& run, OperatorCommand::Kind kind, const std::string& reason);

  /// The same for the priority of all effects of the run, those that wait included.
  Result<void> set_priority(const RunId& run, std::uint8_t priority);

  /// Records the answer to an approval, and waits until it is durable: it counts from then on, and no other does. conflict: it
  /// takes no answer any more; invalid_input: the answer does not match the form. As with command(), the run need not be hosted.
  Result<void> answer(const RunId& run, const AnswerApproval& answer);

  /// Puts CloudEvents on the bus, in this order and with nothing between them. `answer` is called once, on the thread, when they
  /// are durable or refused: with a place for each. Not after the engine is gone. invalid_input, limit_exceeded: one of them
  /// is no CloudEvent, and none is published; overloaded: later (k_events_waiting); disk_full.
  void publish(std::vector<Value> events, PublishAnswer answer);
  /// The same, waiting.
  Result<std::vector<PublishedEvent>> publish(std::vector<Value> events);
  /// Calls `told` (on the thread) when the log's bus has become longer.
  std::unique_ptr<Observation> observe_bus(std::function<void()> told);
  /// Calls `told` (on the thread) when more may have been recorded, once a batch: a LifecycleFeed may have more then.
  std::unique_ptr<Observation> observe_feed(std::function<void()> told);
  /// Every listener has been told of every event that is durable, or is about to be told of the last.
  [[nodiscard]] bool events_matched() const;
  /// Of published events, from now on; looked at together with runs (keep).
  void keep_events(const EventRetention& retention);
  /// Events from outside that are accepted and not durable yet.
  static constexpr std::size_t k_events_waiting = 16'384;

  /// Limits of effects, as they are now, and what goes by them.
  [[nodiscard]] std::vector<Admission::Use> limits() const;
  /// Until this process ends; what waits and may go now, goes.
  void set_effects_limit(std::int64_t most);
  void set_connector_limit(const std::string& connector, const Limit& limit);
  [[nodiscard]] bool has_connector(std::string_view connector) const;

  /// Retention of workflows that do not say their own. With `sweeps`, what is to go goes: soon after, then once a minute.
  void keep(const RetentionPolicy& fallback, bool sweeps);
  /// Removes ended runs, a few at a time between other work. `progress` is told now and then, `done` once, on the thread;
  /// neither after the engine is gone.
  void prune(PruneOptions options, std::function<void(const Pruned&)> progress,
             std::function<void(const Result<Pruned>&)> done);

  /// EventLog::give_back.
  Result<GivenBack> give_back(std::atomic<bool>& give_up);

  /// Tells `observer` about everything that happens to a hosted run from now on. Nothing for a run that is not hosted.
  std::unique_ptr<Observation> observe(const RunId& run, RunObserver observer);

  /// Whether the run is being worked on by this process.
  [[nodiscard]] bool hosts(const RunId& run) const;
  /// Runs this process works on that have not ended, or still have effects under way. After recover(): those of them
  /// that are in memory.
  [[nodiscard]] std::size_t hosted() const;
  /// What is under way for those of `runs` (states as the log has them) that this process works on.
  [[nodiscard]] std::map<RunId, WorkUnderWay> work_on(std::span<const RunState> runs) const;
  /// Which limits the effects of a run wait for, if this process works on it. Looks at everything that waits.
  [[nodiscard]] std::map<EventSeq, Admission::Wait> waits_of(const RunId& run) const;
  /// Called (on the thread) each time hosted() becomes 0.
  void on_idle(std::function<void()> callback);
  /// The error that stopped the engine (a failed append), if one did: nothing is decided any more; reads still work.
  [[nodiscard]] const std::optional<Error>& stopped_by() const;
  /// Why nothing can be recorded for now (disk_full): what was accepted waits, starts and commands are refused with this,
  /// reads go on. Over by itself.
  [[nodiscard]] std::optional<Error> trouble() const;

  [[nodiscard]] const EventLog& log() const;

  struct Impl;  ///< hosting.h

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
