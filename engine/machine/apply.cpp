#include "engine/machine/apply.h"

#include "workflows/program/cloud_event.h"

#include <algorithm>

namespace cairn {
namespace {

/// Where a frame's tasks are counted: inside a try, or on a try itself.
bool counts_visits(const Frame& frame) { return frame.kind == "try" || !frame.visit.empty(); }

/// The outermost try around `frame` (or itself), which remembers idempotency keys across attempts.
Frame* outermost_try(RunState& state, EventSeq id) {
  Frame* found = nullptr;
  while (true) {
    const auto it = state.frames.find(id);
    if (it == state.frames.end()) return found;
    if (it->second.kind == "try") found = &it->second;
    id = it->second.parent;
  }
}

/// Which of a loop's rounds the tasks of `frame` belong to. Of a listen task it is the event that counts: after a retry, the
/// first event is another one.
std::string place_in(const Frame& frame) {
  if (frame.listening && !frame.listening->waiting.empty()) {
    return "[@" + std::to_string(frame.listening->waiting.front().position) + "]";
  }
  return frame.index ? "[" + std::to_string(*frame.index) + "]" : "";
}

void merge(const Value& settled, std::map<std::string, Value, std::less<>>& into) {
  if (!settled.is_object()) return;
  for (const auto& [name, value] : settled.as_object()) into.insert_or_assign(name, value);
}

void drop_frame(RunState& state, EventSeq id) {
  state.frames.erase(id);
  std::erase_if(state.timers, [id](const auto& entry) { return entry.second.frame == id; });
  std::erase_if(state.effects, [id](const auto& entry) { return entry.second.frame == id; });
  std::erase_if(state.children, [id](const auto& entry) { return entry.second.frame == id; });
}

void store_branch_output(RunState& state, EventSeq parent, std::optional<std::uint32_t> branch, const Value& output) {
  if (!branch) return;
  if (const auto it = state.frames.find(parent); it != state.frames.end()) it->second.branch_outputs[*branch] = output;
}

void end_run(RunState& state, Ending ending, Timestamp at) {
  state.ending = ending;
  state.ended_at = at;
  state.suspended_at.reset();
  state.frames.clear();
  state.timers.clear();
  state.parked.clear();
  state.consumed.clear();
  std::erase_if(state.effects, [](const auto& entry) { return entry.second.frame != k_no_event; });
  std::erase_if(state.children, [](const auto& entry) { return entry.second.frame != k_no_event; });
}

/// One overload an event: small, total, the only writers of RunState.
struct Applier {
  RunState& state;
  EventSeq seq;
  Timestamp at;

  Frame* frame(EventSeq id) const {
    const auto it = state.frames.find(id);
    return it == state.frames.end() ? nullptr : &it->second;
  }

  void operator()(const RunStarted& e) const {
    state.workflow = e.workflow;
    state.definition = e.definition;
    state.input = e.input;
    state.data = e.data;
    state.context = e.data;
    state.key = e.key;
    state.priority = e.priority;
    state.parent = e.parent;
    state.limit_keys = e.limit_keys;
    state.retry_of = e.retry_of;
    state.events_after = e.events_after;
    state.metadata = e.metadata;
    state.started_at = at;
  }
  void operator()(const RunSuspended&) const { state.suspended_at = at; }
  void operator()(const RunContinued&) const {
    if (!state.suspended_at) return;
    // Timers stood still meanwhile: each goes on with what was left of it.
    const auto pause = std::max<std::int64_t>(0, at.ms - state.suspended_at->ms);
    for (auto& [id, timer] : state.timers) timer.due.ms += pause;
    state.suspended_at.reset();
  }
  void operator()(const RunCompleted& e) const {
    end_run(state, Ending::completed, at);
    state.output = e.output;
  }
  void operator()(const RunFaulted& e) const {
    end_run(state, Ending::faulted, at);
    state.problem = e.problem;
  }
  void operator()(const RunCancelled& e) const {
    end_run(state, Ending::cancelled, at);
    state.cancel_reason = e.reason;
  }
  void operator()(const CommandRefused&) const {}
  void operator()(const Yielded& e) const {
    if (!e.work.is_array()) return;
    state.parked = e.work.as_array();
  }
  void operator()(const TaskStarted& e) const {
    Frame started;
    started.id = seq;
    started.parent = e.parent;
    started.task = e.task;
    started.kind = e.kind;
    started.raw_input = e.raw_input;
    started.input = e.input;
    started.started_at = at;
    started.branch = e.branch;
    started.extensions = e.extensions;
    if (Frame* parent = frame(e.parent); parent != nullptr && counts_visits(*parent)) {
      auto& count = parent->visits_begun[e.task];
      started.visit = parent->visit;
      started.visit += place_in(*parent);
      started.visit += e.task + "#" + std::to_string(count++);
    }
    state.frames.emplace(seq, std::move(started));
  }
  void operator()(const TaskSkipped& e) const { store_branch_output(state, e.parent, e.branch, e.input); }
  void operator()(const TaskCompleted& e) const {
    if (e.context) state.context = *e.context;
    if (const Frame* ended = frame(e.frame)) store_branch_output(state, ended->parent, ended->branch, e.output);
    drop_frame(state, e.frame);
  }
  void operator()(const AfterStarted& e) const {
    Frame* done = frame(e.frame);
    if (done == nullptr) return;
    if (e.context) state.context = *e.context;
    done->leaving = true;
    done->raw_output = e.raw_output;
    done->then = e.then;
    std::erase_if(state.timers, [&](const auto& entry) {
      return entry.second.frame == e.frame && entry.second.purpose == TimerStarted::Purpose::attempt_timeout;
    });
  }
  void operator()(const TaskFaulted& e) const { drop_frame(state, e.frame); }
  void operator()(const TaskCancelled& e) const { drop_frame(state, e.frame); }
  void operator()(const LoopStarted& e) const {
    if (Frame* loop = frame(e.frame)) loop->items = e.items;
  }
  void operator()(const IterationStarted& e) const {
    if (Frame* loop = frame(e.frame)) {
      loop->index = e.index;
      loop->visits_begun.clear();
      if (loop->listening) loop->listening->busy = true;
    }
  }
  void operator()(const ErrorCaught& e) const {
    Frame* guard = frame(e.frame);
    if (guard == nullptr) return;
    guard->caught = e.problem;
    guard->handling = e.handling == ErrorCaught::Handling::handle;
    guard->backing_off = e.handling == ErrorCaught::Handling::retry;
    std::erase_if(state.timers, [&](const auto& entry) {
      return entry.second.frame == e.frame && entry.second.purpose == TimerStarted::Purpose::attempt_timeout;
    });
  }
  void operator()(const AttemptStarted& e) const {
    Frame* guard = frame(e.frame);
    if (guard == nullptr) return;
    guard->attempt = e.attempt;
    guard->backing_off = false;
    guard->caught.reset();
    guard->visits_begun.clear();
  }
  void operator()(const TimerStarted& e) const { state.timers.emplace(seq, PendingTimer{e.frame, e.purpose, e.due}); }
  void operator()(const TimerFired& e) const {
    const auto timer = state.timers.find(e.timer);
    if (timer == state.timers.end()) return;
    const auto [owner, purpose, due] = timer->second;
    state.timers.erase(timer);
    Frame* asking = frame(owner);
    if (asking == nullptr || !asking->approval) return;
    if (purpose == TimerStarted::Purpose::approval_reminder) ++asking->approval->reminders;
    if (purpose == TimerStarted::Purpose::approval_escalation) asking->approval->escalated = true;
    if (purpose == TimerStarted::Purpose::approval_deadline) close(*asking);
  }
  /// Nobody is asked any more.
  void close(Frame& asking) const {
    using Purpose = TimerStarted::Purpose;
    asking.approval->closed = true;
    std::erase_if(state.timers, [&](const auto& entry) {
      const auto purpose = entry.second.purpose;
      return entry.second.frame == asking.id &&
             (purpose == Purpose::approval_reminder || purpose == Purpose::approval_escalation ||
              purpose == Purpose::approval_deadline);
    });
  }
  void operator()(const ApprovalRequested& e) const {
    if (Frame* asking = frame(e.frame)) asking->approval = Approval{e.request};
  }
  void operator()(const ApprovalAnswered& e) const {
    if (Frame* asking = frame(e.frame); asking != nullptr && asking->approval) close(*asking);
  }
  void operator()(const EffectScheduled& e) const {
    const EventSeq key = e.key == k_no_event ? seq : e.key;
    state.effects.emplace(seq, PendingEffect{e.frame, e.task, e.connector, e.request, e.confidential, e.scope, key,
                                             e.at_most_once, at, e.limit_keys});
    const Frame* owner = frame(e.frame);
    if (owner == nullptr || owner->visit.empty()) return;
    if (Frame* guard = outermost_try(state, e.frame)) guard->effect_keys.emplace(owner->visit, key);
  }
  void operator()(const EffectCompleted& e) const { state.effects.erase(e.effect); }
  void operator()(const EffectFailed& e) const { state.effects.erase(e.effect); }
  void operator()(const EventEmitted&) const {}
  void operator()(const ChildStarted& e) const {
    if (e.frame != k_no_event) state.children.emplace(e.child, PendingChild{e.frame, e.task});
    if (state.ending == Ending::faulted) state.fault_handler = e.child;  // what a run starts after it has faulted
  }
  void operator()(const ChildCompleted& e) const { state.children.erase(e.child); }
  void operator()(const ChildFailed& e) const { state.children.erase(e.child); }
  void operator()(const PriorityChanged& e) const {
    state.priority = e.priority;
    state.priority_changed = true;
  }

  Listening* listening(EventSeq id) const {
    Frame* found = frame(id);
    return found == nullptr || !found->listening ? nullptr : &*found->listening;
  }
  void operator()(const ListenStarted& e) const {
    Frame* owner = frame(e.frame);
    if (owner == nullptr) return;
    Listening begun;
    begun.subscriptions = e.subscriptions;
    begun.read = e.read;
    begun.iterates = e.iterates;
    begun.forgets = e.forgets;
    merge(e.correlations, begun.correlations);
    owner->listening = std::move(begun);
  }
  void operator()(const EventConsumed& e) const {
    state.consumed.try_emplace(e.position, seq);
    while (state.consumed.size() > k_consumed_positions) {
      state.consumed_floor = std::max(state.consumed_floor, state.consumed.begin()->first);
      state.consumed.erase(state.consumed.begin());
    }
    Listening* task = listening(e.frame);
    if (task == nullptr) return;
    task->seen = std::max(task->seen, e.position);
    task->matched.insert(e.filter);
    merge(e.correlations, task->correlations);
    if (e.until || (task->forgets && !task->iterates)) return;
    Value item = read_event(e.event, task->read);
    task->bytes += item.approximate_bytes();
    if (task->iterates) {
      task->waiting.push_back({e.position, std::move(item)});
    } else {
      task->outputs.push_back(std::move(item));
    }
  }
  void operator()(const ItemCompleted& e) const {
    if (e.context) state.context = *e.context;
    Listening* task = listening(e.frame);
    if (task == nullptr || task->waiting.empty()) return;
    task->busy = false;
    task->bytes -= task->waiting.front().value.approximate_bytes();
    task->waiting.pop_front();
    if (task->forgets) return;
    task->bytes += e.output.approximate_bytes();
    task->outputs.push_back(e.output);
  }
  void operator()(const ListenClosed& e) const {
    if (Listening* task = listening(e.frame)) task->closed = true;
  }
};

}  // namespace

void apply(RunState& state, const Event& event, Timestamp at) {
  state.last = next_of(state.last);
  state.updated_at = at;
  // Work left by a yield is taken up by the step that follows it; if that step leaves work too, its own Yielded says
  // so.
  state.parked.clear();
  std::visit(Applier{state, state.last, at}, event);
}

}  // namespace cairn
