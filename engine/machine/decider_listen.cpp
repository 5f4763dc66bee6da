// listen: subscriptions, events that arrive, `until`, and `foreach`.

#include "engine/machine/decider.h"
#include "engine/machine/event_filter.h"
#include "workflows/program/cloud_event.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

Value object_of(const Expectations& values) {
  if (values.empty()) return {};
  std::vector<Member> members;
  for (const auto& [name, value] : values) members.push_back({name, value});
  return Value::object(std::move(members));
}

/// What `until` looks at: the output as it would be now, with the events that wait for `foreach`.
Value so_far(const Listening& task) {
  Array all(task.outputs.begin(), task.outputs.end());
  for (const auto& item : task.waiting) all.push_back(item.value);
  return Value::array(std::move(all));
}

}  // namespace

void Decider::begin_body(const ListenBody& body, const Node&, EventSeq id) {
  const Frame& frame = frame_of(id);
  auto known = expectations(program_, body.to, evaluator_, frame.input, variables_of(frame));
  if (!known) {
    fault_at(id, known.error());
    return;
  }
  ListenStarted started;
  started.frame = id;
  started.subscriptions = subscriptions_of(program_, body.to, known.value());
  if (body.since_run) started.after = state_.events_after;
  started.read = body.read;
  started.iterates = body.foreach.has_value();
  started.forgets = body.to.forever;
  started.correlations = object_of(known.value());
  emit(std::move(started));
  if (is_satisfied(program_, body.to.events, {})) {  // `all` of nothing
    emit(ListenClosed{id});
    go_on_listening(id);
  }
}

void Decider::receive(const EventArrived& arrived) {
  const EventSeq id = arrived.listen;
  const Frame* frame = state_.find_frame(id);
  if (frame == nullptr || !frame->listening || frame->listening->closed || is_doomed(id)) return;
  const auto* body = std::get_if<ListenBody>(&node_of(*frame).body);
  if (body == nullptr || arrived.position <= frame->listening->seen || was_consumed(arrived.position, id)) return;
  const auto match = match_event(program_, body->to, arrived.event, frame->listening->matched,
                                 frame->listening->correlations, evaluator_, variables_of(*frame));
  if (!match) return;
  emit(EventConsumed{id, arrived.position, program_.filter(match->filter).pointer, arrived.event, match->until,
                     object_of(match->settled)});

  const Listening& task = *frame_of(id).listening;
  if (task.outputs.size() + task.waiting.size() > k_listen_events || task.bytes > k_listen_bytes) {
    too_many_events(id);
    return;
  }
  if (match->until) {
    if (is_satisfied(program_, *body->to.until_events, task.matched)) emit(ListenClosed{id});
  } else {
    close_if_ended(id, *body);
  }
  go_on_listening(id);
}

void Decider::close_if_ended(EventSeq id, const ListenBody& body) {
  const Frame& frame = frame_of(id);
  if (frame.listening->closed || body.to.forever || body.to.until_events) return;
  if (!body.to.until) {
    if (is_satisfied(program_, body.to.events, frame.listening->matched)) emit(ListenClosed{id});
    return;
  }
  auto ended = evaluator_.condition(*body.to.until, so_far(*frame.listening), variables_of(frame));
  if (!ended) {
    Problem problem = ended.error();
    problem.instance = frame.task;
    close_with(id, std::move(problem));
  } else if (ended.value()) {
    emit(ListenClosed{id});
  }
}

void Decider::too_many_events(EventSeq id) {
  Problem problem = make_problem(
      StandardError::runtime, "Too many events",
      "a listen task keeps " + std::to_string(k_listen_events) + " events or " + std::to_string(k_listen_bytes >> 20U) +
          " MiB at most, of those it has consumed for its output and those that wait for `foreach`; to listen without "
          "end, work on each with `foreach` and say `until: ${ false }`: then none is kept");
  problem.instance = frame_of(id).task;
  close_with(id, std::move(problem));
}

void Decider::close_with(EventSeq id, Problem problem) {
  emit(ListenClosed{id});
  Work work;
  work.kind = Work::Kind::fault;
  work.frame = id;
  work.value = problem.to_value();
  work_.push_back(std::move(work));
}

/// Whether an error is about to end the frame or one around it.
bool Decider::is_doomed(EventSeq id) const {
  for (const Frame* frame = state_.find_frame(id); frame != nullptr; frame = state_.find_frame(frame->parent)) {
    const auto faults = [&](const Work& work) { return work.kind == Work::Kind::fault && work.frame == frame->id; };
    if (std::ranges::any_of(work_, faults)) return true;
  }
  return false;
}

/// Whether a task of this run had the event before this one began to listen.
bool Decider::was_consumed(std::uint64_t position, EventSeq listen) const {
  if (position <= state_.consumed_floor) return true;
  const auto found = state_.consumed.find(position);
  return found != state_.consumed.end() && found->second < listen;
}

void Decider::go_on_listening(EventSeq id) {
  const auto is_there = [&](const Work& work) { return work.kind == Work::Kind::next_item && work.frame == id; };
  if (std::ranges::any_of(work_, is_there)) return;
  Work work;
  work.kind = Work::Kind::next_item;
  work.frame = id;
  work_.push_back(std::move(work));
}

// ---- foreach
// -----------------------------------------------------------------------------------------------------------

void Decider::next_item(EventSeq id) {
  const Frame& frame = frame_of(id);
  const Listening& task = *frame.listening;
  if (task.busy) return;
  if (task.waiting.empty()) {
    if (task.closed) complete(id, Value::array(Array(task.outputs.begin(), task.outputs.end())));
    return;
  }
  const auto& body = std::get<ListenBody>(node_of(frame).body);
  emit(IterationStarted{id, frame.index ? *frame.index + 1 : 0});
  if (body.foreach->tasks && !program_.list(*body.foreach->tasks).empty()) {
    enter_list(*body.foreach->tasks, id, frame_of(id).input);
  } else {
    item_done(id, task.waiting.front().value);
  }
}

void Decider::item_done(EventSeq id, Value raw_output) {
  const Frame& frame = frame_of(id);
  const auto& body = std::get<ListenBody>(node_of(frame).body);
  auto produced = produce(body.foreach->output, body.foreach->exported, std::move(raw_output), frame, "item");
  if (!produced) {
    fault_at(id, produced.error());
    return;
  }
  emit(ItemCompleted{id, std::move(produced.value().output), std::move(produced.value().context)});
  const Listening& task = *frame_of(id).listening;
  if (task.bytes > k_listen_bytes) {
    too_many_events(id);
    return;
  }
  if (body.to.until) close_if_ended(id, body);
  go_on_listening(id);
}

}  // namespace cairn
