#include "engine/runtime/reasons.h"

#include "engine/machine/approval.h"
#include "engine/runtime/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

class Gathering {
 public:
  Gathering(const EventLog& log, const RunState& state, const std::optional<WorkUnderWay>& work)
      : log_(log), state_(state), work_(work) {}

  Result<std::vector<Reason>> all() {
    if (work_ && work_->deciding && work_->trouble) {
      add(Reason::Kind::steps, "", state_.updated_at, "a step cannot be recorded: " + work_->trouble->message,
          work_->trouble->remedy, true);
      return std::move(reasons_);
    }
    if (work_ && work_->deciding) {
      add(Reason::Kind::steps, "", state_.updated_at, "a step is being decided or recorded", "it is done", true);
      return std::move(reasons_);
    }
    add_owner();
    if (state_.suspended_at) {
      add(Reason::Kind::person, "", *state_.suspended_at, "it is suspended", "cairn continue " + state_.id.to_string(),
          true);
    }
    for (const auto& [id, timer] : state_.timers) add_timer(id, timer);
    for (const auto& [id, effect] : state_.effects) add_effect(id, effect);
    for (const auto& [id, frame] : state_.frames) add_listen(id, frame);
    for (const auto& [id, frame] : state_.frames) add_approval(id, frame);
    for (const auto& [child, pending] : state_.children) {
      CAIRN_TRY(add_child(child, pending));
    }
    if (!state_.parked.empty()) {
      add(Reason::Kind::steps, "", state_.updated_at, "steps are left to be decided",
          state_.suspended_at ? "it continues" : "it goes on by itself", rests());
    }
    const bool waits = std::ranges::any_of(reasons_, [](const Reason& r) { return r.kind != Reason::Kind::owner; });
    if (!waits && !state_.ended()) {
      add(Reason::Kind::nothing, "", state_.updated_at, "nothing that was recorded says what it waits for",
          "please report this as a bug, with: cairn events " + state_.id.to_string(), false);
    }
    return std::move(reasons_);
  }

 private:
  /// Nothing has to be under way here: another process, or an operator, sees to that first.
  [[nodiscard]] bool rests() const { return !work_ || state_.suspended_at.has_value(); }

  Reason& add(Reason::Kind kind, std::string task, Timestamp since, std::string what, std::string release, bool wakes) {
    return reasons_.emplace_back(
        Reason{kind, std::move(task), since, std::nullopt, std::move(what), std::move(release), wakes});
  }

  void add_owner() {
    if (work_ || (state_.ended() && state_.effects.empty())) return;
    add(Reason::Kind::owner, "", state_.updated_at, "no process works on it", "cairn resume " + state_.id.to_string(),
        true);
  }

  [[nodiscard]] std::string task_of(EventSeq frame) const {
    const Frame* found = state_.find_frame(frame);
    return found == nullptr ? std::string() : found->task;
  }

  void add_timer(EventSeq id, const PendingTimer& timer) {
    using Purpose = TimerStarted::Purpose;
    const bool is_delay = timer.purpose == Purpose::start_delay;
    if (timer.purpose != Purpose::wait && timer.purpose != Purpose::retry && !is_delay) return;
    const Frame* frame = state_.find_frame(timer.frame);
    const bool is_retry = timer.purpose == Purpose::retry;
    std::string what = is_delay ? "the time to begin (metadata.cairn.debounce)" : "its time";
    if (is_retry && frame != nullptr) {
      what = fmt::format("the delay before attempt {}", frame->attempt + 1);
      if (frame->caught) what += ", after " + brief_problem(*frame->caught);
    }
    std::string release = "its time comes";
    if (state_.suspended_at) {  // which stops the clock
      release = "it continues, and then for " + brief_duration(timer.due.ms - state_.suspended_at->ms);
    }
    Reason& reason = add(is_retry ? Reason::Kind::retry : Reason::Kind::timer, task_of(timer.frame),
                         frame == nullptr ? state_.updated_at : frame->started_at, std::move(what), std::move(release),
                         rests() || work_->armed.contains(id));
    if (!state_.suspended_at) reason.due = timer.due;
  }

  void add_effect(EventSeq id, const PendingEffect& effect) {
    const bool queued = work_ && work_->queued.contains(id);
    const bool running = work_ && work_->running.contains(id);
    const std::string awaited = effect.frame == k_no_event ? ", which no task waits for" : "";
    const auto wait = work_ ? work_->waits.find(id) : std::map<EventSeq, Admission::Wait>::const_iterator();
    const bool is_known = work_ && wait != work_->waits.end();
    Reason& reason =
        is_known ? add(Reason::Kind::slot, effect.task, effect.scheduled_at,
                       place_in(wait->second, effect.connector) + awaited, release_of(wait->second), true)
        : queued ? add(Reason::Kind::slot, effect.task, effect.scheduled_at,
                       "its turn among the effects, for " + effect.connector + awaited, "its turn comes", true)
                 : add(Reason::Kind::effect, effect.task, effect.scheduled_at,
                       "the answer of " + effect.connector + awaited, "it answers or fails", rests() || running);
    reason.due = deadline_of(effect.frame);
  }

  /// One that takes no more events has tasks under way, or is about to end.
  void add_listen(EventSeq id, const Frame& frame) {
    if (!frame.listening || frame.listening->closed) return;
    const Listening& task = *frame.listening;
    std::string what = "an event: " + awaited_types(task.subscriptions);
    if (!task.correlations.empty()) {
      what += ", with";
      for (const auto& [name, value] : task.correlations) what += " " + name + " " + brief_json(value);
    }
    const auto count = task.outputs.size() + task.waiting.size();
    if (count > 0) what += fmt::format("; {} so far", count);
    add(Reason::Kind::event, frame.task, frame.started_at, std::move(what),
        "such an event is published (cairn event send)", true)
        .due = deadline_of(id);
  }

  void add_approval(EventSeq id, const Frame& frame) {
    if (!is_open(frame)) return;
    std::string whom;
    for (const auto& name : asked_by(*frame.approval)) whom += (whom.empty() ? " by " : " or ") + name;
    add(Reason::Kind::approval, frame.task, frame.started_at,
        "an approval" + whom + ": " + brief_text(frame.approval->request.get("title").as_string()),
        "it is answered (cairn approvals " + state_.id.to_string() + ")", true)
        .due = deadline_of(id);
  }

  static std::string place_in(const Admission::Wait& wait, const std::string& connector) {
    return fmt::format("a place of {} ({}), for {}: number {} of its namespace, {} wait", to_string(wait.name),
                       to_string(wait.limit), connector, wait.ahead + 1, wait.waiting);
  }

  static std::string release_of(const Admission::Wait& wait) {
    if (wait.opens) return "its turn comes; the next may go at " + to_iso8601(*wait.opens);
    const auto most = static_cast<std::size_t>(wait.limit.concurrency.value_or(0));
    if (wait.used < most) return "its turn comes, which is now";
    return fmt::format("its turn comes; the next may go when {} of the {} under way ends", wait.used - most + 1,
                       wait.used);
  }

  /// When the earliest timeout around a visit ends it.
  [[nodiscard]] std::optional<Timestamp> deadline_of(EventSeq frame) const {
    if (state_.suspended_at) return std::nullopt;
    std::set<EventSeq> around;
    for (EventSeq at = frame; at != k_no_event;) {
      const Frame* found = state_.find_frame(at);
      if (found == nullptr) break;
      around.insert(at);
      at = found->parent;
    }
    std::optional<Timestamp> earliest;
    for (const auto& [id, timer] : state_.timers) {
      using Purpose = TimerStarted::Purpose;
      const bool ends_nothing = timer.purpose == Purpose::wait || timer.purpose == Purpose::retry ||
                                timer.purpose == Purpose::start_delay || timer.purpose == Purpose::approval_reminder ||
                                timer.purpose == Purpose::approval_escalation;
      if (ends_nothing) continue;
      const bool ends_it =
          timer.purpose == Purpose::workflow_timeout ? frame != k_no_event : around.contains(timer.frame);
      if (ends_it && (!earliest || timer.due < *earliest)) earliest = timer.due;
    }
    return earliest;
  }

  Result<void> add_child(const RunId& child, const PendingChild& pending) {
    CAIRN_TRY(const auto summary, log_.summary(child));
    const Frame* frame = state_.find_frame(pending.frame);
    const std::string name =
        summary ? summary->workflow.workflow_namespace + "/" + summary->workflow.name + ", " : std::string();
    // One that has ended or was never started, and was not heard of: only going on with this run finds that out.
    const bool wakes = rests() || (summary && !summary->ended_at) || work_->children.contains(child);
    add(Reason::Kind::child, pending.task, frame == nullptr ? state_.updated_at : frame->started_at,
        "workflow " + name + "run " + child.to_string(), "it ends; see cairn why " + child.to_string(), wakes)
        .due = deadline_of(pending.frame);
    return success();
  }

  const EventLog& log_;
  const RunState& state_;
  const std::optional<WorkUnderWay>& work_;
  std::vector<Reason> reasons_;
};

}  // namespace

std::string_view name_of(Reason::Kind kind) {
  switch (kind) {
    case Reason::Kind::owner: return "owner";
    case Reason::Kind::person: return "operator";
    case Reason::Kind::timer: return "timer";
    case Reason::Kind::retry: return "retry";
    case Reason::Kind::effect: return "effect";
    case Reason::Kind::slot: return "slot";
    case Reason::Kind::child: return "child";
    case Reason::Kind::event: return "event";
    case Reason::Kind::approval: return "approval";
    case Reason::Kind::steps: return "steps";
    case Reason::Kind::nothing: break;
  }
  return "nothing";
}

Result<std::vector<Reason>> reasons_of(const EventLog& log, const RunState& state,
                                       const std::optional<WorkUnderWay>& work) {
  return Gathering(log, state, work).all();
}

}  // namespace cairn
