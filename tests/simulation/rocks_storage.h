#pragma once
// The real log on a simulated disk.

#include "engine/log/rocks_log.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/storage.h"

#include <memory>

namespace cairn::simulation {

class QueuedEnv;

class RocksStorage final : public Storage {
 public:
  RocksStorage(FaultCounts& faults, Dice dice, std::optional<CrashPoint> crash_point);
  RocksStorage(const RocksStorage&) = delete;
  RocksStorage& operator=(const RocksStorage&) = delete;
  ~RocksStorage() override;

  Result<EventLog*> open() override;
  void close() override;
  void crash(const std::vector<DoubtfulBatch>& doubtful) override;
  void fail_next_write() override;
  void set_full(bool full) override { disk_->set_full(full); }
  void die_soon() override;
  [[nodiscard]] bool is_dead() const override { return disk_->is_dead(); }
  [[nodiscard]] std::uint64_t operations() const override { return disk_->operations(); }
  void housekeeping() override;

 private:
  FaultCounts& faults_;
  Dice dice_;
  std::optional<CrashPoint> crash_point_;  ///< still to come
  std::shared_ptr<SimulatedDisk> disk_;
  std::unique_ptr<QueuedEnv> env_;
  std::unique_ptr<RocksLog> log_;
};

}  // namespace cairn::simulation
