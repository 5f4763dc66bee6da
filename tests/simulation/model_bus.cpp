// ModelLog: the bus.

#include "tests/simulation/model_log.h"
#include "workflows/cloudevents/formats.h"

#include <algorithm>

namespace cairn::simulation {
namespace {

std::pair<std::string, std::string> id_of(const BusEvent& event) {
  return {std::string(cloud_event_text(event.event, "source")), std::string(cloud_event_text(event.event, "id"))};
}

}  // namespace

void ModelLog::take_bus(const AppendBatch& batch) {
  for (const auto& append : batch.records) {
    for (const auto& gone : append.unlistens) listeners_.erase(gone);
    for (const auto& listen : append.listens) {
      shapes_[listen.listener.shape] = listen.shape;
      listeners_[listen.listener] = listen.from;
    }
  }
  const BusPosition through = std::min(batch.unpublish, bus_.matched);
  for (const auto& event : batch.published) {
    published_[event.position] = event;
    event_ids_[id_of(event)] = event.position;
    bus_.head = event.position;
  }
  while (!published_.empty() && published_.begin()->first <= through) {
    event_ids_.erase(id_of(published_.begin()->second));
    bus_.first = next_of(published_.begin()->first);
    published_.erase(published_.begin());
  }
  if (batch.matched) bus_.matched = *batch.matched;
}

Result<void> ModelLog::each_bus_event(BusPosition after, const std::function<bool(const BusEvent&)>& visit) const {
  for (auto at = published_.upper_bound(after); at != published_.end() && visit(at->second); ++at) {
  }
  return success();
}

Result<std::optional<BusPosition>> ModelLog::bus_position(std::string_view source, std::string_view id) const {
  const auto known = event_ids_.find({std::string(source), std::string(id)});
  return known == event_ids_.end() ? std::optional<BusPosition>() : std::optional(known->second);
}

Result<void> ModelLog::each_listen_shape(const std::function<bool(const ListenShape&)>& visit) const {
  for (const auto& [id, shape] : shapes_) {
    if (!visit(shape)) break;
  }
  return success();
}

Result<void> ModelLog::each_listener(const Listener& after,
                                     const std::function<bool(const Listener&, BusPosition)>& visit) const {
  for (auto at = listeners_.upper_bound(after); at != listeners_.end(); ++at) {
    if (at->first.shape != after.shape || at->first.key != after.key || !visit(at->first, at->second)) break;
  }
  return success();
}

}  // namespace cairn::simulation
