#pragma once
// A Committer whose disk the test holds in its hand: what was given to it becomes durable when the test says so.

#include "engine/runtime/committer.h"

#include <deque>
#include <optional>
#include <utility>

namespace cairn::tests {

/// The disk of a HeldCommitter; outlives it.
struct HeldDisk {
  struct Given {
    AppendBatch batch;
    Committer::Done done;
  };
  EventLog& log;
  std::deque<Given> given;
  bool held = false;
  std::optional<Error> failure;
  std::optional<Error> trouble;

  /// The oldest batch becomes durable, or fails when there is a failure.
  void sync_one() {
    Given oldest = std::move(given.front());
    given.pop_front();
    Result<void> result = success();
    if (failure) {
      result = *failure;
    } else if (auto appended = log.append(oldest.batch); !appended) {
      result = appended.error();
    }
    oldest.done(result);
  }
  void sync_all() {
    while (!given.empty()) sync_one();
  }
};

class HeldCommitter final : public Committer {
 public:
  explicit HeldCommitter(HeldDisk& disk) : disk_(disk) {}
  HeldCommitter(const HeldCommitter&) = delete;
  HeldCommitter& operator=(const HeldCommitter&) = delete;
  ~HeldCommitter() override { disk_.sync_all(); }
  [[nodiscard]] std::optional<Error> trouble() const override { return disk_.trouble; }
  void commit(AppendBatch batch, Done done) override {
    disk_.given.push_back({std::move(batch), std::move(done)});
    if (!disk_.held) disk_.sync_all();
  }

 private:
  HeldDisk& disk_;
};

}  // namespace cairn::tests
