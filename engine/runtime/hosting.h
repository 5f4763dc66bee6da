#pragma once
// The inside of Engine. Private to engine/runtime: engine.cpp (the door), hosting.cpp (loading runs and letting them
// go), recovery.cpp (all that a log holds), commit.cpp (deciding, committing, acting on what is durable), dispatch.cpp
// (effects and timers), publish.cpp (events that are published, and who listens), approval_answers.cpp.
//
// A run that only waits leaves memory: its timers are in the log's index, and whatever comes for it loads it again.
//
// What one run's step means for another (a child's birth, its end, its cancelling) is recorded in the same batch as that
// step, so that no crash comes between the two.
//
// A run's state in memory is ahead of the log: deciding goes on while earlier steps are being synced. Whatever leaves
// (answers, refusals, records told, effects) therefore waits in its Step, and goes out when the step's batch is
// durable.

#include "engine/runtime/admission.h"
#include "engine/runtime/bus.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/event_matcher.h"
#include "engine/runtime/history.h"
#include "engine/runtime/singletons.h"
#include "engine/runtime/timer_window.h"

#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <set>

namespace cairn {

class Retention;
class Schedules;
class Sinks;

/// A run in memory.
struct HostedRun {
  std::shared_ptr<const Machine> machine;
  RunState state;                 ///< of everything decided
  Value secrets;                  ///< that were given with it; those of the process are looked up when they are needed
  std::uint64_t snapshot_at = 0;  ///< events up to the last snapshot
  std::uint64_t snapshot_after = k_snapshot_every;  ///< so many more events are worth another one
  EventSeq durable{};                               ///< up to here its events are in the log
  bool held = false;                                ///< it is suspended as of `durable`
  std::size_t committing = 0;                       ///< its steps on their way to the log
  std::vector<StartAnswer> starters;                ///< told when its first record is there
  std::vector<ScheduleRow> schedules;               ///< to be written with its first record
  std::optional<BusPosition> events_after;          ///< StartOptions::events_after
  bool working = true;  ///< false: opened for a command only; nothing is dispatched, no timer runs
  struct Running {
    std::uint64_t ticket = 0;  ///< tells this execution from an earlier one of the same effect
    std::unique_ptr<RunningEffect> effect;
  };
  std::map<EventSeq, Running> running;
  std::set<EventSeq> queued;                      ///< effects that wait for admission, or whose result is in the inbox
  std::map<EventSeq, Admission::Ticket> tickets;  ///< of effects that wait for admission or are carried out
  std::vector<DueTimer> timers;                   ///< that run, as of everything decided; in order
  std::vector<Listener> listeners;                ///< its rows in the index of listeners, as of everything decided
  std::optional<std::list<RunId>::iterator> resting;  ///< its place in Impl::resting
};

/// An observer, kept by who tells it as long as that takes.
struct Attached {
  RunObserver observer;
  bool detached = false;  ///< to be told nothing more
};

struct Engine::Impl {
  Impl(boost::asio::io_context& io_context, EventLog& event_log, std::unique_ptr<Committer> the_committer,
       Connectors all_connectors, Clock& the_clock, Random& the_random, std::unique_ptr<Alarm> the_alarm,
       const EngineOptions& options);

  using What = decltype(Stimulus::what);
  struct Item {
    RunId run;
    What what;
  };
  /// One decided step, kept until its batch is durable.
  struct Step {
    RunId run;
    Record record;
    Decision decision;  ///< its events have moved into the record
    RunSummary summary;
    std::optional<Value> snapshot;
    std::vector<DueTimer> timers_set;
    std::vector<DueTimer> timers_cleared;
    std::vector<NewListener> listens;
    std::vector<Listener> unlistens;
    std::vector<ScheduleRow> schedules;
    std::optional<RunState> end;  ///< the state, when this step ended the run
    bool held = false;            ///< the run is suspended behind it
  };

  /// What a batch means for the bus.
  struct BusPart {
    std::vector<BusEvent> published;
    std::optional<BusPosition> matched;
    std::function<void(const std::optional<Error>&)> then;  ///< Batch::then
  };

  /// Steps that are committed together.
  struct Batch {
    std::deque<Step> steps;
    BusPosition published{};                                ///< the last one that it publishes; 0: none
    std::function<void(const std::optional<Error>&)> then;  ///< may be empty; told when it is durable, or never will be
  };
  struct CommittedBatch {
    std::shared_ptr<Batch> batch;
    std::optional<Error> error;
  };
  /// Batches that the committer is done with, on their way back to the thread.
  struct Returned {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<CommittedBatch> batches;
    bool told = false;  ///< the thread will look
  };
  /// A keyed start whose record is not durable yet.
  struct PendingStart {
    RunId run;
    Hash256 definition;
    Value input;
  };
  /// Events from outside that wait to be published.
  struct Publishing {
    std::vector<Value> events;
    PublishAnswer answer;
  };
  /// A task that has just begun to listen, and what was published before that it may want.
  struct CatchUp {
    RunId run;
    EventSeq frame{};
    BusPosition at{};  ///< it has had the events up to here
    BusPosition through{};
    std::vector<NewListener> wants;
  };
  /// What a start comes to, as far as it is known before anything is durable.
  struct Begun {
    Started started;
    std::optional<Error> refusal;  ///< to be given instead, and no sooner
  };

  // engine.cpp
  [[nodiscard]] Result<void> check_load() const;
  Result<void> prepare(const std::vector<const DefinitionText*>& definitions);
  /// Checks a start and puts it into the inbox (`at_once`: as the first), or finds the run of its key.
  Result<Begun> begin(StartOptions options, bool at_once);
  Result<Begun> begin_keyed(const StartOptions& options);
  Result<Begun> begin_retry(const StartOptions& options);
  /// Waits until a removal of `run` that is under way is durable. Error: as await_returned().
  Result<void> await_removal(const RunId& run);
  void start(StartOptions options, bool at_once, StartAnswer answer);

  /// Before a command to `run`: it may be decided at once.
  Result<void> make_ready_for(const RunId& run);
  /// Decides a command and waits until it is durable. conflict: the machine refused it, which is recorded.
  Result<void> carry_out(const RunId& run, What what);

  // approval_answers.cpp
  [[nodiscard]] Value with_approval_links(const RunState& state, const EventEmitted& emitted) const;
  void begin_asking(HostedRun& hosted, Step& step, EventSeq frame);

  /// Engine::observe().
  std::unique_ptr<Observation> observe(const RunId& run, RunObserver observer);

  // singleton_start.cpp
  /// What a start of a singleton comes to when a run is open already; nothing: it begins, and has the word from now on.
  Result<std::optional<Begun>> begin_singleton(const Machine& machine, const StartRun& start, const Value& secrets);
  [[nodiscard]] Result<bool> has_not_ended(const RunId& run) const;
  /// Which run is open, or none: `start` begins then. One that is to be cancelled, is.
  Result<std::optional<RunId>> open_singleton(const Machine& machine, const StartRun& start);
  /// Of a workflow with a debounce: cancels `open` unless its tasks have begun.
  Result<void> take_over_delayed(const RunId& open, const RunId& by);

  // hosting.cpp
  Result<std::shared_ptr<const Machine>> machine_of(const Hash256& definition);
  Result<void> register_definitions(const std::vector<const DefinitionText*>& definitions);
  Result<HostedRun*> host(const RunId& run, const Value& secrets);
  Result<void> host_for_command(const RunId& run);
  /// The run in memory; loaded if it is not there, to be worked on if that can be.
  Result<HostedRun*> present(const RunId& run);
  /// Whether this process works on it, in memory or not.
  [[nodiscard]] bool works_on(const RunId& run) const;
  /// A run to work on, loaded with what it needs to go on.
  Result<HostedRun*> wake(const RunId& run, const Value& secrets);
  [[nodiscard]] Result<void> check_secrets(const RunId& run, const Machine& machine, const Value& given) const;
  /// Sets going what a run that was just loaded has to do.
  void set_going(const RunId& run, HostedRun& hosted);
  /// Engine::resume().
  Result<void> resume(const RunId& run, const Value& secrets);
  /// Adds the runs that are worked on from now on to `begun`.
  Result<void> resume_family(const RunId& run, const Value& secrets, std::vector<RunId>& begun);
  Result<void> resume_child(const RunId& parent, const RunId& child, const Value& secrets, std::vector<RunId>& begun);
  Result<void> start_missing_child(const RunId& parent, const RunId& child);
  void start_child(const RunId& parent, const ChildRequest& request);
  /// Forgets a hosted run; what it has under way is cancelled, its record stays as it is.
  void release(const RunId& run);
  /// No longer works on a run that it has not begun to work on.
  void lay_down(const RunId& run);
  /// Of a run that is no longer worked on.
  void forget_timers(const HostedRun& hosted);
  /// Lets go of a run that has ended, was opened for a command only, or only waits.
  void settle(const RunId& run);
  void evict(const RunId& run);
  void when_idle();

  // recovery.cpp
  void recover_some();
  Result<void> recover(const RunId& run);

  // commit.cpp
  void push(const RunId& run, What what) { inbox.push_back({run, std::move(what)}); }
  void deliver(const RunId& run, What what) { deliveries.push_back({run, std::move(what)}); }
  void schedule_pump();
  /// Decides what is in the inbox and hands it to the committer as one batch, unless enough is on its way already.
  void pump();
  void decide(Item item, bool brief, std::deque<Step>& steps);
  /// The state, when enough has happened since it was last stored.
  static std::optional<Value> snapshot_if_due(HostedRun& hosted);
  /// What of its timers a step has changed.
  static void compare_timers(HostedRun& hosted, Step& step);
  void start_children(const Step& step);
  void tell_parent(const RunState& child);
  void submit(std::deque<Step> steps, std::vector<StoredDefinition> definitions, BusPart bus_part = {});
  /// Hands a batch without records to the committer.
  void submit(AppendBatch append, std::function<void(const std::optional<Error>&)> then);
  void commit(std::shared_ptr<Batch> batch, AppendBatch append);
  /// Acts on what has become durable.
  void take_returned();
  /// Waits for the committer, then take_returned(). An error when that may take long: nothing can be recorded for now.
  Result<void> await_returned();
  /// Waits until pump() may decide. Error: as await_returned().
  Result<void> make_room();
  /// pump(), and waits until all that was decided is durable and acted on. Returns the error that stopped the engine, or
  /// keeps it from recording for now.
  Result<void> flush();
  void act_on_committed();
  /// The engine has stopped: nothing that was handed to the committer is acted on.
  void give_up_committed();
  void act(const Step& step);
  void tell(const Step& step);
  /// A copy: an observer may detach itself or others.
  [[nodiscard]] std::vector<std::shared_ptr<Attached>> observers_of(const RunId& run) const;
  void stop(const Error& error);

  // publish.cpp
  void publish(std::vector<Value> events, PublishAnswer answer);
  /// Gives what waits its places on the bus, behind what `part` has; answers when that is durable.
  void publish_waiting(BusPart& part);
  /// What a step means for the bus: events that it emits, tasks that begin or end to listen.
  void follow_events(HostedRun& hosted, Step& step);
  void begin_listening(HostedRun& hosted, Step& step, const ListenStarted& started);
  /// Decides the next delivery of the first catch-up, or ends it.
  void catch_up(bool brief, std::deque<Step>& steps);
  /// The first event behind `at` that one of the listeners may want.
  Result<std::optional<BusEvent>> next_wanted(const CatchUp& catch_up);
  /// The next event for a listener, or nothing when there is none for now.
  std::optional<Item> next_arrival();
  void tell_bus_observers();
  /// Removes published events that are too old or too many, a slice at a time.
  void sweep_bus();

  // dispatch.cpp
  /// Queues what a run has scheduled and what is not under way.
  void dispatch_pending(const RunId& run, HostedRun& hosted);
  void enqueue(const RunId& run, HostedRun& hosted, EventSeq effect);
  /// Gives back the slots or the place of an effect, if it has any.
  void leave_admission(HostedRun& hosted, EventSeq effect);
  /// What of a run waits for admission waits no longer.
  void withdraw_waiting(HostedRun& hosted);
  void start_queued();
  void start_effect(const RunId& run, HostedRun& hosted, EventSeq effect);
  /// Live output, to who observes the run.
  void tell_output(const RunId& run, const std::string& task, const std::string& stream, const std::string& text) const;
  void effect_done(const RunId& run, EventSeq effect, std::uint64_t ticket, EffectOutcome outcome);
  void fire_timers();
  void wait_for_next_timer();

  boost::asio::io_context& io;
  EventLog& log;
  std::shared_ptr<Returned> returned = std::make_shared<Returned>();
  std::unique_ptr<Committer> committer;
  std::size_t batches_committing = 0;
  std::deque<CommittedBatch> committed;  ///< to be acted on, in order; an observer that waits for the log takes them on
  std::map<std::string, Hash256, std::less<>> registered;  ///< by identity: the definition that is stored as the last
  std::map<std::pair<std::string, std::string>, PendingStart> starting;  ///< by identity and key
  std::size_t starting_count = 0;   ///< starts, with a key or without, whose record is not durable yet
  std::map<RunId, RunId> retrying;  ///< ended run → the run that repeats it and is not durable yet
  std::set<RunId> forgetting;       ///< runs that retention removes, until that is durable
  std::shared_ptr<Retention> retention;
  std::shared_ptr<Schedules> schedules;
  std::shared_ptr<Sinks> sinks;
  bool draining = false;  ///< no run and no effect begins any more
  Connectors connectors;
  std::shared_ptr<SecretSource> secret_source;
  Value default_metadata;
  Clock& clock;
  Random& random;
  std::map<Hash256, std::shared_ptr<const Machine>> machines;
  std::map<RunId, HostedRun> runs;
  std::list<RunId> resting;  ///< of them, those that only wait, longest first
  std::map<RunId, Value>
      asleep;  ///< worked on and not in memory: their secrets. When all runs are, those that have some
  std::optional<Recovery> recovery;  ///< all runs are worked on
  Value recovery_secrets;
  RunId recovered;  ///< up to here
  std::function<void(const Recovery&)> on_recovery;
  std::deque<Item> commands;  ///< of operators, to runs that have begun: before everything else
  std::deque<Item>
      deliveries;  ///< from run to run: they belong to the batch that says so, before anything of the inbox
  std::deque<Item> inbox;
  bool pump_scheduled = false;

  Bus bus{log};
  EventMatcher matcher{log, bus, [this](const Hash256& definition) { return machine_of(definition); }};
  std::deque<Publishing> publishing;
  std::size_t publishing_count = 0;             ///< events of outsiders that are not durable yet
  std::vector<BusEvent> published;              ///< by the steps that are being decided
  std::deque<CatchUp> catch_ups;                ///< they belong to the batch that is being decided
  bool bus_has_turn = false;                    ///< before the inbox
  BusPosition matched = bus.matched();          ///< all deliveries up to here are decided
  BusPosition matched_written = bus.matched();  ///< the same, as the log will know
  EventRetention keep_events;
  bool sweeping_bus = false;
  std::vector<std::shared_ptr<std::function<void()>>> bus_observers;
  Watchers feed_watchers;

  Admission admission;
  Singletons singletons;
  std::uint64_t next_ticket = 1;

  TimerWindow timers{log};
  std::unique_ptr<Alarm> alarm;
  std::optional<Timestamp> alarm_due;  ///< what the alarm is set for
  std::string timer_trouble;           ///< said last

  std::multimap<RunId, std::shared_ptr<Attached>> observers;
  std::vector<std::function<void()>> idle_callbacks;
  std::optional<Error> stopped;
  std::shared_ptr<Impl*> self;  ///< what callbacks hold: null once the engine is gone
};

}  // namespace cairn
