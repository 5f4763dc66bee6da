// How it stands: each lane with waiting effects is in one line: `ready_`, or that of a gate. next() takes the lane whose
// turn it is in `ready_`; when one of its gates is closed, the lane goes into that gate's line instead. An open gate in
// whose line lanes stand has woken one of them, which is in `ready_` then; once that one has gone or found another gate
// closed, the gate wakes the next. So a closed gate is looked at once a lane, not once an effect.

#include "engine/runtime/admission.h"

#include "engine/runtime/admission_gate.h"
#include "workflows/core/assert.h"

#include <algorithm>
#include <utility>

namespace cairn {

std::size_t Admission::LaneHash::operator()(const LaneKey& key) const {
  std::size_t hash = key.space * 16U + key.priority;
  for (const Gate* gate : key.gates) hash = (hash ^ gate->serial) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 32U);
}

bool Admission::GateTime::operator()(const Gate* a, const Gate* b) const {
  return std::pair(*a->alarm, a->serial) < std::pair(*b->alarm, b->serial);
}

Admission::Admission(const EffectLimits& limits) : effects_(limits.effects) {
  for (const auto& [connector, limit] : limits.connectors) set_connector(connector, limit);
}

Admission::~Admission() = default;

void Admission::tick(Timestamp now) {
  if (last_now_ && now.ms > *last_now_) elapsed_ += now.ms - *last_now_;
  last_now_ = now.ms;
  while (!alarms_.empty() && *(*alarms_.begin())->alarm <= elapsed_) {
    Gate& gate = **alarms_.begin();
    set_alarm(gate, std::nullopt);
    wake(gate);
  }
  while (!idle_.empty() && *(*idle_.begin())->alarm <= elapsed_) drop_if_idle(**idle_.begin());
}

// ---- effects
// ---------------------------------------------------------------------------------------------------------

Admission::Ticket Admission::ticket_of(std::size_t index, const Item& item) {
  return Ticket{std::uint64_t{item.generation} << 32U | index};
}

Admission::Item& Admission::item_of(Ticket ticket) {
  const auto number = static_cast<std::uint64_t>(ticket);
  Item& item = items_.at(number & 0xffffffffU);
  CAIRN_ASSERT(item.generation == number >> 32U && item.state != Item::State::free, "a ticket is good until released");
  return item;
}

Admission::Ticket Admission::enqueue(const Request& request, Timestamp now) {
  tick(now);
  auto space = spaces_.find(request.space);
  if (space == spaces_.end()) {
    space = spaces_.emplace(std::string(request.space), static_cast<admission::SpaceId>(spaces_.size())).first;
  }
  CAIRN_ASSERT(request.limits.size() < admission::k_gates_most, "an effect has a connector and four limits at most");
  Gates gates{&connector_gate(request.connector)};
  for (const auto& limit : request.limits) gates.push_back(&keyed_gate(limit));
  Lane& lane = lane_of(space->second, std::min<std::uint8_t>(request.priority, k_priority_most), gates);
  std::size_t index = items_.size();
  if (free_.empty()) {
    items_.emplace_back().index = static_cast<std::uint32_t>(index);
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Item& item = items_[index];
  item.order = next_order_++;
  item.since = elapsed_;
  item.run = request.run;
  item.effect = request.effect;
  ++waiting_;
  put(item, lane);
  return ticket_of(index, item);
}

template <class Change>
void Admission::reseat(Lane& lane, const Change& change) {
  Gate* const woken_by = lane.woken_by;
  if (lane.line != nullptr) leave_line(lane);
  change();
  if (!lane.items.empty()) place(lane);
  if (woken_by != nullptr) wake(*woken_by);
}

void Admission::put(Item& item, Lane& lane) {
  item.state = Item::State::waiting;
  item.lane = &lane;
  const bool goes_first = lane.items.empty() || item.order < lane.first().order;
  if (goes_first) {
    reseat(lane, [&] { lane.items.insert(item); });
  } else {
    lane.items.insert(lane.items.end(), item);
  }
}

void Admission::take(Item& item) {
  Lane& lane = *item.lane;
  const auto erase = [&] { lane.items.erase(lane.items.iterator_to(item)); };
  if (&lane.first() == &item) {
    reseat(lane, erase);
  } else {
    erase();
  }
}

std::optional<Admission::Admitted> Admission::next(Timestamp now) {
  tick(now);
  while (static_cast<std::int64_t>(under_way_) < effects_) {
    Lane* const lane = ready_.next(elapsed_);
    if (lane == nullptr) return std::nullopt;
    if (first_closed(*lane) != nullptr || (lane->woken_by == nullptr && first_queued(*lane) != nullptr)) {
      reseat(*lane, [] {});
      continue;
    }
    Item& item = *lane->items.begin();
    admit(*lane, item);
    return Admitted{ticket_of(item.index, item), item.run, item.effect};
  }
  return std::nullopt;
}

void Admission::admit(Lane& lane, Item& item) {
  ready_.charge(lane, elapsed_);
  if (lane.woken_by != nullptr) lane.woken_by->line.charge(lane, elapsed_);
  for (Gate* gate : lane.gates) gate->take();
  item.state = Item::State::under_way;
  --waiting_;
  ++under_way_;
  ++lane.under_way;
  take(item);  // whoever else waits for the same gates goes before the rest of this lane
}

void Admission::release(Ticket ticket) {
  Item& item = item_of(ticket);
  Lane& lane = *item.lane;
  if (item.state == Item::State::waiting) {
    --waiting_;
    take(item);
  } else {
    --under_way_;
    --lane.under_way;
    for (Gate* gate : lane.gates) {
      --gate->used;
      wake(*gate);
    }
  }
  item.state = Item::State::free;
  ++item.generation;
  free_.push_back(item.index);
  drop_if_idle(lane);
}

void Admission::set_priority(Ticket ticket, std::uint8_t priority) {
  Item& item = item_of(ticket);
  if (item.state != Item::State::waiting || item.lane->priority == priority) return;
  Lane& from = *item.lane;
  Lane& to = lane_of(from.space, std::min<std::uint8_t>(priority, k_priority_most), from.gates);
  take(item);
  put(item, to);
  drop_if_idle(from);
}

// ---- lanes
// -----------------------------------------------------------------------------------------------------------

Admission::Lane& Admission::lane_of(admission::SpaceId space, std::uint8_t priority, const Gates& gates) {
  const auto [it, is_new] = lanes_.try_emplace(LaneKey{space, priority, gates});
  Lane& lane = it->second;
  if (is_new) {
    lane.space = space;
    lane.priority = priority;
    lane.gates = gates;
    for (Gate* gate : gates) {
      if (gate->lanes++ == 0) set_alarm(*gate, std::nullopt);  // it is not to be forgotten any more
    }
  }
  return lane;
}

void Admission::place(Lane& lane) {
  Gate* gate = first_closed(lane);
  if (gate == nullptr) gate = first_queued(lane);
  if (gate == nullptr) return ready_.add(lane);
  gate->line.add(lane);
  // The one that it had woken may not be the best any more.
  if (Lane* const woken = gate->woken) {
    leave_line(*woken);
    gate->line.add(*woken);
  }
  wake(*gate);
}

void Admission::leave_line(Lane& lane) {
  lane.line->remove(lane);
  if (lane.woken_by == nullptr) return;
  lane.woken_by->woken = nullptr;
  lane.woken_by = nullptr;
}

void Admission::drop_if_idle(Lane& lane) {
  // Lanes without keys are few, and come back at once.
  if (!lane.items.empty() || lane.under_way > 0 || lane.gates.size() == 1) return;
  const Gates gates = lane.gates;
  lanes_.erase(LaneKey{lane.space, lane.priority, gates});
  for (Gate* gate : gates) {
    --gate->lanes;
    drop_if_idle(*gate);
  }
}

}  // namespace cairn
