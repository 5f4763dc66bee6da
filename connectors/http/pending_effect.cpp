#include "connectors/http/pending_effect.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

namespace cairn {

namespace {

class Handle final : public RunningEffect {
 public:
  explicit Handle(std::shared_ptr<OngoingEffect> effect) : effect_(std::move(effect)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override { effect_->cancel(); }

 private:
  std::shared_ptr<OngoingEffect> effect_;
};

}  // namespace

void OngoingEffect::finish(EffectOutcome outcome) {
  if (over_) return;
  over_ = true;
  // `done` may destroy the handle, and with it the last reference that keeps the work alive.
  const auto work = std::move(work_);
  const EffectObserver observer = std::exchange(observer_, {});
  if (observer.done) observer.done(std::move(outcome));
}

void OngoingEffect::finish_later(const boost::asio::any_io_executor& executor,
                                 const std::shared_ptr<OngoingEffect>& effect, EffectOutcome outcome) {
  boost::asio::post(executor, [effect, outcome = std::move(outcome)]() mutable { effect->finish(std::move(outcome)); });
}

void OngoingEffect::progress(std::string_view stream, std::string_view text) const {
  // A copy: the report may cancel this effect, which drops the observer while it runs.
  const auto report = observer_.progress;
  if (!over_ && report) report(stream, text);
}

void OngoingEffect::cancel() {
  over_ = true;
  observer_ = {};
  const auto work = std::move(work_);
}

std::unique_ptr<RunningEffect> OngoingEffect::handle(std::shared_ptr<OngoingEffect> effect) {
  return std::make_unique<Handle>(std::move(effect));
}

}  // namespace cairn
