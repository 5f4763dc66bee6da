#include "engine/machine/apply.h"
#include "engine/machine/decider.h"
#include "engine/machine/limit_keys.h"
#include "engine/machine/status.h"
#include "workflows/core/assert.h"
#include "workflows/core/limits.h"

#include <utility>

namespace cairn {

namespace {

/// What `run.return` makes of a child workflow, which is a process with its output on stdout, its error on stderr, and
/// the exit code 0 or 1. Nothing: the error is the task's.
std::optional<Value> returned(const Node& node, const Value& output, const Problem* problem) {
  const Value wanted = node.definition.get("run").get("return");
  const std::string what = wanted.is_string() ? wanted.as_string() : "stdout";
  const Value code = Value::integer(problem == nullptr ? 0 : 1);
  const Value error = problem == nullptr ? Value{} : problem->to_value();
  if (what == "code") return code;
  if (what == "all") return Value::object({{"code", code}, {"stdout", output}, {"stderr", error}});
  if (problem != nullptr) return std::nullopt;
  return what == "stdout" ? output : Value{};
}

}  // namespace

Decider::Decider(const Machine& machine, RunState& state, const Stimulus& stimulus)
    : machine_(machine),
      program_(machine.program()),
      state_(state),
      stimulus_(stimulus),
      entropy_(stimulus.entropy),
      evaluator_(machine.program(), stimulus.now) {}

Decision Decider::run() {
  for (const auto& parked : state_.parked) {
    auto work = Work::from_value(parked);
    CAIRN_ASSERT(work.has_value(), "work that a yield recorded does not read back");
    work_.push_back(std::move(work.value()));
  }
  const bool had_parked = !work_.empty();
  std::visit([this](const auto& what) { receive(what); }, stimulus_.what);
  if (!state_.ended() && !state_.suspended_at) do_work();
  // A step that changed nothing leaves the parked work where it is.
  const bool changed = !decision_.events.empty();
  if (!work_.empty() && !state_.ended() && (changed || !had_parked)) {
    Array parked;
    for (const auto& item : work_) parked.push_back(item.to_value());
    emit(Yielded{Value::array(std::move(parked))});
    decision_.yielded = true;
  }
  return std::move(decision_);
}

void Decider::do_work() {
  while (!work_.empty() && !state_.ended() && !had_its_share()) {
    Work next = std::move(work_.front());
    work_.pop_front();
    do_one(next);
  }
}

void Decider::do_one(const Work& work) {
  if (work.kind == Work::Kind::enter) {
    if (work.frame == k_no_event || state_.find_frame(work.frame) != nullptr) enter(work);
    return;
  }
  if (state_.find_frame(work.frame) == nullptr) return;  // cancelled since
  switch (work.kind) {
    case Work::Kind::iterate: iterate(work.frame, work.number, work.value); break;
    case Work::Kind::attempt: start_attempt(work.frame, static_cast<std::uint32_t>(work.number)); break;
    case Work::Kind::complete: complete(work.frame, work.value); break;
    case Work::Kind::fault: fault(work.frame, Problem::from_value(work.value)); break;
    case Work::Kind::next_item: next_item(work.frame); break;
    case Work::Kind::enter: break;
  }
}

EventSeq Decider::emit(Event event) {
  std::visit(
      [this](const auto& e) {
        if constexpr (requires { e.output; }) count_bytes(e.output);
        if constexpr (requires { e.input; }) count_bytes(e.input);
        if constexpr (requires { e.items; }) count_bytes(e.items);
        if constexpr (requires { e.request; }) count_bytes(e.request);
        if constexpr (requires { e.position; }) count_bytes(e.event);
      },
      event);
  apply(state_, event, stimulus_.now);
  decision_.events.push_back(std::move(event));
  return state_.last;
}

void Decider::count_bytes(const Value& value) {
  if (value.same_as(last_counted_)) return;
  bytes_ += value.approximate_bytes();
  last_counted_ = value;
}

bool Decider::had_its_share() const {
  return stimulus_.brief || decision_.events.size() >= limits::k_stimulus_events || bytes_ >= limits::k_stimulus_bytes;
}

// ---- stimuli
// ---------------------------------------------------------------------------------------------------------

void Decider::receive(const StartRun& start) {
  CAIRN_ASSERT(!state_.started(), "a run starts once");
  state_.id = start.run;
  RunStarted started;
  started.workflow = program_.identity;
  started.definition = program_.hash;
  started.input = start.input;
  started.data = start.input;
  started.key = start.key;
  started.priority = start.priority;
  started.parent = start.parent;
  started.retry_of = start.retry_of;
  started.events_after = start.bus;
  started.metadata = start.metadata;

  std::optional<Problem> rejected;
  if (program_.input.schema) {
    if (auto conforms = evaluator_.conforms(*program_.input.schema, start.input, "workflow input"); !conforms) {
      rejected = conforms.error();
    }
  }
  // The descriptor of the workflow is read from the state, which does not hold the run yet.
  RunState preview;
  preview.id = start.run;
  preview.input = start.input;
  preview.metadata = start.metadata;
  preview.started_at = stimulus_.now;
  const TaskVariables variables(machine_, preview, nullptr, k_no_event, stimulus_.now);
  if (!rejected && program_.input.transform) {
    auto data = evaluator_.fill(*program_.input.transform, start.input, variables);
    if (data) {
      started.data = std::move(data.value());
    } else {
      rejected = data.error();
    }
  }
  if (rejected) {
    rejected->instance = "/input";
  } else {
    auto keys = limit_keys(program_.scheduling, program_.singleton, evaluator_, started.data, variables,
                           "/document/metadata/cairn");
    if (keys) {
      started.limit_keys = std::move(keys.value());
    } else {
      rejected = std::move(keys.error());
    }
  }
  emit(std::move(started));
  if (rejected) {
    fault_run(*rejected);
    return;
  }
  if (program_.singleton && program_.singleton->mode == SingletonSpec::Mode::debounce) {
    emit(TimerStarted{k_no_event, TimerStarted::Purpose::start_delay,
                      Timestamp{stimulus_.now.ms + program_.singleton->period_ms}});
    return;
  }
  begin_tasks();
}

void Decider::begin_tasks() {
  if (program_.timeout) {
    const TaskVariables begun(machine_, state_, nullptr, k_no_event, stimulus_.now);
    auto limit = evaluator_.duration(*program_.timeout, state_.data, begun);
    if (!limit) {
      limit.error().instance = "/timeout";
      fault_run(limit.error());
      return;
    }
    emit(
        TimerStarted{k_no_event, TimerStarted::Purpose::workflow_timeout, Timestamp{stimulus_.now.ms + limit.value()}});
  }
  enter_list(program_.tasks, k_no_event, state_.data);
}

void Decider::receive(const EffectFinished& finished) {
  const auto it = state_.effects.find(finished.effect);
  if (it == state_.effects.end()) return;
  const PendingEffect effect = it->second;
  Work work;
  work.frame = effect.frame;
  const auto* result = std::get_if<Value>(&finished.outcome);
  if (result != nullptr && result->depth() > limits::k_data_depth) {
    receive(EffectFinished{finished.effect, make_problem(StandardError::communication, "Result nests too deep",
                                                         "the result nests more than " +
                                                             std::to_string(limits::k_data_depth) + " levels deep")});
    return;
  }
  if (result != nullptr) {
    emit(EffectCompleted{finished.effect, *result});
    work.kind = Work::Kind::complete;
    work.value = *result;
  } else {
    Problem problem = std::get<Problem>(finished.outcome);
    if (problem.instance.empty()) problem.instance = effect.task;
    emit(EffectFailed{finished.effect, problem});
    work.kind = Work::Kind::fault;
    work.value = problem.to_value();
  }
  if (effect.frame != k_no_event) work_.push_back(std::move(work));
}

void Decider::receive(const EffectLost& lost) {
  const auto it = state_.effects.find(lost.effect);
  if (it == state_.effects.end()) return;
  receive(EffectFinished{lost.effect, make_problem(StandardError::runtime, "Effect interrupted",
                                                   "cairn stopped while " + it->second.connector +
                                                       " was in flight; the task asks for at-most-once delivery, so it "
                                                       "was not sent again and may or may not have happened")});
}

void Decider::receive(const TimerDue& due) {
  const auto it = state_.timers.find(due.timer);
  // A suspended run's timers stand still; the host asks again when it continues.
  if (it == state_.timers.end() || state_.suspended_at || state_.ended()) return;
  const PendingTimer timer = it->second;
  emit(TimerFired{due.timer});
  if (timer.purpose == TimerStarted::Purpose::workflow_timeout) {
    Problem problem =
        make_problem(StandardError::timeout, "Workflow timed out",
                     "the workflow did not end within its timeout, which was over at " + to_iso8601(timer.due));
    problem.instance = "/";
    cancel_below(k_no_event);
    fault_run(problem);
    return;
  }
  if (timer.purpose == TimerStarted::Purpose::start_delay) return begin_tasks();
  const Frame* frame = state_.find_frame(timer.frame);
  if (frame == nullptr) return;
  Work work;
  work.frame = timer.frame;
  switch (timer.purpose) {
    case TimerStarted::Purpose::wait:
      work.kind = Work::Kind::complete;
      work.value = frame->input;
      break;
    case TimerStarted::Purpose::retry:
      work.kind = Work::Kind::attempt;
      work.number = frame->attempt + 1;
      break;
    case TimerStarted::Purpose::task_timeout: {
      Problem problem =
          make_problem(StandardError::timeout, "Task timed out",
                       "the task did not end within its timeout, which began at " + to_iso8601(frame->started_at));
      problem.instance = frame->task;
      work.kind = Work::Kind::fault;
      work.value = problem.to_value();
      break;
    }
    case TimerStarted::Purpose::attempt_timeout: attempt_timed_out(timer.frame); return;
    case TimerStarted::Purpose::approval_reminder:
    case TimerStarted::Purpose::approval_escalation:
    case TimerStarted::Purpose::approval_deadline: approval_timer_fired(timer); return;
    case TimerStarted::Purpose::workflow_timeout:
    case TimerStarted::Purpose::start_delay: return;
  }
  work_.push_back(std::move(work));
}

void Decider::receive(const ChildFinished& finished) {
  const auto it = state_.children.find(finished.child);
  if (it == state_.children.end()) return;
  const PendingChild child = it->second;
  Work work;
  work.frame = child.frame;
  if (const auto* output = std::get_if<Value>(&finished.outcome)) {
    emit(ChildCompleted{finished.child, *output});
    work.kind = Work::Kind::complete;
    work.value = returned(node_of(frame_of(child.frame)), *output, nullptr).value_or(*output);
  } else {
    // The error is the child's; where it came from in *this* workflow is the task that ran it.
    Problem problem = std::get<Problem>(finished.outcome);
    problem.instance = child.task;
    emit(ChildFailed{finished.child, problem});
    auto value = returned(node_of(frame_of(child.frame)), {}, &problem);
    work.kind = value ? Work::Kind::complete : Work::Kind::fault;
    work.value = value ? *std::move(value) : problem.to_value();
  }
  work_.push_back(std::move(work));
}

void Decider::receive(const OperatorCommand& command) {
  using Kind = OperatorCommand::Kind;
  const auto refuse = [this](std::string_view name, std::string reason) {
    emit(CommandRefused{std::string(name), std::move(reason)});
  };
  const std::string_view name = name_of(command.kind);
  if (state_.ended()) {
    refuse(name, "the run has " + std::string(state_.ending == Ending::cancelled ? "been " : "") +
                     std::string(name_of(status_of(state_))));
    return;
  }
  switch (command.kind) {
    case Kind::cancel:
      cancel_below(k_no_event);
      emit(RunCancelled{command.reason});
      break;
    case Kind::suspend:
      if (state_.suspended_at) {
        refuse(name, "the run is suspended already");
      } else {
        emit(RunSuspended{});
      }
      break;
    case Kind::proceed:
      if (state_.suspended_at) {
        emit(RunContinued{});
      } else {
        refuse(name, "the run is not suspended");
      }
      break;
    case Kind::prioritize: emit(PriorityChanged{command.priority}); break;
  }
}

}  // namespace cairn
