// One lane of a sink: reading ahead, sending, and what becomes of what was sent.

#include "engine/runtime/hosting.h"
#include "engine/runtime/sinks.h"
#include "workflows/cloudevents/formats.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// Records or published events that a lane looks at in one turn: others have theirs.
constexpr std::size_t k_looks_a_turn = 512;

}  // namespace

void Sinks::advance(Sink& sink, Lane& lane) {
  if (!sink.begun || lane.sending != nullptr || lane.retry_at) return;
  if (!fill(sink, lane)) return;
  send(sink, lane);
}

bool Sinks::fill(Sink& sink, Lane& lane) {
  const std::size_t most = std::max<std::size_t>(1, sink.options.sender->most());
  std::size_t budget = k_looks_a_turn;
  std::size_t bytes = 0;
  for (const auto& item : lane.batch) bytes += item.event.approximate_bytes();
  const auto may_grow = [&] {
    if (lane.batch.empty()) return true;
    return lane.singly == 0 && lane.failures == 0 && lane.batch.size() < most && bytes < k_sent_bytes;
  };
  while (lane.more && may_grow()) {
    auto item = lane.source->next(budget);
    if (!item) {
      if (lane.batch.empty()) {
        fails(sink, lane, item.error().to_string(), k_longest_pause_ms);
        return false;
      }
      break;
    }
    if (!item.value()) {
      lane.more = budget == 0;
      break;
    }
    if (item.value()->event.is_null()) {
      // What comes behind a gap waits until what is before it has been taken, so that the position tells of it in its turn.
      lane.batch.push_back(std::move(*item.value()));
      break;
    }
    bytes += item.value()->event.approximate_bytes();
    lane.batch.push_back(std::move(*item.value()));
  }
  while (!lane.batch.empty() && lane.batch.front().event.is_null()) {
    pass_over_gap(sink, lane, lane.batch.front());
    sink.state.feeds[lane.feed].position = lane.batch.front().position;
    sink.dirty = true;
    lane.batch.pop_front();
  }
  if (!lane.batch.empty()) return true;
  // All that was looked at was unwanted: the position passes over it.
  SinkCursor& cursor = sink.state.feeds[lane.feed];
  if (auto position = lane.source->position(); position != cursor.position) {
    cursor.position = std::move(position);
    sink.dirty = true;
  }
  if (lane.failures > 0) recovers(sink, lane);
  if (lane.more) wake();
  return false;
}

void Sinks::pass_over_gap(Sink& sink, const Lane& lane, const SinkSource::Item& gap) const {
  SinkCursor& cursor = sink.state.feeds[lane.feed];
  const bool begins = sink.options.from_beginning && cursor.position == first_position(lane.feed);
  cursor.missed += begins ? 0 : gap.missed;  // who wants what is kept from the beginning misses nothing
  if (begins) return;
  spdlog::warn("sink {}: {} {} up to position {} were removed by retention before they were delivered",
               sink.options.name, gap.missed, lane.feed == SinkFeed::lifecycle ? "recorded events" : "published events",
               gap.position);
}

void Sinks::send(Sink& sink, Lane& lane) {
  const std::size_t most = lane.singly > 0 ? 1 : std::max<std::size_t>(1, sink.options.sender->most());
  std::vector<Value> events;
  for (const auto& item : lane.batch) {
    if (events.size() >= most || item.event.is_null()) break;
    events.push_back(item.event);
  }
  const std::size_t count = events.size();
  lane.sending = sink.options.sender->send(
      std::move(events), [alive = self_, name = sink.options.name, feed = lane.feed, count](const SendResult& result) {
        if (*alive != nullptr) (*alive)->answered(name, feed, count, result);
      });
}

void Sinks::answered(const std::string& name, SinkFeed feed, std::size_t sent, const SendResult& result) {
  const auto found = sinks_.find(name);
  if (found == sinks_.end() || engine_.stopped) return;
  Sink& sink = found->second;
  const auto at = std::ranges::find(sink.lanes, feed, &Lane::feed);
  if (at == sink.lanes.end() || at->sending == nullptr) return;
  Lane& lane = *at;
  const auto gone = std::move(lane.sending);  // what has called us goes when we return
  took(sink, lane, result.kind == SendResult::Kind::accepted ? sent : std::min(result.taken, sent));
  switch (result.kind) {
    case SendResult::Kind::accepted: recovers(sink, lane); break;
    case SendResult::Kind::retry: fails(sink, lane, result.why, result.retry_after_ms); break;
    case SendResult::Kind::refused: refused(sink, lane, result); break;
  }
  if (halted_) {
    write();
  } else {
    wake();
  }
  engine_.wait_for_next_timer();
}

void Sinks::took(Sink& sink, Lane& lane, std::size_t count) {
  if (count == 0) return;
  SinkCursor& cursor = sink.state.feeds[lane.feed];
  cursor.position = lane.batch[count - 1].position;
  cursor.delivered += count;
  sink.dirty = true;
  lane.batch.erase(lane.batch.begin(), lane.batch.begin() + static_cast<std::ptrdiff_t>(count));
  lane.singly -= std::min(lane.singly, count);
  lane.refusals = 0;
  lane.held = false;
}

void Sinks::refused(Sink& sink, Lane& lane, const SendResult& result) {
  const auto together = static_cast<std::size_t>(
      std::ranges::find_if(lane.batch, [](const auto& item) { return item.event.is_null(); }) - lane.batch.begin());
  if (lane.singly == 0 && together > 1) {
    lane.singly = together;
    return;
  }
  if (++lane.refusals < k_refusals || sink.options.holds_refused) {
    lane.held = sink.options.holds_refused;
    fails(sink, lane, result.why, {});
    return;
  }
  SinkCursor& cursor = sink.state.feeds[lane.feed];
  const SinkSource::Item& item = lane.batch.front();
  const std::string type(cloud_event_text(item.event, "type"));
  const std::string id(cloud_event_text(item.event, "id"));
  spdlog::warn("sink {}: event {} of type {} was refused {} times and is skipped: {}", sink.options.name, id, type,
               k_refusals, result.why);
  ++cursor.skipped;
  cursor.last_skipped = Value::object({{"position", Value::string(item.position)},
                                       {"type", Value::string(type)},
                                       {"id", Value::string(id)},
                                       {"why", Value::string(result.why)},
                                       {"time", Value::string(to_iso8601(engine_.clock.now()))}});
  cursor.position = item.position;
  sink.dirty = true;
  lane.batch.pop_front();
  lane.singly -= std::min<std::size_t>(lane.singly, 1);
  lane.refusals = 0;
  lane.failures = 0;
  lane.error.clear();
  lane.since.reset();
}

void Sinks::fails(const Sink& sink, Lane& lane, const std::string& why, std::optional<std::int64_t> asked_ms) {
  const Timestamp now = engine_.clock.now();
  if (lane.failures == 0) {
    lane.since = now;
    spdlog::warn("sink {} cannot deliver {} to {}: {}; it is tried again", sink.options.name,
                 lane.feed == SinkFeed::lifecycle ? "lifecycle events" : "events", sink.options.sender->destination(),
                 why);
  }
  constexpr std::uint32_t k_doublings = 6;
  const std::int64_t pause = std::min(k_longest_pause_ms, k_first_pause_ms << std::min(lane.failures, k_doublings));
  const std::int64_t jittered =
      pause / 2 + static_cast<std::int64_t>(engine_.random.next() % static_cast<std::uint64_t>(pause / 2 + 1));
  const std::int64_t asked = std::clamp<std::int64_t>(asked_ms.value_or(0), 0, k_longest_asked_ms);
  ++lane.failures;
  lane.error = why;
  lane.retry_at = Timestamp{now.ms + std::max(jittered, asked)};
}

void Sinks::recovers(const Sink& sink, Lane& lane) {
  if (lane.failures > 0) spdlog::warn("sink {} delivers again", sink.options.name);
  lane.failures = 0;
  lane.error.clear();
  lane.since.reset();
}

}  // namespace cairn
