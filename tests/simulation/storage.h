#pragma once
// Storage: the log of a simulated world across the lives of its processes: the model, or RocksDB on a simulated disk.

#include "tests/simulation/faults.h"
#include "tests/simulation/pipeline.h"
#include "tests/simulation/plan.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cairn::simulation {

class Storage {
 public:
  virtual ~Storage() = default;
  /// As a process that starts. The log lives until close() or crash().
  virtual Result<EventLog*> open() = 0;
  /// As a process that ends in peace.
  virtual void close() = 0;
  /// The process died, the power perhaps with it. `doubtful`: what it had on its way.
  virtual void crash(const std::vector<DoubtfulBatch>& doubtful) = 0;
  /// The next write fails in some way. The process will have to be started again.
  virtual void fail_next_write() = 0;
  /// Whether there is room on the disk.
  virtual void set_full(bool full) = 0;
  /// The disk dies at some operation of the next writes; is_dead() tells when it has.
  virtual void die_soon() = 0;
  [[nodiscard]] virtual bool is_dead() const = 0;
  /// Writes to the disk so far.
  [[nodiscard]] virtual std::uint64_t operations() const = 0;
  /// Work in the background of the log that may be done now.
  virtual void housekeeping() = 0;
};

std::unique_ptr<Storage> make_model_storage(FaultCounts& faults, Dice dice);
/// `dice` chooses what becomes of bytes that were not synced.
std::unique_ptr<Storage> make_rocks_storage(FaultCounts& faults, Dice dice, std::optional<CrashPoint> crash_point);

}  // namespace cairn::simulation
