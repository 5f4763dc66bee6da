#include "engine/runtime/retention.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace cairn {
namespace {

constexpr std::int64_t k_first_sweep_ms = 1'000;
constexpr std::int64_t k_sweep_every_ms = 60'000;
/// Ended runs looked at in one turn of the thread, and removed in one batch: few, since a step that comes meanwhile waits
/// for the whole batch.
constexpr std::size_t k_slice = 16;
/// Rows of each partition's chain looked at in one batch.
constexpr std::size_t k_fold_rows = 16;
/// Places in the chains that become free, for which one more look at k_fold_rows of every partition is taken.
constexpr std::uint64_t k_places_a_fold = 64;
/// Removed runs whose space is worth a compaction, when nobody asks for it.
constexpr std::uint64_t k_worth_giving_back = 10'000;

std::string name_of(const EndedWorkflow& workflow) { return workflow.workflow_namespace + "/" + workflow.name; }

}  // namespace

bool names_workflow(std::string_view wanted, std::string_view workflow_namespace, std::string_view name) {
  return wanted == name || wanted == fmt::format("{}/{}", workflow_namespace, name);
}

// ---- the walk --------------------------------------------------------------------------------------------------------

Result<void> RetentionWalk::begin() {
  return log_.each_ended_workflow([this](const EndedWorkflow& workflow) {
    workflows_.push_back(workflow);
    return true;
  });
}

void RetentionWalk::next_workflow() {
  ++at_;
  policy_.reset();
  after_.reset();
}

Result<std::vector<RetentionWalk::Going>> RetentionWalk::next(std::size_t rows) {
  std::vector<Going> going;
  while (!done() && rows > 0) {
    const EndedWorkflow& workflow = workflows_[at_];
    if (!policy_) {
      policy_ = policy_of_(workflow);
      too_many_ = policy_->count ? workflow.runs - std::min(workflow.runs, *policy_->count) : 0;
    }
    std::vector<EndedLine> lines;
    if (!policy_->keeps_all()) {
      CAIRN_TRY(log_.each_ended_run(workflow.workflow_namespace, workflow.name, after_, [&](const EndedLine& line) {
        lines.push_back(line);
        return lines.size() < rows;
      }));
    }
    const bool last = lines.size() < rows;
    rows -= lines.size();
    bool young = false;
    for (const auto& line : lines) {
      const bool old = policy_->age_ms && line.at.ms < now_.ms - *policy_->age_ms;
      // In the order they ended: what follows is younger still.
      young = !old && too_many_ == 0;
      if (young) break;
      after_ = line;
      const std::string why = old ? "ended longer ago than " + to_iso8601_duration(*policy_->age_ms)
                                  : fmt::format("more than {} of its workflow", *policy_->count);
      if (too_many_ > 0) --too_many_;
      CAIRN_TRY(auto judged, judge(workflow, line, why));
      if (judged) going.push_back(std::move(*judged));
    }
    if (young || last) next_workflow();
  }
  return going;
}

Result<std::optional<RetentionWalk::Going>> RetentionWalk::judge(const EndedWorkflow& workflow, const EndedLine& line,
                                                                 std::string why) {
  if (is_in_use_(line.run)) return std::optional<Going>();
  const auto run = log_.summary(line.run);
  // A damaged run is no reason to keep the others; it stays, for verify to name.
  if (!run && run.error().code == ErrorCode::corrupt) return std::optional<Going>();
  if (!run) return run.error();
  if (!run.value() || run.value()->open) return std::optional<Going>();
  if (!run.value()->parent.is_nil()) {
    CAIRN_TRY(const auto parent, log_.summary(run.value()->parent));
    if (parent && parent->open) return std::optional<Going>();
  }
  return std::optional(
      Going{{line.run, now_, std::move(why)}, name_of(workflow), run.value()->length, run.value()->records});
}

// ---- carrying it out -------------------------------------------------------------------------------------------------

Retention::~Retention() {
  give_up_ = true;
  if (giver_.joinable()) giver_.join();
}

void Retention::keep(const RetentionPolicy& fallback, bool sweeps) {
  fallback_ = fallback;
  if (sweeps) sweep_after(k_first_sweep_ms);
}

void Retention::sweep_after(std::int64_t ms) {
  timer_.expires_after(std::chrono::milliseconds(ms));
  timer_.async_wait([alive = weak_from_this()](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    if (const auto self = alive.lock()) self->sweep();
  });
}

void Retention::sweep() {
  if (engine_.stopped) return;
  engine_.sweep_bus();
  prune({}, {}, [alive = weak_from_this()](const Result<Pruned>& pruned) {
    const auto self = alive.lock();
    if (!self) return;
    if (!pruned) {
      spdlog::warn("retention: {}", pruned.error().to_string());
    } else if (pruned.value().runs > 0) {
      spdlog::info("retention has removed {} runs", pruned.value().runs);
      self->removed_ += pruned.value().runs;
      if (self->removed_ >= k_worth_giving_back) self->give_back();
    }
    self->sweep_after(k_sweep_every_ms);
  });
}

void Retention::give_back() {
  if (giving_back_.exchange(true)) return;
  if (giver_.joinable()) giver_.join();  // it is over
  removed_ = 0;
  giver_ = std::thread([this] {
    const auto given = engine_.log.give_back(give_up_);
    if (!given) spdlog::warn("retention: {}", given.error().to_string());
    giving_back_ = false;
  });
}

RetentionPolicy Retention::policy_of(const EndedWorkflow& workflow) {
  const auto stored = engine_.log.find_definition({workflow.workflow_namespace, workflow.name, "latest"});
  if (stored && !stored.value()) return fallback_;
  auto machine =
      stored ? engine_.machine_of(stored.value()->hash) : Result<std::shared_ptr<const Machine>>(stored.error());
  if (!machine) {
    // What it wants kept is not known: everything is.
    spdlog::warn("retention: runs of {} stay: {}", name_of(workflow), machine.error().to_string());
    return {};
  }
  const RetentionPolicy& own = machine.value()->program().retention;
  return own.keeps_all() ? fallback_ : own;
}

void Retention::prune(PruneOptions options, std::function<void(const Pruned&)> progress,
                      std::function<void(const Result<Pruned>&)> done) {
  if (auto trouble = engine_.committer->trouble(); trouble && !options.dry_run) return done(std::move(*trouble));
  const auto policy_of = [this, options](const EndedWorkflow& workflow) -> RetentionPolicy {
    const bool meant =
        options.workflow.empty() || names_workflow(options.workflow, workflow.workflow_namespace, workflow.name);
    if (!meant) return {};
    return options.policy ? *options.policy : this->policy_of(workflow);
  };
  const auto is_in_use = [this](const RunId& run) {
    return engine_.runs.contains(run) || engine_.forgetting.contains(run);
  };
  auto pass = std::make_shared<Pass>(RetentionWalk(engine_.log, policy_of, is_in_use, engine_.clock.now()), options);
  pass->progress = std::move(progress);
  pass->done = std::move(done);
  if (auto begun = pass->walk.begin(); !begun) return pass->done(begun.error());
  turn(pass);
}

void Retention::turn_later(const std::shared_ptr<Pass>& pass) {
  boost::asio::post(engine_.io, [alive = weak_from_this(), pass] {
    if (const auto self = alive.lock()) self->turn(pass);
  });
}

void Retention::turn(const std::shared_ptr<Pass>& pass) {
  if (engine_.stopped) return pass->done(*engine_.stopped);
  if (pass->walk.done()) return fold(pass);
  auto going = pass->walk.next(k_slice);
  if (!going) return pass->done(going.error());
  AppendBatch batch;
  std::vector<RunId> runs;
  for (auto& one : going.value()) {
    ++pass->pruned.runs;
    ++pass->pruned.by_workflow[one.workflow];
    pass->pruned.events += one.events;
    pass->rows += one.records + 1;
    runs.push_back(one.forget.run);
    batch.forget.push_back(std::move(one.forget));
  }
  if (pass->progress && !runs.empty()) pass->progress(pass->pruned);
  if (pass->options.dry_run || runs.empty()) return turn_later(pass);
  engine_.forgetting.insert(runs.begin(), runs.end());
  engine_.submit(std::move(batch),
                 [alive = weak_from_this(), pass, runs = std::move(runs)](const std::optional<Error>& error) {
                   const auto self = alive.lock();
                   if (!self) return;
                   for (const auto& run : runs) self->engine_.forgetting.erase(run);
                   if (error) return pass->done(*error);
                   self->turn_later(pass);
                 });
}

/// When all that goes is gone, the chains are shortened by about as much.
void Retention::fold(const std::shared_ptr<Pass>& pass) {
  const bool nothing = pass->pruned.runs == 0 || pass->options.dry_run;
  if (!nothing && pass->folds_left == 0) pass->folds_left = 2 + pass->rows / k_places_a_fold;
  if (nothing || --pass->folds_left == 0) return pass->done(pass->pruned);
  AppendBatch batch;
  batch.fold_rows = k_fold_rows;
  engine_.submit(std::move(batch), [alive = weak_from_this(), pass](const std::optional<Error>& error) {
    const auto self = alive.lock();
    if (!self) return;
    if (error) return pass->done(*error);
    self->turn_later(pass);
  });
}

// ---- the engine's door -----------------------------------------------------------------------------------------------

void Engine::keep(const RetentionPolicy& fallback, bool sweeps) { impl_->retention->keep(fallback, sweeps); }

Result<GivenBack> Engine::give_back(std::atomic<bool>& give_up) { return impl_->log.give_back(give_up); }

void Engine::prune(PruneOptions options, std::function<void(const Pruned&)> progress,
                   std::function<void(const Result<Pruned>&)> done) {
  impl_->retention->prune(std::move(options), std::move(progress), std::move(done));
}

}  // namespace cairn
