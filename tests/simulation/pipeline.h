#pragma once
// Pipeline: what is between deciding and the disk. Batches wait in it and become durable when the simulation says so,
// also while the engine waits for them (Committer::help). One pipeline lives as long as a process.

#include "engine/runtime/committer.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/history.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace cairn::simulation {

/// Thrown where the process dies. Nothing of the engine may be used afterwards.
struct Crash {};

/// A batch of a dead process, of which nobody knows whether it is durable.
struct DoubtfulBatch {
  std::vector<std::shared_ptr<const Record>> records;
  AppendBatch batch;  ///< borrows from `records`
};

class Pipeline {
 public:
  Pipeline(EventLog& log, History& history, Trace& trace, Dice dice)
      : log_(log), history_(history), trace_(trace), dice_(dice) {}

  std::unique_ptr<Committer> committer();

  [[nodiscard]] bool empty() const { return given_.empty(); }
  /// Writes some of what waits, together; all that fits when `all`.
  void write(bool all = false);
  /// Called while the engine waits; may throw Crash.
  std::function<void()> while_waiting;
  /// Called before each write.
  std::function<void()> before_write;
  /// Of the last process. What failed, what was on its way.
  [[nodiscard]] std::vector<DoubtfulBatch> doubtful() const;
  /// The append that failed, if one did.
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  /// There is no room, and batches wait for it.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  class SimulatedCommitter;
  struct Given {
    AppendBatch batch;
    Committer::Done done;
  };

  EventLog& log_;
  History& history_;
  Trace& trace_;
  Dice dice_;
  std::deque<Given> given_;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
  std::vector<DoubtfulBatch> failed_;
};

}  // namespace cairn::simulation
