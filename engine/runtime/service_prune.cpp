// The op that removes ended runs, and gives back their space.

#include "engine/runtime/service_worker.h"

#include <utility>

namespace cairn {
namespace {

Value pruned_view(const Pruned& pruned, bool dry_run, const std::optional<GivenBack>& bytes) {
  std::vector<Member> workflows;
  for (const auto& [name, runs] : pruned.by_workflow) workflows.push_back({name, Value::unsigned_integer(runs)});
  std::vector<Member> members{{"runs", Value::unsigned_integer(pruned.runs)},
                              {"events", Value::unsigned_integer(pruned.events)},
                              {"workflows", Value::object(std::move(workflows))},
                              {"dryRun", Value::boolean(dry_run)}};
  if (bytes) {
    members.push_back({"bytesBefore", Value::unsigned_integer(bytes->before)});
    members.push_back({"bytesAfter", Value::unsigned_integer(bytes->after)});
  }
  return Value::object({{"pruned", Value::object(std::move(members))}});
}

/// First the runs, on the engine's thread; then the space, on one of its own.
class PruneExchange final : public Exchange {
 public:
  struct State {
    Service::Impl& service;
    Answer answer;
    bool dry_run;
    std::unique_ptr<Exchange> giving_back;

    void done(const Result<Pruned>& pruned) {
      if (!pruned) return answer(error_message(pruned.error()), true);
      if (dry_run || pruned.value().runs == 0) return answer(pruned_view(pruned.value(), dry_run, {}), true);
      giving_back = on_a_thread(
          service, answer, [&engine = service.engine, removed = pruned.value()](const Post& post, Unwanted& unwanted) {
            const auto bytes = engine.give_back(unwanted);
            post(bytes ? pruned_view(removed, false, bytes.value()) : error_message(bytes.error()), true);
          });
    }
  };

  explicit PruneExchange(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

Service::Impl::Opened Service::Impl::prune(const Value& request, const Answer& answer) {
  PruneOptions options;
  CAIRN_TRY(const auto older_than, optional_count(request, "olderThan"));
  CAIRN_TRY(const auto keep, optional_count(request, "keep"));
  CAIRN_TRY(options.workflow, optional_text(request, "workflow"));
  options.dry_run = request.get("dryRun").truthy();
  if (older_than || keep) {
    options.policy.emplace();
    if (older_than) options.policy->age_ms = static_cast<std::int64_t>(*older_than);
    options.policy->count = keep;
  }
  auto state = std::make_shared<PruneExchange::State>(PruneExchange::State{*this, answer, options.dry_run, nullptr});
  const std::weak_ptr<PruneExchange::State> alive = state;
  engine.prune(
      std::move(options),
      [alive](const Pruned& pruned) {
        const auto exchange = alive.lock();
        if (exchange) exchange->answer(Value::object({{"progress", Value::unsigned_integer(pruned.runs)}}), false);
      },
      [alive](const Result<Pruned>& pruned) {
        if (const auto exchange = alive.lock()) exchange->done(pruned);
      });
  return std::make_unique<PruneExchange>(std::move(state));
}

}  // namespace cairn
