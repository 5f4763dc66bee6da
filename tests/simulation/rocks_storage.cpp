// RocksDB on a simulated disk. What RocksDB would do on threads of its own waits for its turn here.

#include "tests/simulation/rocks_storage.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace cairn::simulation {

/// Compactions and flushes are queued, and done when the simulation says so.
class QueuedEnv final : public rocksdb::EnvWrapper {
 public:
  explicit QueuedEnv(const std::shared_ptr<rocksdb::FileSystem>& disk) : EnvWrapper(rocksdb::NewCompositeEnv(disk)) {}
  const char* Name() const override { return "QueuedEnv"; }

  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unschedule)(void*)) override {
    // Removals of files have no tag and cannot be taken back: closing waits for them.
    if (tag == nullptr) return target()->Schedule(function, argument, priority, tag, unschedule);
    jobs_.push_back({function, argument, priority, tag, unschedule});
  }
  int UnSchedule(void* tag, Priority priority) override {
    const auto is_meant = [&](const Job& job) { return job.tag == tag && job.priority == priority; };
    for (const auto& job : jobs_) {
      if (is_meant(job) && job.unschedule != nullptr) job.unschedule(job.argument);
    }
    return static_cast<int>(std::erase_if(jobs_, is_meant));
  }
  bool work_one() {
    if (jobs_.empty()) return false;
    // Flushes first: writes would wait for them, for ever.
    auto next = std::ranges::find(jobs_, Priority::HIGH, &Job::priority);
    if (next == jobs_.end()) next = jobs_.begin();
    const Job job = *next;
    jobs_.erase(next);
    job.function(job.argument);
    return true;
  }

 private:
  struct Job {
    void (*function)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*unschedule)(void*);
  };
  std::deque<Job> jobs_;
};

RocksStorage::RocksStorage(FaultCounts& faults, Dice dice, std::optional<CrashPoint> crash_point)
    : faults_(faults),
      dice_(dice),
      crash_point_(crash_point),
      disk_(std::make_shared<SimulatedDisk>()),
      env_(std::make_unique<QueuedEnv>(disk_)) {
  if (crash_point_) disk_->fail_at(crash_point_->operation, SimulatedDisk::Failure::death);
}
RocksStorage::~RocksStorage() { log_.reset(); }

Result<EventLog*> RocksStorage::open() {
  RocksLogOptions options;
  options.env = env_.get();
  // Small, so that in every world HEAD is written, and in long ones tables are.
  options.head_interval = 8;
  options.write_buffer_bytes = std::size_t{64} << 10;
  auto opened = open_rocks_log("/data", options);
  // A write that is there in full and is not what was written may be refused: from outside it cannot be told from rot.
  if (!opened && opened.error().code == ErrorCode::corrupt && disk_->mend()) {
    faults_.add(Fault::damage_refused);
    opened = open_rocks_log("/data", options);
  }
  CAIRN_TRY(log_, std::move(opened));
  return log_.get();
}

void RocksStorage::close() { log_.reset(); }

void RocksStorage::crash(const std::vector<DoubtfulBatch>& doubtful) {
  static constexpr PowerCut k_ways[] = {PowerCut::keep, PowerCut::drop, PowerCut::torn, PowerCut::torn};
  // The disk may have been at work on the first of them.
  if (log_ != nullptr && !crash_point_ && !disk_->is_dead() && !doubtful.empty() && dice_.one_in(2)) {
    disk_->fail_at(1 + dice_.below(4), SimulatedDisk::Failure::death);
    for (const auto& batch : doubtful) {
      if (!log_->append(batch.batch)) break;
    }
  }
  const PowerCut way = crash_point_ ? crash_point_->how : dice_.of(k_ways);
  crash_point_.reset();
  disk_->kill();
  log_.reset();
  disk_->cut_power(way, dice_, faults_);
}

void RocksStorage::fail_next_write() {
  const bool no_space = dice_.one_in(2);
  faults_.add(no_space ? Fault::disk_full : Fault::sync_failed);
  disk_->fail_at(1, no_space ? SimulatedDisk::Failure::no_space : SimulatedDisk::Failure::sync);
}

void RocksStorage::die_soon() { disk_->fail_at(1 + dice_.below(12), SimulatedDisk::Failure::death); }

void RocksStorage::housekeeping() { env_->work_one(); }

std::unique_ptr<Storage> make_rocks_storage(FaultCounts& faults, Dice dice, std::optional<CrashPoint> crash_point) {
  return std::make_unique<RocksStorage>(faults, dice, crash_point);
}

}  // namespace cairn::simulation
