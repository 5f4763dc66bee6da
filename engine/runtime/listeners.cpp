#include "engine/runtime/listeners.h"

#include "engine/machine/approval.h"

namespace cairn {

NewListener listener_of(const RunState& state, EventSeq frame, const Subscription& subscription) {
  NewListener row;
  row.shape = {state.definition, subscription.filter, subscription.type, subscription.key.has_value()};
  row.listener = {row.shape.id(), subscription.key ? hash_of_key(*subscription.key) : 0, state.id, frame};
  return row;
}

bool is_listening(const RunState& state, EventSeq frame) {
  const Frame* found = state.find_frame(frame);
  if (found == nullptr) return false;
  return is_open(*found) || (found->listening && !found->listening->closed);
}

std::vector<Listener> listeners_of(const RunState& state) {
  std::vector<Listener> rows;
  for (const auto& [id, frame] : state.frames) {
    if (!is_listening(state, id)) continue;
    if (frame.approval) {
      rows.push_back(listener_of(state, id, approval_subscription(frame)).listener);
      continue;
    }
    for (const auto& subscription : frame.listening->subscriptions) {
      rows.push_back(listener_of(state, id, subscription).listener);
    }
  }
  return rows;
}

}  // namespace cairn
