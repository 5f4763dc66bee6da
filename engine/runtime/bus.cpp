#include "engine/runtime/bus.h"

#include "workflows/cloudevents/formats.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace cairn {
namespace {

/// Events kept in memory beyond those that are not durable: not more than these, nor more bytes.
constexpr std::size_t k_recent = 4'096;
constexpr std::size_t k_recent_bytes = std::size_t{16} << 20;

std::string id_of(const Value& event) {
  return std::string(cloud_event_text(event, "source")) + '\0' + std::string(cloud_event_text(event, "id"));
}

}  // namespace

Bus::Bus(const EventLog& log) : log_(log) {
  auto ends = log.bus();
  if (!ends) {
    trouble_ = ends.error();
    return;
  }
  ends_ = ends.value();
  durable_ = ends_.head;
}

Bus::Mark Bus::mark_of(std::string_view type) { return static_cast<Mark>(std::hash<std::string_view>{}(type)); }

Bus::Published Bus::publish(Value event, const RunId& emitter, Timestamp now, std::vector<BusEvent>& out) {
  std::string id = id_of(event);
  if (const auto fresh = ids_.find(id); fresh != ids_.end()) return {fresh->second, true};
  const auto known = log_.bus_position(cloud_event_text(event, "source"), cloud_event_text(event, "id"));
  // Rather twice than not at all.
  if (!known) spdlog::error("whether an event is there already cannot be read: {}", known.error().to_string());
  if (known && known.value()) return {*known.value(), true};
  ends_.head = next_of(ends_.head);
  ids_.emplace(std::move(id), ends_.head);
  marks_.push_back(mark_of(cloud_event_text(event, "type")));
  recent_bytes_ += event.approximate_bytes();
  recent_.push_back({ends_.head, now, emitter, std::move(event)});
  out.push_back(recent_.back());
  trim();
  return {ends_.head, false};
}

void Bus::became_durable(BusPosition position) {
  durable_ = position;
  std::erase_if(ids_, [&](const auto& one) { return one.second <= position; });
  trim();
}

void Bus::trim() {
  while (!recent_.empty() && recent_.front().position <= durable_ &&
         (recent_.size() > k_recent || recent_bytes_ > k_recent_bytes)) {
    recent_bytes_ -= recent_.front().event.approximate_bytes();
    recent_.pop_front();
  }
}

void Bus::forget_before(BusPosition first) {
  ends_.first = std::max(ends_.first, first);
  const std::uint64_t kept = number_of(ends_.head) + 1 - number_of(ends_.first);
  while (marks_.size() > kept) marks_.pop_front();
}

Result<BusEvent> Bus::at(BusPosition position) const {
  if (!recent_.empty() && position >= recent_.front().position && position <= ends_.head) {
    return recent_[number_of(position) - number_of(recent_.front().position)];
  }
  std::optional<BusEvent> found;
  CAIRN_TRY(log_.each_bus_event(BusPosition{number_of(position) - 1}, [&](const BusEvent& event) {
    if (event.position == position) found = event;
    return false;
  }));
  if (found) return *std::move(found);
  return make_error(ErrorCode::not_found, "it has been removed", "bus event " + std::to_string(number_of(position)));
}

Result<void> Bus::look_back(BusPosition after) {
  const BusPosition from = std::max(next_of(after), ends_.first);
  const auto oldest = [&] { return BusPosition{number_of(ends_.head) + 1 - marks_.size()}; };
  if (from >= oldest()) return success();
  // All that is kept, once: who asks for the past asks again.
  std::deque<Mark> marks;
  const BusPosition end = oldest();
  CAIRN_TRY(log_.each_bus_event(BusPosition{number_of(ends_.first) - 1}, [&](const BusEvent& event) {
    if (event.position >= end) return false;
    if (marks.empty()) ends_.first = std::max(ends_.first, event.position);
    marks.push_back(mark_of(cloud_event_text(event.event, "type")));
    return true;
  }));
  marks_.insert(marks_.begin(), marks.begin(), marks.end());
  return success();
}

Result<std::optional<BusEvent>> Bus::next(BusPosition after, BusPosition through, std::string_view type) {
  CAIRN_TRY(look_back(after));
  const std::uint64_t oldest = number_of(ends_.head) + 1 - marks_.size();
  const Mark wanted = mark_of(type);
  for (auto at = std::max(number_of(after) + 1, oldest); at <= number_of(through); ++at) {
    if (!type.empty() && marks_[at - oldest] != wanted) continue;
    auto event = this->at(BusPosition{at});
    if (!event && event.error().code == ErrorCode::not_found) continue;
    if (!event) return event.error();
    if (type.empty() || cloud_event_text(event.value().event, "type") == type) {
      return std::optional(std::move(event).value());
    }
  }
  return std::optional<BusEvent>();
}

}  // namespace cairn
