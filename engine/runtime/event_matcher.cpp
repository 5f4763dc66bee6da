#include "engine/runtime/event_matcher.h"

#include "engine/machine/event_filter.h"
#include "workflows/cloudevents/formats.h"

#include <spdlog/spdlog.h>

namespace cairn {
namespace {

/// Listeners that are handed out before the index is asked again.
constexpr std::size_t k_slice = 256;

}  // namespace

void EventMatcher::add(const ListenShape& shape) { shapes_[shape.type].try_emplace(shape.id(), shape); }

void EventMatcher::load() {
  loaded_ = true;
  const auto listed = log_.each_listen_shape([this](const ListenShape& shape) {
    add(shape);
    return true;
  });
  if (!listed) say(listed.error());
}

void EventMatcher::say(const Error& error) {
  std::string text = error.to_string();
  if (text != trouble_) spdlog::error("some who listen may not be told of an event: {}", text);
  trouble_ = std::move(text);
}

void EventMatcher::begin_event() {
  const BusPosition position = next_of(matched_);
  auto event = bus_.at(position);
  if (!event) {
    say(event.error());
    return;
  }
  current_ = std::move(event).value();
  const auto ask = [&](const std::map<ShapeId, ListenShape>& shapes) {
    for (const auto& [id, shape] : shapes) {
      std::uint64_t key = 0;
      if (shape.keyed) {
        const auto machine = machine_of_(shape.definition);
        if (!machine) {
          say(machine.error());
          continue;
        }
        const auto correlated = correlation_key(machine.value()->program(), shape.filter, current_->event);
        if (!correlated) continue;
        key = hash_of_key(*correlated);
      }
      asked_.push_back({id, key, RunId{}, EventSeq{}});
    }
  };
  const auto type = cloud_event_text(current_->event, "type");
  if (const auto found = shapes_.find(type); found != shapes_.end()) ask(found->second);
  if (const auto any = shapes_.find(std::string_view()); any != shapes_.end() && !type.empty()) ask(any->second);
}

/// Goes on where the last slice ended. Rows that come and go meanwhile do no harm: new ones begin behind this event.
void EventMatcher::visit() {
  Listener& asked = asked_.front();
  const Listener after = asked;
  std::size_t visited = 0;
  const auto listed = log_.each_listener(after, [&](const Listener& listener, BusPosition from) {
    asked = listener;
    if (from < current_->position)
      arrivals_.push_back({listener.run, listener.frame, current_->position, current_->event});
    return ++visited < k_slice;
  });
  if (!listed) say(listed.error());
  if (visited < k_slice) asked_.pop_front();
}

std::optional<EventMatcher::Arrival> EventMatcher::next() {
  if (!loaded_ && has_more()) load();
  while (arrivals_.empty()) {
    if (!asked_.empty()) {
      visit();
      continue;
    }
    if (current_) {
      matched_ = current_->position;
      current_.reset();
      return Arrival{{}, {}, matched_, {}};
    }
    if (matched_ >= bus_.durable()) return std::nullopt;
    begin_event();
    // One that cannot be read is passed over, and was said.
    if (!current_) matched_ = next_of(matched_);
  }
  Arrival arrival = std::move(arrivals_.front());
  arrivals_.pop_front();
  return arrival;
}

}  // namespace cairn
