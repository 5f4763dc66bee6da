#include "tests/simulation/model_log.h"
#include "tests/simulation/storage.h"

namespace cairn::simulation {
namespace {

class ModelStorage final : public Storage {
 public:
  ModelStorage(FaultCounts& faults, Dice dice) : faults_(faults), dice_(dice) {}

  Result<EventLog*> open() override {
    log_.reopen();
    return &log_;
  }
  void close() override {}
  void crash(const std::vector<DoubtfulBatch>& doubtful) override {
    log_.reopen();
    if (failed_) {  // what became of the batch is decided, and those behind it were refused
      failed_ = false;
      return;
    }
    // The disk was at work on them in their order.
    const std::size_t kept = dice_.below(doubtful.size() + 1);
    for (std::size_t i = 0; i < doubtful.size(); ++i) {
      if (i < kept) static_cast<void>(log_.append(doubtful[i].batch));
      faults_.add(i < kept ? Fault::unsynced_batch_kept : Fault::unsynced_batch_lost);
    }
  }
  void fail_next_write() override {
    const bool kept = dice_.one_in(2);
    faults_.add(kept ? Fault::append_failed_kept : Fault::append_failed_lost);
    log_.fail_next(kept);
    failed_ = true;
  }
  void set_full(bool full) override { log_.set_full(full); }
  void die_soon() override {}
  [[nodiscard]] bool is_dead() const override { return false; }
  [[nodiscard]] std::uint64_t operations() const override { return 0; }
  void housekeeping() override {}

 private:
  FaultCounts& faults_;
  Dice dice_;
  ModelLog log_;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<Storage> make_model_storage(FaultCounts& faults, Dice dice) {
  return std::make_unique<ModelStorage>(faults, dice);
}

}  // namespace cairn::simulation
