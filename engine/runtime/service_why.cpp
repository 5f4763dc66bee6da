// Ops that say why runs stand where they stand.

#include "engine/runtime/history.h"
#include "engine/runtime/reasons.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/service_views.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {
namespace {

/// Runs looked at before others have their turn.
constexpr std::size_t k_slice = 64;
/// Stuck runs that are listed; the others are counted.
constexpr std::size_t k_listed = 100;

Value reasons_view(const std::vector<Reason>& reasons) {
  Array all;
  for (const auto& reason : reasons) {
    all.push_back(Value::object({{"kind", Value::string(std::string(name_of(reason.kind)))},
                                 {"task", Value::string(reason.task)},
                                 {"since", Value::string(to_iso8601(reason.since))},
                                 {"due", reason.due ? Value::string(to_iso8601(*reason.due)) : Value{}},
                                 {"what", Value::string(reason.what)},
                                 {"release", Value::string(reason.release)},
                                 {"wakes", Value::boolean(reason.wakes)}}));
  }
  return Value::array(std::move(all));
}

std::optional<WorkUnderWay> work_in(const std::map<RunId, WorkUnderWay>& work, const RunId& run) {
  const auto it = work.find(run);
  return it == work.end() ? std::nullopt : std::optional(it->second);
}

/// Looks at every open run, a slice at a time on the engine's thread, where what is recorded and what is under way are
/// of one moment.
class Examination : public std::enable_shared_from_this<Examination> {
 public:
  Examination(boost::asio::io_context& io, Engine& engine, Answer answer)
      : io_(io), engine_(engine), answer_(std::move(answer)) {}

  void begin() {
    const auto listed = engine_.log().each_open_run([this](const RunSummary& summary) {
      open_.push_back(summary.id);
      return true;
    });
    if (!listed) add_unreadable("", listed.error());  // the others were visited
    go_on();
  }
  void stop() { answer_ = nullptr; }

 private:
  void go_on() {
    boost::asio::post(io_, [self = shared_from_this()] {
      if (!self->answer_) return;
      self->look_at_slice();
      if (self->next_ == self->open_.size()) {
        std::exchange(self->answer_, nullptr)(self->findings(), true);
      } else {
        self->answer_(Value::object({{"progress", Value::unsigned_integer(self->next_)}}), false);
        self->go_on();
      }
    });
  }

  void look_at_slice() {
    const std::size_t end = std::min(open_.size(), next_ + k_slice);
    const auto slice = std::span(open_).subspan(next_, end - next_);
    std::vector<RunState> states;
    for (const auto& run : slice) {
      if (auto state = fold_run(engine_.log(), run)) {
        states.push_back(std::move(state.value()));
      } else {
        add_unreadable(run.to_string(), state.error());
      }
    }
    const auto work = engine_.work_on(states);
    for (const auto& state : states) {
      if (auto looked = look_at(state, work_in(work, state.id)); !looked) {
        add_unreadable(state.id.to_string(), looked.error());
      }
    }
    next_ = end;
  }

  Result<void> look_at(const RunState& state, const std::optional<WorkUnderWay>& work) {
    CAIRN_TRY(const auto reasons, reasons_of(engine_.log(), state, work));
    if (reasons.empty()) return success();  // it has ended since
    ++looked_at_;
    std::array<bool, k_kinds> seen{};
    bool stuck = false;
    for (const auto& reason : reasons) {
      stuck |= !reason.wakes;
      if (!std::exchange(seen.at(static_cast<std::size_t>(reason.kind)), true)) {
        ++counts_.at(static_cast<std::size_t>(reason.kind));
      }
    }
    if (stuck) add_stuck(state.id.to_string(), state.workflow.to_string(), reasons);
    return success();
  }

  /// What cannot be read will not be woken, and hides nothing else.
  void add_unreadable(const std::string& run, const Error& error) {
    Reason reason;
    reason.what = error.to_string();
    reason.release = "cairn log verify names the damage; restore a backup";
    reason.wakes = false;
    ++looked_at_;
    ++counts_.at(static_cast<std::size_t>(reason.kind));
    add_stuck(run, "", {reason});
  }

  void add_stuck(const std::string& run, const std::string& workflow, const std::vector<Reason>& reasons) {
    if (stuck_.size() == k_listed) {
      ++left_out_;
      return;
    }
    stuck_.push_back(Value::object(
        {{"run", Value::string(run)}, {"workflow", Value::string(workflow)}, {"reasons", reasons_view(reasons)}}));
  }

  Value findings() {
    std::vector<Member> reasons;
    for (std::size_t kind = 0; kind < k_kinds; ++kind) {
      if (counts_.at(kind) == 0) continue;
      reasons.push_back(
          {std::string(name_of(static_cast<Reason::Kind>(kind))), Value::unsigned_integer(counts_.at(kind))});
    }
    return Value::object({{"doctor", Value::object({{"open", Value::unsigned_integer(looked_at_)},
                                                    {"reasons", Value::object(std::move(reasons))},
                                                    {"stuck", Value::array(std::move(stuck_))},
                                                    {"stuckLeftOut", Value::unsigned_integer(left_out_)}})}});
  }

  static constexpr std::size_t k_kinds = static_cast<std::size_t>(Reason::Kind::nothing) + 1;

  boost::asio::io_context& io_;
  Engine& engine_;
  Answer answer_;
  std::vector<RunId> open_;
  std::size_t next_ = 0;
  std::uint64_t looked_at_ = 0;
  std::array<std::uint64_t, k_kinds> counts_{};
  Array stuck_;
  std::uint64_t left_out_ = 0;
};

class ExaminationExchange final : public Exchange {
 public:
  explicit ExaminationExchange(std::shared_ptr<Examination> examination) : examination_(std::move(examination)) {}
  ExaminationExchange(const ExaminationExchange&) = delete;
  ExaminationExchange& operator=(const ExaminationExchange&) = delete;
  ~ExaminationExchange() override { examination_->stop(); }

 private:
  std::shared_ptr<Examination> examination_;
};

}  // namespace

Result<Value> Service::Impl::why(const Value& request) const {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(const auto state, fold_run(log(), run));
  CAIRN_TRY(const auto summary, log().summary(run));
  const auto work = engine.work_on(std::span(&state, 1));
  CAIRN_TRY(const auto reasons, reasons_of(log(), state, work_in(work, run)));
  return Value::object({{"run", summary_view(*summary, engine.hosts(run))}, {"reasons", reasons_view(reasons)}});
}

Service::Impl::Opened Service::Impl::doctor(const Answer& answer) {
  auto examination = std::make_shared<Examination>(io, engine, answer);
  examination->begin();
  return std::make_unique<ExaminationExchange>(std::move(examination));
}

}  // namespace cairn
