// The op that says what runs fault by.

#include "engine/machine/fault.h"
#include "engine/runtime/history.h"
#include "engine/runtime/retention.h"
#include "engine/runtime/service_worker.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

/// Causes kept while the index is read; a log with more is told of, and asked about more narrowly.
constexpr std::size_t k_most_causes = 1'000;

struct Question {
  std::string workflow;
  std::optional<Timestamp> since;
  bool all = false;
  std::size_t limit = k_most_causes;
};

struct Group {
  FaultLine newest;
  Timestamp first;
  std::uint64_t runs = 0;
  std::uint64_t retried = 0;
};

/// Reads the index of faults from beginning to end; a cause's runs stand together in it.
class Gathering {
 public:
  Gathering(const EventLog& log, Question question) : log_(log), question_(std::move(question)) {}

  Result<Value> gather(const Unwanted& unwanted) {
    std::optional<Error> failure;
    CAIRN_TRY(log_.each_fault({}, [&](const FaultLine& line) {
      if (!group_ || group_->newest.cause != line.cause) {
        if (auto kept = keep(); !kept) failure = kept.error();
        group_ = Group{line, line.at, 0, 0};
      }
      count(line);
      return !unwanted && !failure;
    }));
    if (failure) return *failure;
    CAIRN_TRY(keep());
    std::ranges::sort(groups_, std::greater(),
                      [](const Group& group) { return std::tuple(group.runs, group.newest.at, group.newest.cause); });
    Array faults;
    for (const auto& group : groups_) {
      if (faults.size() == question_.limit) {
        ++left_;
        continue;
      }
      CAIRN_TRY(auto view, view_of(group));
      if (view) faults.push_back(std::move(*view));
    }
    return Value::object({{"faults", Value::array(std::move(faults))}, {"left", Value::unsigned_integer(left_)}});
  }

 private:
  void count(const FaultLine& line) {
    if (question_.since && line.at < *question_.since) return;
    const bool retried = !line.retried_by.is_nil();
    if (retried) ++group_->retried;
    if (retried && !question_.all) return;
    if (group_->runs++ == 0) group_->first = line.at;
    group_->newest = line;
  }

  /// The group that is complete goes to the others, when it was asked for.
  Result<void> keep() {
    if (!group_ || group_->runs == 0) return success();
    if (!question_.workflow.empty()) {
      CAIRN_TRY(const auto run, log_.summary(group_->newest.run));
      if (!run || !names_workflow(question_.workflow, run->workflow.workflow_namespace, run->workflow.name))
        return success();
    }
    if (groups_.size() == k_most_causes) {
      ++left_;
    } else {
      groups_.push_back(*group_);
    }
    return success();
  }

  /// Nothing when its example is being removed.
  [[nodiscard]] Result<std::optional<Value>> view_of(const Group& group) const {
    CAIRN_TRY(const auto there, log_.summary(group.newest.run));
    if (!there) return std::optional<Value>();
    CAIRN_TRY(const auto state, fold_run(log_, group.newest.run));
    return std::optional(
        Value::object({{"cause", Value::string(cause_name(group.newest.cause))},
                       {"runs", Value::unsigned_integer(group.runs)},
                       {"retried", Value::unsigned_integer(group.retried)},
                       {"firstAt", Value::string(to_iso8601(group.first))},
                       {"lastAt", Value::string(to_iso8601(group.newest.at))},
                       {"example", Value::string(group.newest.run.to_string())},
                       {"workflow", Value::object({{"namespace", Value::string(state.workflow.workflow_namespace)},
                                                   {"name", Value::string(state.workflow.name)},
                                                   {"version", Value::string(state.workflow.version)}})},
                       {"error", state.problem ? state.problem->to_value() : Value{}}}));
  }

  const EventLog& log_;
  Question question_;
  std::optional<Group> group_;
  std::vector<Group> groups_;
  std::uint64_t left_ = 0;
};

}  // namespace

Service::Impl::Opened Service::Impl::faults(const Value& request, const Answer& answer) {
  Question question;
  CAIRN_TRY(question.workflow, optional_text(request, "workflow"));
  CAIRN_TRY(const auto since, optional_text(request, "since"));
  if (!since.empty()) {
    CAIRN_TRY(question.since, parse_timestamp(since));
  }
  question.all = request.get("all").truthy();
  CAIRN_TRY(const auto limit, optional_count(request, "limit"));
  if (limit) question.limit = std::min<std::size_t>(*limit, k_most_causes);
  return on_a_thread(*this, answer,
                     [&events = log(), question = std::move(question)](const Post& post, Unwanted& unwanted) {
                       auto message = Gathering(events, question).gather(unwanted);
                       post(message ? std::move(message.value()) : error_message(message.error()), true);
                     });
}

}  // namespace cairn
