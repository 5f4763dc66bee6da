#pragma once
// The inside of Engine. Private to engine/runtime: engine.cpp (the door), hosting.cpp (loading, committing, acting),
// dispatch.cpp (effects and timers).

#include "engine/runtime/engine.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <set>
#include <tuple>

namespace cairn {

/// A run in memory.
struct HostedRun {
  std::shared_ptr<const Machine> machine;
  RunState state;
  Value secrets;
  std::uint64_t snapshot_at = 0;  ///< events up to the last snapshot
  bool end_told = false;
  bool working = true;  ///< false: opened for a command only; nothing is dispatched, no timer runs
  struct Running {
    std::uint64_t ticket = 0;  ///< tells this execution from an earlier one of the same effect
    std::unique_ptr<RunningEffect> effect;
  };
  std::map<EventSeq, Running> running;
  std::set<EventSeq> queued;                             ///< effects that wait for a place
  std::vector<std::pair<std::int64_t, EventSeq>> armed;  ///< what of Impl::timers is this run's
};

struct Engine::Impl {
  Impl(boost::asio::io_context& io_context, EventLog& event_log, Connectors all_connectors, Clock& the_clock,
       Random& the_random);

  using What = decltype(Stimulus::what);
  struct Item {
    RunId run;
    What what;
  };
  /// One decided step, kept until its batch is durable.
  struct Step {
    RunId run;
    Record record;
    Decision decision;
    RunState after;  ///< shares its data with the live state
  };

  // hosting.cpp
  Result<std::shared_ptr<const Machine>> machine_of(const Hash256& definition);
  Result<void> register_definitions(const std::vector<const DefinitionText*>& definitions);
  Result<HostedRun*> host(const RunId& run, const Value& secrets);
  Result<void> resume_family(const RunId& run, const Value& secrets);
  void push(const RunId& run, What what) { inbox.push_back({run, std::move(what)}); }
  void schedule_pump();
  /// Decides what is in the inbox, commits it as one batch and acts on it. Returns the error when the commit fails.
  Result<void> pump();
  void decide(Item item, std::deque<Step>& steps);
  void start_children(const Step& step);
  void tell_parent(const HostedRun& child);
  void act(const Step& step);
  /// Forgets a hosted run; what it has under way is cancelled, its record stays as it is.
  void release(const RunId& run);
  /// Forgets the runs that were opened for a command only.
  void release_idle();
  void unload_if_done(const RunId& run);
  void stop(const Error& error);

  // dispatch.cpp
  void dispatch_pending(const RunId& run, HostedRun& hosted);
  void start_queued();
  void start_effect(const RunId& run, HostedRun& hosted, EventSeq effect);
  void effect_done(const RunId& run, EventSeq effect, std::uint64_t ticket, EffectOutcome outcome);
  void arm_timers(const RunId& run, HostedRun& hosted);
  void wait_for_next_timer();

  boost::asio::io_context& io;
  EventLog& log;
  Connectors connectors;
  Clock& clock;
  Random& random;
  std::map<Hash256, std::shared_ptr<const Machine>> machines;
  std::map<RunId, HostedRun> runs;
  std::deque<Item> inbox;
  bool pump_scheduled = false;

  struct Place {  ///< of an effect in the queue: most urgent first, then first come
    int urgency;
    std::uint64_t order;
    RunId run;
    EventSeq effect;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  std::set<Place> queue;
  std::uint64_t next_order = 0;
  std::uint64_t next_ticket = 1;
  std::size_t in_flight = 0;

  std::set<std::tuple<std::int64_t, RunId, EventSeq>> timers;  ///< due, run, timer
  boost::asio::steady_timer alarm;

  std::multimap<RunId, std::shared_ptr<RunObserver>> observers;
  std::vector<std::function<void()>> idle_callbacks;
  std::optional<Error> stopped;
  std::shared_ptr<Impl*> self;  ///< what callbacks hold: null once the engine is gone
};

}  // namespace cairn
