#pragma once
// Reading the past of a run: folding to any event, deciding again, telling it to people.

#include "engine/log/event_log.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// The state of `run` after event `at` (all of its events when nothing is given). not_found: no such run;
/// invalid_usage: `at` is beyond its end.
Result<RunState> fold_run(const EventLog& log, const RunId& run, std::optional<EventSeq> at = {});

/// not_found, saying so when retention has removed it.
Error no_such_run(const EventLog& log, const RunId& run);
/// "run 019a… of acme/pay:1.0.0, which completed on …, was removed on … by retention: older than P30D"
std::string removal_sentence(const Removal& removal);

/// Events after which a run's state is stored, so that loading it folds less; more when it is large.
inline constexpr std::uint64_t k_snapshot_every = 2'000;

/// The newest state of `run`, and the event of the snapshot it was folded from (0: none).
struct LoadedRun {
  RunState state;
  EventSeq snapshot{};
};
Result<LoadedRun> load_run(const EventLog& log, const RunId& run);

/// The index line that belongs to a state (length, records and head are the log's).
RunSummary summary_of(const RunState& state);

/// The machine of the definition with this hash, loaded from the log's text.
Result<std::shared_ptr<const Machine>> load_machine(const EventLog& log, const Hash256& definition);

/// The first difference that `verify_run` found.
struct Divergence {
  EventSeq at{};
  std::string message;
};
/// Decides `run` again from its recorded stimuli and compares event by event. Nothing: all equal.
Result<std::optional<Divergence>> verify_run(const EventLog& log, const RunId& run);

/// An event as a line for people: what, about which task, in a few words.
struct EventLine {
  EventSeq number{};
  Timestamp time;
  std::string type;  ///< "TaskStarted"
  std::string task;  ///< reference, or empty for the run's own events
  std::string gist;
  Value data;  ///< to_value(event)
};

/// Turns a run's events, given in order from the first, into lines; remembers which frame is which task.
class EventTeller {
 public:
  EventLine tell(EventSeq number, Timestamp time, const Event& event);

 private:
  struct Told {
    EventSeq frame{};
    std::string task;
    std::string words;
  };
  struct Retry {
    std::uint32_t attempt = 2;
    std::string problem;
  };
  friend struct Telling;

  std::map<EventSeq, std::string> tasks_;  // by frame
  std::map<EventSeq, Told> timers_;        // words: what it is for
  std::map<EventSeq, Told> effects_;       // words: the connector
  std::map<RunId, Told> children_;
  std::map<EventSeq, Retry> retries_;  // by the frame of its try: the attempt to come, and why
};

/// One visit of a task in the tree that `cairn show` prints.
struct TaskView {
  EventSeq frame{};
  std::string reference;
  std::string name;
  std::string kind;
  std::string status;  ///< running, waiting, completed, faulted, cancelled, skipped
  Timestamp started_at;
  std::optional<Timestamp> ended_at;
  std::uint32_t attempts = 1;
  std::optional<std::uint64_t> iteration;  ///< index of the loop iteration it belongs to
  std::optional<Problem> problem;
  std::vector<TaskView> children;
};

/// Builds the tree from all events of a run, in order. Keeps at most `k_max_tasks` visits and counts the rest.
class TaskTree {
 public:
  static constexpr std::size_t k_max_tasks = 10'000;
  void add(EventSeq number, Timestamp time, const Event& event);
  /// Top-level visits in the order they started.
  [[nodiscard]] std::vector<TaskView> roots() const;
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  struct Visit {
    TaskView view;
    EventSeq parent{};
  };
  std::map<EventSeq, Visit> visits_;
  struct Folding;

  std::map<EventSeq, std::uint64_t> iterations_;  // loop frame → index under way
  std::map<EventSeq, EventSeq> waits_;            // timer → the frame that waits for it
  std::size_t left_out_ = 0;
};

}  // namespace cairn
