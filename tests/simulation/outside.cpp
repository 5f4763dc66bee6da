#include "tests/simulation/outside.h"

#include "workflows/core/limits.h"

#include <charconv>

namespace cairn::simulation {
namespace {

constexpr std::int64_t k_second = 1'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;

/// "RUN-KEY", as an idempotency key is written.
std::pair<std::optional<RunId>, EventSeq> parts_of(const std::string& key) {
  const auto dash = key.rfind('-');
  if (dash == std::string::npos) return {};
  std::uint64_t number = 0;
  std::from_chars(key.data() + dash + 1, key.data() + key.size(), number);
  return {RunId::parse(key.substr(0, dash)), EventSeq{number}};
}

}  // namespace

/// What the engine holds of an effect under way.
class Outside::Handle final : public RunningEffect {
 public:
  Handle(Outside& outside, std::shared_ptr<Execution> execution)
      : outside_(outside), execution_(std::move(execution)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override {
    if (!execution_->living) return;
    execution_->living = false;
    outside_.living_.erase(execution_.get());
  }

 private:
  Outside& outside_;
  std::shared_ptr<Execution> execution_;
};

class Outside::Door final : public Connector {
 public:
  explicit Door(Outside& outside) : outside_(outside) {}
  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    return outside_.begin(request, std::move(observer));
  }

 private:
  Outside& outside_;
};

Connectors Outside::connectors() {
  Connectors all;
  for (const char* name : {"http", "openapi", "shell", "script"}) all.emplace(name, std::make_unique<Door>(*this));
  return all;
}

void Outside::process_died() {
  for (Execution* execution : living_) execution->living = false;
  living_.clear();
  of_this_process_.clear();
}

void Outside::calm_down() {
  calm_ = true;
  for (const auto& weak : hanging_) {
    if (const auto execution = weak.lock()) {
      time_.after(dice_.between(1, k_second), [this, execution] { answer(*execution, true); });
    }
  }
  hanging_.clear();
}

void Outside::check(const EffectRequest& request, const RunId& run, EventSeq effect) {
  const std::string& name = trace_.name(run);
  if (effect == k_no_event) {
    trace_.violated("{}: an effect goes out under key {}, and the log knows of none that waits under it", name,
                    request.idempotency_key);
    return;
  }
  const RunState& state = history_.find(run)->state;
  if (state.suspended_at) trace_.violated("{}: an effect goes out while the run is suspended", name);
  if (!of_this_process_.insert({run, effect}).second) {
    trace_.violated("{}: effect {} goes out twice from one process", name, number_of(effect));
  }
  const std::uint64_t times = ++dispatches_[{run, effect}];
  if (times > 1) faults_.add(Fault::effect_repeated);
  if (times > 1 && state.effects.at(effect).at_most_once) {
    trace_.violated("{}: effect {} is at-most-once and goes out again", name, number_of(effect));
  }
  if (living_.size() >= limits::k_effects_in_flight) {
    trace_.violated("more than {} effects are under way", limits::k_effects_in_flight);
  }
}

void Outside::check_wanted() const {
  for (const Execution* execution : living_) {
    const auto* run = history_.find(execution->run);
    if (run == nullptr || !run->state.effects.contains(execution->effect)) {
      trace_.violated("{}: effect {} goes on, and nothing waits for it any more", trace_.name(execution->run),
                      number_of(execution->effect));
    }
  }
}

std::unique_ptr<RunningEffect> Outside::begin(const EffectRequest& request, EffectObserver observer) {
  if (before_dispatch) before_dispatch();
  ++dispatched_;
  const auto [run, key] = parts_of(request.idempotency_key);
  auto execution = std::make_shared<Execution>();
  execution->key = request.idempotency_key;
  execution->observer = std::move(observer);
  if (!run) {
    trace_.violated("an effect goes out under the key {}", request.idempotency_key);
  } else {
    execution->run = *run;
    execution->effect = history_.waiting_effect(*run, key);
    trace_.line("out {} effect {} key {} {}", trace_.name(*run), number_of(execution->effect), number_of(key),
                request.connector);
    check(request, *run, execution->effect);
  }
  living_.insert(execution.get());
  choose_answer(execution);
  return std::make_unique<Handle>(*this, std::move(execution));
}

void Outside::choose_answer(const std::shared_ptr<Execution>& execution) {
  const auto answer_after = [&](std::int64_t delay_ms, bool well) {
    time_.after(delay_ms, [this, execution, well] { answer(*execution, well); });
  };
  std::size_t mood = dice_.below(1'000);
  const auto is = [&mood, this](std::size_t share) {
    if (calm_ || mood >= share) {
      mood -= calm_ ? 0 : share;
      return false;
    }
    return true;
  };
  const std::int64_t soon = dice_.one_in(3) ? 0 : dice_.between(1, 3 * k_second);
  if (is(moods_.slow)) {
    faults_.add(Fault::answer_slow);
    return answer_after(dice_.between(k_minute, 10 * k_minute), true);
  }
  if (is(moods_.fails)) {
    faults_.add(Fault::answer_failed);
    return answer_after(soon, false);
  }
  if (is(moods_.loses)) {
    faults_.add(Fault::answer_lost);
    ++ledger_[execution->key];
    return answer_after(dice_.between(1, k_minute), false);
  }
  if (is(moods_.late)) {
    faults_.add(Fault::answer_late);
    return answer_after(dice_.between(k_hour, 30 * k_hour), true);
  }
  if (is(moods_.hangs)) {
    faults_.add(Fault::effect_hung);
    hanging_.push_back(execution);
    return;
  }
  answer_after(soon, true);
}

void Outside::answer(Execution& execution, bool well) {
  if (well) ++ledger_[execution.key];  // the work is done also when nobody waits any more
  if (!execution.living) return;
  execution.living = false;
  living_.erase(&execution);
  const std::int64_t serial = next_serial_++;
  history_.answers[serial] = {execution.run, execution.effect};
  trace_.line("answer {} effect {} {} {}", trace_.name(execution.run), number_of(execution.effect),
              well ? "well" : "failed", serial);
  if (well) {
    if (dice_.one_in(8) && execution.observer.progress) execution.observer.progress("stdout", "so far so good\n");
    execution.observer.done(Value::object({{"serial", Value::integer(serial)}, {"n", Value::integer(serial % 7)}}));
    return;
  }
  static constexpr StandardError k_kinds[] = {StandardError::communication, StandardError::timeout,
                                              StandardError::runtime};
  execution.observer.done(make_problem(dice_.of(k_kinds), "The service failed", fmt::format("serial {}", serial)));
}

}  // namespace cairn::simulation
