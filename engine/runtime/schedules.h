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

#include "engine/runtime/engine.h"
#include "engine/runtime/schedule_state.h"
#include "workflows/schedule/clock_slots.h"

#include <map>
#include <set>

namespace cairn {

/// A slot that is seen this long after its time still counts as on time.
inline constexpr std::int64_t k_on_time_ms = 60'000;
/// Slots of one backfill.
inline constexpr std::size_t k_most_backfilled = 1'000;

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
  };
  struct Hosting {
    const DefinitionText* workflow;
    ClockSlots slots;
  };
  using Name = std::string;  ///< "NS/NAME"

  // schedules.cpp
  Result<void> load();
  Result<std::map<Name, Hosting>> highest_versions(const std::vector<DefinitionText>& workflows) const;
  void take_on(const Name& name, const Hosting& hosting, Timestamp now);
  void let_go(Entry& entry, Timestamp now);
  void write(Entry& entry);
  void plan(const Name& name, Entry& entry);
  void put_off(const Name& name, Entry& entry);
  void set_due(const Name& name, Entry& entry, std::optional<Timestamp> due);

  // schedule_slots.cpp
  void fire(const Name& name, Entry& entry, Timestamp now);
  [[nodiscard]] std::vector<Timestamp> due_slots(const Name& name, const Entry& entry, Timestamp now) const;
  [[nodiscard]] static std::optional<Timestamp> chain_due(const Entry& entry);
  /// False: not now.
  bool start(const Name& name, Entry& entry, ScheduleState next, const std::string& key);
  void note_start(const Name& name, bool chain, const Result<Started>& started);
  void watch_chain(const Name& name, Entry& entry, const RunId& run);
  void find_chain(const Name& name, Entry& entry);

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
};

/// The input of a slot's run.
Value slot_input(Timestamp slot, const std::string& local);

}  // namespace cairn
