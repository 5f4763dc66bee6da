#pragma once
// Retention: ended runs go when they are too old or too many of their workflow. Private to engine/runtime.
//
// A pass walks over the index of ended runs, a slice a turn of the engine's thread; the next slice waits until the one before is
// durable. It costs the runs that go, and those that would but are still needed: a run stays as long as the run that started
// it is open, and as long as this process works on it.

#include "engine/runtime/hosting.h"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <memory>
#include <thread>

namespace cairn {

/// One walk, from the workflows' oldest runs on. Reads only.
class RetentionWalk {
 public:
  using PolicyOf = std::function<RetentionPolicy(const EndedWorkflow&)>;
  using IsInUse = std::function<bool(const RunId&)>;
  struct Going {
    Forget forget;
    std::string workflow;  ///< "NS/NAME"
    std::uint64_t events = 0;
    std::uint64_t records = 0;
  };

  RetentionWalk(const EventLog& log, PolicyOf policy_of, IsInUse is_in_use, Timestamp now)
      : log_(log), policy_of_(std::move(policy_of)), is_in_use_(std::move(is_in_use)), now_(now) {}

  /// Finds the workflows; before anything else.
  Result<void> begin();
  /// What goes among the next `rows` ended runs. done() tells whether there are more.
  Result<std::vector<Going>> next(std::size_t rows);
  [[nodiscard]] bool done() const { return at_ == workflows_.size(); }

 private:
  [[nodiscard]] Result<std::optional<Going>> judge(const EndedWorkflow& workflow, const EndedLine& line,
                                                   std::string why);
  void next_workflow();

  const EventLog& log_;
  PolicyOf policy_of_;
  IsInUse is_in_use_;
  Timestamp now_;
  std::vector<EndedWorkflow> workflows_;
  std::size_t at_ = 0;
  std::optional<RetentionPolicy> policy_;  ///< of workflows_[at_], once it is known
  std::uint64_t too_many_ = 0;
  std::optional<EndedLine> after_;
};

/// The engine's part of it: when to walk, and carrying it out.
class Retention : public std::enable_shared_from_this<Retention> {
 public:
  explicit Retention(Engine::Impl& engine) : engine_(engine), timer_(engine.io) {}
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  void keep(const RetentionPolicy& fallback, bool sweeps);
  void prune(PruneOptions options, std::function<void(const Pruned&)> progress,
             std::function<void(const Result<Pruned>&)> done);

 private:
  struct Pass {
    Pass(RetentionWalk the_walk, PruneOptions the_options)
        : walk(std::move(the_walk)), options(std::move(the_options)) {}
    RetentionWalk walk;
    PruneOptions options;
    Pruned pruned;
    std::uint64_t rows = 0;  ///< places in the chains that became free
    std::uint64_t folds_left = 0;
    std::function<void(const Pruned&)> progress;
    std::function<void(const Result<Pruned>&)> done;
  };

  void sweep_after(std::int64_t ms);
  void sweep();
  void give_back();
  /// Does a slice, and sees to it that the next one follows.
  void turn(const std::shared_ptr<Pass>& pass);
  void fold(const std::shared_ptr<Pass>& pass);
  void turn_later(const std::shared_ptr<Pass>& pass);
  [[nodiscard]] RetentionPolicy policy_of(const EndedWorkflow& workflow);

  Engine::Impl& engine_;
  boost::asio::steady_timer timer_;
  RetentionPolicy fallback_;
  std::uint64_t removed_ = 0;  ///< since space was given back
  std::atomic<bool> giving_back_ = false;
  std::atomic<bool> give_up_ = false;
  std::thread giver_;
};

/// "NS/NAME" or "NAME" names it.
bool names_workflow(std::string_view wanted, std::string_view workflow_namespace, std::string_view name);

}  // namespace cairn
