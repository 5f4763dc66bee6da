// Admission's gates: opening, closing, changing, forgetting, and what is said of them.

#include "engine/runtime/admission.h"
#include "engine/runtime/admission_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

Admission::Gate& Admission::new_gate(LimitName name, std::unique_ptr<Gate>& place) {
  place = std::make_unique<Gate>();
  place->name = std::move(name);
  place->serial = next_serial_++;
  return *place;
}

Admission::Gate& Admission::connector_gate(std::string_view connector) {
  if (const auto it = connectors_.find(connector); it != connectors_.end()) return *it->second;
  std::string name(connector);
  return new_gate({LimitName::Scope::connector, name, {}}, connectors_[name]);
}

Admission::Gate& Admission::keyed_gate(const KeyedLimit& limit) {
  auto& place = keyed_[limit.name];
  Gate& gate = place ? *place : new_gate(limit.name, place);
  if (gate.limit != limit.limit) change(gate, limit.limit);
  return gate;
}

void Admission::set_effects(std::int64_t most) { effects_ = most; }

void Admission::set_connector(std::string_view connector, const Limit& limit) {
  change(connector_gate(connector), limit);
}

void Admission::change(Gate& gate, const Limit& limit) {
  gate.limit = limit;
  if (!limit.rate) {
    gate.bucket.reset();
  } else if (gate.bucket) {
    gate.bucket->advance(elapsed_);
    gate.bucket->change(*limit.rate);
  } else {
    gate.bucket.emplace(*limit.rate, elapsed_);
  }
  set_alarm(gate, std::nullopt);
  wake(gate);
}

bool Admission::is_open(Gate& gate) const {
  if (!gate.has_slot()) return false;
  if (!gate.bucket) return true;
  gate.bucket->advance(elapsed_);
  return gate.bucket->has_token();
}

Admission::Gate* Admission::first_closed(const Lane& lane) const {
  for (Gate* gate : lane.gates) {
    if (!is_open(*gate)) return gate;
  }
  return nullptr;
}

Admission::Gate* Admission::first_queued(const Lane& lane) {
  for (Gate* gate : lane.gates) {
    if (!gate->line.empty()) return gate;
  }
  return nullptr;
}

void Admission::wake(Gate& gate) {
  if (gate.line.empty() || gate.woken != nullptr) return;
  if (is_open(gate)) {
    Lane* const lane = gate.line.next(elapsed_);
    gate.line.remove(*lane);
    lane->woken_by = &gate;
    gate.woken = lane;
    ready_.add(*lane);
  } else if (gate.has_slot() && !gate.alarm) {
    set_alarm(gate, gate.bucket->next_token_at());
  }
}

void Admission::set_alarm(Gate& gate, std::optional<std::int64_t> at) {
  if (gate.alarm) (gate.alarm_is_idle ? idle_ : alarms_).erase(&gate);
  gate.alarm = at;
  gate.alarm_is_idle = gate.lanes == 0;
  if (at) (gate.alarm_is_idle ? idle_ : alarms_).insert(&gate);
}

void Admission::drop_if_idle(Gate& gate) {
  if (gate.lanes > 0 || gate.name.scope == LimitName::Scope::connector) return;
  if (gate.bucket) {
    // What was taken from a bucket is remembered until it has come back.
    gate.bucket->advance(elapsed_);
    if (gate.bucket->full_at() > elapsed_) return set_alarm(gate, gate.bucket->full_at());
  }
  set_alarm(gate, std::nullopt);
  keyed_.erase(LimitName(gate.name));
}

std::optional<Timestamp> Admission::opens_at(Timestamp now) {
  tick(now);
  if (static_cast<std::int64_t>(under_way_) >= effects_) return std::nullopt;
  if (!ready_.empty()) return now;
  for (const Gate* gate : alarms_) {
    if (!gate->line.empty()) return Timestamp{now.ms + (*gate->alarm - elapsed_)};
  }
  return std::nullopt;
}

// ---- what is said
// ----------------------------------------------------------------------------------------------------

Admission::Wait Admission::wait_of(Ticket ticket, Timestamp now) {
  tick(now);
  const Item& item = item_of(ticket);
  Gate* const gate = first_closed(*item.lane);
  Wait wait;
  if (gate == nullptr) {
    wait.limit.concurrency = effects_;
    wait.used = under_way_;
  } else {
    wait.name = gate->name;
    wait.limit = gate->limit;
    wait.used = gate->used;
    if (gate->has_slot()) wait.opens = Timestamp{now.ms + (gate->bucket->next_token_at() - elapsed_)};
  }
  const auto effective = admission::effective_priority(item.lane->priority, item, elapsed_);
  for (const auto& [key, lane] : lanes_) {
    if (gate != nullptr && std::ranges::find(lane.gates, gate) == lane.gates.end()) continue;
    for (const Item& other : lane.items) {
      ++wait.waiting;
      if (lane.space != item.lane->space) continue;
      const auto theirs = admission::effective_priority(lane.priority, other, elapsed_);
      if (theirs > effective || (theirs == effective && other.order < item.order)) ++wait.ahead;
    }
  }
  return wait;
}

std::vector<Admission::Use> Admission::limits(Timestamp now) {
  tick(now);
  std::map<const Gate*, std::size_t> waiting;
  for (const auto& [key, lane] : lanes_) {
    for (const Gate* gate : lane.gates) waiting[gate] += lane.items.size();
  }
  std::vector<Use> all{{{}, {effects_, {}}, under_way_, waiting_}};
  for (const auto& [connector, gate] : connectors_)
    all.push_back({gate->name, gate->limit, gate->used, waiting[gate.get()]});
  for (const auto& [name, gate] : keyed_) {
    if (gate->lanes > 0) all.push_back({name, gate->limit, gate->used, waiting[gate.get()]});
  }
  return all;
}

std::string to_string(const LimitName& name) {
  using Scope = LimitName::Scope;
  std::string text;
  switch (name.scope) {
    case Scope::effects: return "effects under way";
    case Scope::connector: return "connector " + name.owner;
    case Scope::workflow_concurrency:
    case Scope::workflow_rate: text = "workflow " + name.owner; break;
    case Scope::task_concurrency:
    case Scope::task_rate: text = "task " + name.owner; break;
  }
  return name.key.empty() ? text : text + ", key '" + name.key + "'";
}

std::string to_string(const Limit& limit) {
  std::string text;
  if (limit.concurrency) text = fmt::format("{} at once", *limit.concurrency);
  if (limit.rate) {
    text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", limit.rate->limit,
                        to_iso8601_duration(limit.rate->period_ms));
    if (limit.rate->burst != limit.rate->limit) text += fmt::format(" (burst {})", limit.rate->burst);
  }
  return text.empty() ? "no limit" : text;
}

}  // namespace cairn
