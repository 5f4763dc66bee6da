#pragma once
// The life of an effect that works in several steps: one handle for the machine, one shared state for the callbacks.

#include "connectors/http/executor.h"
#include "engine/effects/effect.h"

#include <memory>
#include <utility>

namespace cairn {

/// Shared by the RunningEffect the machine holds and the callbacks of the work. All on the connector's executor.
class OngoingEffect {
 public:
  explicit OngoingEffect(EffectObserver observer) : observer_(std::move(observer)) {}

  /// Reports the outcome now, unless cancelled or reported before. The work of the effect is let go first.
  void finish(EffectOutcome outcome);
  /// Reports from the executor, so never before the caller returns.
  static void finish_later(const boost::asio::any_io_executor& executor, const std::shared_ptr<OngoingEffect>& effect,
                           EffectOutcome outcome);
  /// Live output, unless cancelled.
  void progress(std::string_view stream, std::string_view text) const;

  /// What to destroy to stop the step under way; replaces (and so destroys) that of the step before.
  void set_work(std::shared_ptr<void> work) {
    if (!over_) work_.swap(work);
  }
  [[nodiscard]] bool over() const { return over_; }

  /// No report from here on; the step under way is destroyed.
  void cancel();

  /// The handle that cancels `effect` when destroyed.
  static std::unique_ptr<RunningEffect> handle(std::shared_ptr<OngoingEffect> effect);

 private:
  EffectObserver observer_;
  std::shared_ptr<void> work_;
  bool over_ = false;
};

}  // namespace cairn
