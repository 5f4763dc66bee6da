#pragma once
// Schedules: starts the runs of workflows that start by themselves, and answers for them. Of the engine's thread.
//
// Each slot starts one run, once: the row that says so is in the batch that starts it (schedule_state.h), and the slot is the
// run's start key. While a process hosts a schedule its slots are started as they come, in order; those that passed before it
// did, or longer ago than k_on_time_ms (the machine slept, the clock jumped), were missed, and the schedule's catch-up says
// which of them are made up for. What cannot be started now (disk full, too much to do) is started when it can: such slots are
// overdue.
//
// The clock may jump: a slot that was decided is not decided again when it comes once more.
//
// Events (`on`) are taken from the bus in their order, once they are durable, by all schedules together. What an event has come
// to is written in the same way: a run that it starts with the row that says so and without the events that went into it; an
// event that is gathered, with the row. A schedule's row may lag behind events that meant nothing to it: those are looked at
// again after a crash, with the same result.

#include "engine/runtime/engine.h"
#include "engine/runtime/gathering.h"
#include "engine/runtime/schedule_state.h"
#include "workflows/schedule/clock_slots.h"

#include <map>
#include <set>

namespace cairn {

/// A slot that is seen this long after its time still counts as on time.
inline constexpr std::int64_t k_on_time_ms = 60'000;
/// Slots of one backfill.
inline constexpr std::size_t k_most_backfilled = 1'000;
/// Sets of events that one schedule waits to complete. With more, the oldest is given up.
inline constexpr std::size_t k_most_sets = 10'000;

/// A schedule as it stands.
struct ScheduleLine {
  std::string workflow_namespace;
  std::string name;
  ScheduleState state;
  bool hosted = false;             ///< this process starts its runs
  std::optional<Timestamp> next;   ///< slot; nothing: none is known (paused, gone, `after` while its run goes on)
  std::vector<Timestamp> overdue;  ///< slots that passed and are not decided; k_most_caught_up at most, the last ones
  bool more_overdue = false;       ///< there are earlier ones
  std::string trouble;             ///< why what is overdue waits, as far as that is known
  std::size_t gathered = 0;        ///< events in sets that are not complete
  std::size_t sets = 0;
  std::optional<Timestamp> gathered_since;  ///< the oldest of them
  std::uint64_t behind = 0;                 ///< durable events that were not looked at yet
};

/// A slot of a backfill.
struct BackfilledSlot {
  Timestamp slot;
  std::optional<RunId> run;  ///< nothing: it has none yet (dry run), or was refused
  bool existing = false;     ///< the slot had its run before
  std::optional<Error> refused;
};

class Schedules {
 public:
  explicit Schedules(Engine::Impl& engine) : engine_(engine) {}
  Schedules(const Schedules&) = delete;
  Schedules& operator=(const Schedules&) = delete;

  /// From now on hosts the schedules of these workflows, and no others: those of workflows that are not among them any more
  /// stop and are told as gone. Of several versions of a workflow, the highest counts (its having no schedule, too). The
  /// definitions are known to the log (Engine::know). A schedule that is new, or other than it was, begins now. On an error
  /// everything stays as it was.
  Result<void> host(const std::vector<DefinitionText>& workflows, Value secrets);
  /// Starts nothing any more.
  void halt();
  /// Schedules that are hosted.
  [[nodiscard]] std::size_t hosted() const;

  /// When turn() has something to do.
  [[nodiscard]] std::optional<Timestamp> next() const;
  /// Starts what is due.
  void turn();

  /// The bus has become longer.
  void more_events();
  /// Events up to here are not needed any more.
  [[nodiscard]] BusPosition events_done() const;

  // For operators. `name` is "NS/NAME" or "NAME"; not_found, ambiguous.

  /// By name; those that are not hosted too.
  Result<std::vector<ScheduleLine>> list();
  using Done = std::function<void(const Result<void>&)>;
  /// Slots that pass while a schedule is paused are not made up for. `done` is told when it is durable. conflict: it is so
  /// already.
  void pause(const std::string& name, bool paused, Done done);
  /// Starts a run now, beside the slots.
  void trigger(const std::string& name, const Value& secrets, StartAnswer answer);
  /// Starts the runs of the slots of the clock in [from, to] that have none. Nothing in it may be in the future.
  using Backfilled = std::function<void(const Result<std::vector<BackfilledSlot>>&)>;
  void backfill(const std::string& name, Timestamp from, Timestamp to, bool dry_run, const Value& secrets,
                Backfilled answer);

 private:
  struct Entry {
    std::string workflow_namespace;
    std::string name;
    ScheduleState state;                     ///< of everything decided
    std::optional<DefinitionText> workflow;  ///< hosted
    std::optional<ClockSlots> slots;         ///< the same
    Timestamp begun;                         ///< slots before were missed
    std::optional<Timestamp> due;            ///< its place in due_
    std::size_t starting = 0;                ///< starts that are not durable: each carries the row as it was then
    bool unwritten = false;                  ///< the row is to be written when they are
    std::vector<Done> waiting;               ///< told when that is durable
    std::unique_ptr<Observation> chain_run;  ///< `after`: tells when the run ends
    std::string trouble;
    std::optional<Gathering> gathering;             ///< hosted, with `on`
    std::map<BusPosition, GatheredEvent> gathered;  ///< as of everything decided
    std::set<BusPosition> unwritten_events;         ///< of them or that were, those whose rows are to be written
    std::string events_trouble;                     ///< why no event starts anything
    Timestamp complained;                           ///< when the log of the process had a line about its events last
  };
  struct Hosting {
    const DefinitionText* workflow;
    ClockSlots slots;
    std::optional<Gathering> gathering;
    std::string events_trouble;
  };
  /// What a run begins with.
  struct Beginning {
    std::string key;
    Value input;
    std::optional<BusPosition> event;   ///< that starts it
    std::vector<BusPosition> consumed;  ///< gathered events that are in its input
  };
  using Name = std::string;  ///< "NS/NAME"
  using Named = std::pair<const Name, Entry>;

  // schedules.cpp
  Result<void> load();
  Result<std::map<Name, Hosting>> highest_versions(const std::vector<DefinitionText>& workflows) const;
  void take_on(const Name& name, const Hosting& hosting, Timestamp now);
  void let_go(Entry& entry, Timestamp now);
  void write(Entry& entry);
  void plan(const Name& name, Entry& entry);
  void put_off(const Name& name, Entry& entry);
  void set_due(const Name& name, Entry& entry, std::optional<Timestamp> due);
  /// The schedule's row, as `state` has it, and those of its events: they belong together.
  static std::vector<ScheduleRow> take_rows(Entry& entry, const ScheduleState& state);

  // schedule_slots.cpp
  void fire(const Name& name, Entry& entry, Timestamp now);
  [[nodiscard]] std::vector<Timestamp> due_slots(const Name& name, const Entry& entry, Timestamp now) const;
  [[nodiscard]] static std::optional<Timestamp> chain_due(const Entry& entry);
  /// False: not now.
  bool start(const Name& name, Entry& entry, ScheduleState next, Beginning beginning);
  bool start_slot(const Name& name, Entry& entry, ScheduleState next, std::string key);
  void note_start(const Name& name, bool chain, const std::optional<BusPosition>& event,
                  const std::vector<BusPosition>& written, const Result<Started>& started);
  void watch_chain(const Name& name, Entry& entry, const RunId& run);
  void find_chain(const Name& name, Entry& entry);

  // schedule_events.cpp
  void take_on_events(Entry& entry, const Hosting& hosting, bool was_gone, Timestamp now);
  static void let_go_of_events(Entry& entry);
  void find_listeners(bool had_some);
  void take_events();
  [[nodiscard]] bool may_start() const;
  /// False: not now.
  bool take_event(const Name& name, Entry& entry, const BusEvent& event);
  bool begin_by_events(const Name& name, Entry& entry, const BusEvent& event, const GatheredEvent& place);
  void gather(const Name& name, Entry& entry, const GatheredEvent& event);
  void give_up(const Name& name, Entry& entry, BusPosition set, const std::string& why);
  Result<Array> read_events(const Entry& entry, const std::vector<BusPosition>& positions, const BusEvent* last) const;
  void complain(const Name& name, Entry& entry, const std::string& what);
  void write_positions();
  void write_changed();

  // schedule_operations.cpp
  /// Why nothing is done to a schedule that is gone; nothing: it is not.
  static std::optional<Error> why_gone(const Name& name, const Entry& entry);
  Result<Name> find(const std::string& name);
  Result<DefinitionText> definition_of(const Entry& entry) const;
  [[nodiscard]] Result<ScheduleLine> line_of(const Entry& entry, Timestamp now) const;

  Engine::Impl& engine_;
  bool loaded_ = false;
  bool halted_ = false;
  Value secrets_;
  std::map<Name, Entry> entries_;
  std::set<std::pair<Timestamp, Name>> due_;

  std::map<std::string, std::vector<Named*>, std::less<>> by_type_;  ///< who may want events of a type
  std::vector<Named*> any_type_;                                     ///< who may want events of any type
  bool has_listeners_ = false;
  BusPosition looked_at_{};                     ///< all events up to here were
  BusPosition positions_written_{};             ///< looked_at_ when the rows were last brought up to it
  std::multiset<BusPosition> events_starting_;  ///< whose runs are not durable yet
  std::set<Name> changed_;                      ///< whose events are to be written
  std::optional<Timestamp> events_again_;       ///< what could not go on is tried again
  bool events_posted_ = false;
};

/// The input of a slot's run.
Value slot_input(Timestamp slot, const std::string& local);

}  // namespace cairn
