#include "tests/simulation/bus_history.h"

#include "engine/runtime/listeners.h"
#include "workflows/cloudevents/formats.h"

namespace cairn::simulation {

std::pair<std::string, std::string> BusHistory::id_of(const Value& event) {
  return {std::string(cloud_event_text(event, "source")), std::string(cloud_event_text(event, "id"))};
}

void BusHistory::became_durable(const AppendBatch& batch) {
  for (const auto& event : batch.published) {
    const std::uint64_t position = number_of(event.position);
    trace_.line("bus {} {} {}", position, cloud_event_text(event.event, "type"), cloud_event_text(event.event, "id"));
    if (position != head() + 1) trace_.violated("event {} is published after event {}", position, head());
    const auto [before, is_new] = ids_.try_emplace(id_of(event.event), position);
    if (!is_new) trace_.violated("event {} was published before, as {}", position, before->second);
    published_[position] = event.event;
  }
}

void BusHistory::check_event(const RunId& run, const Event& event) {
  if (const auto* emitted = std::get_if<EventEmitted>(&event);
      emitted != nullptr && !ids_.contains(id_of(emitted->event))) {
    trace_.violated("{}: has emitted an event that is not on the bus", trace_.name(run));
  }
  const auto* consumed = std::get_if<EventConsumed>(&event);
  if (consumed == nullptr) return;
  const auto there = published_.find(consumed->position);
  if (there == published_.end()) {
    trace_.violated("{}: consumes event {}, which was never published", trace_.name(run), consumed->position);
  } else if (!(there->second == consumed->event)) {
    trace_.violated("{}: consumes event {}, and it is another", trace_.name(run), consumed->position);
  }
  if (!consumed_.emplace(run, consumed->frame, consumed->position).second) {
    trace_.violated("{}: task {} consumes event {} twice", trace_.name(run), number_of(consumed->frame),
                    consumed->position);
  }
}

void BusHistory::check_listeners(const RunState& state, const AppendRecord& append) {
  for (const auto& gone : append.unlistens) {
    if (listeners_.erase(gone) == 0) trace_.violated("{}: ends to listen and did not", trace_.name(state.id));
  }
  for (const auto& listen : append.listens) {
    listeners_.insert(listen.listener);
    asked_.emplace(listen.listener.shape, listen.listener.key);
  }
  std::set<Listener> indexed;
  for (const auto& listener : listeners_) {
    if (listener.run == state.id) indexed.insert(listener);
  }
  const auto rows = listeners_of(state);
  if (indexed != std::set<Listener>(rows.begin(), rows.end())) {
    trace_.violated("{}: after event {} the index has {} listeners, and {} listen", trace_.name(state.id),
                    number_of(state.last), indexed.size(), rows.size());
  }
}

void BusHistory::check_none_lost(const RunState& state, const Machine& machine) const {
  for (const auto& [id, frame] : state.frames) {
    if (!is_listening(state, id)) continue;
    // What a task with `since: listen` found there is not its business; it is not known here when it began.
    const auto* body = std::get_if<ListenBody>(&machine.find(frame.task)->body);
    if (body == nullptr || !body->since_run) continue;
    for (auto at = published_.upper_bound(state.events_after); at != published_.end(); ++at) {
      Stimulus arrived;
      arrived.what = EventArrived{id, at->first, at->second};
      if (machine.decide(state, arrived).nothing()) continue;
      trace_.violated("{}: task {} listens and was not told of event {}", trace_.name(state.id), number_of(id),
                      at->first);
      return;
    }
  }
}

void BusHistory::check_log(const EventLog& log) const {
  const auto ends = log.bus();
  if (!ends || number_of(ends.value().head) != head()) {
    trace_.violated("the log's bus ends elsewhere than at event {}", head());
    return;
  }
  std::uint64_t at = 0;
  const auto read = log.each_bus_event(BusPosition{}, [&](const BusEvent& event) {
    ++at;
    if (number_of(event.position) != at || !(published_.at(at) == event.event)) {
      trace_.violated("the log has another event at {}", at);
    }
    return true;
  });
  if (!read || at != head()) trace_.violated("the log has {} events, {} became durable", at, head());
  std::set<Listener> indexed;
  for (const auto& [shape, key] : asked_) {
    const auto listed = log.each_listener({shape, key, {}, {}}, [&](const Listener& listener, BusPosition) {
      indexed.insert(listener);
      return true;
    });
    if (!listed) trace_.violated("the index of listeners cannot be read");
  }
  if (indexed != listeners_) {
    trace_.violated("the log's index has {} listeners, and {} listen", indexed.size(), listeners_.size());
  }
}

bool BusHistory::is_at(const Value& event, BusPosition position) const {
  const auto there = ids_.find(id_of(event));
  return there != ids_.end() && there->second == number_of(position);
}

}  // namespace cairn::simulation
