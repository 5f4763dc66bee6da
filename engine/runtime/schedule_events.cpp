// Starting runs by events: `schedule.on`.

#include "engine/runtime/hosting.h"
#include "engine/runtime/schedules.h"
#include "workflows/cloudevents/formats.h"
#include "workflows/core/sha256.h"
#include "workflows/value/json.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn {
namespace {

/// Events that are looked at before others have their turn.
constexpr std::size_t k_events_a_turn = 256;
/// Runs that events have started and that are not durable yet; the next event waits.
constexpr std::size_t k_most_starting = 1'024;
/// Events after which every row says that they were looked at.
constexpr std::uint64_t k_positions_every = 16'384;
constexpr std::int64_t k_try_again_ms = 1'000;
/// A schedule's events have a line in the log of the process so often at most; the list has the rest.
constexpr std::int64_t k_complain_every_ms = 60'000;

std::string hash_of_strategy(const Program& program) {
  const Value on = program.definition.get("schedule").get("on");
  return sha256(to_json(on)).hex();
}

}  // namespace

// ---- who waits for events --------------------------------------------------------------------------------------------

/// Another `on` than before begins now, and without what was gathered for the one before; the same goes on where it was, also in
/// another version.
void Schedules::take_on_events(Entry& entry, const Hosting& hosting, bool was_gone, Timestamp now) {
  const Program& program = *hosting.workflow->program;
  ScheduleState& state = entry.state;
  const std::string hash = program.on ? hash_of_strategy(program) : std::string();
  if (hash != state.on_hash || was_gone) {
    for (const auto& [position, event] : std::exchange(entry.gathered, {})) entry.unwritten_events.insert(position);
    state.event = program.on ? engine_.bus.head() : BusPosition{};
    state.waits_since = program.on ? std::optional(now) : std::nullopt;
    state.given_up = 0;
    entry.unwritten = true;
  }
  state.on = program.on ? describe_events(program) : std::string();
  state.on_hash = hash;
  entry.gathering = hosting.gathering;
  entry.events_trouble = hosting.events_trouble;
  if (!entry.gathering) return;
  for (const auto& [position, event] : entry.gathered) entry.gathering->add(event);
}

void Schedules::let_go_of_events(Entry& entry) {
  entry.gathering.reset();
  entry.events_trouble.clear();
  for (const auto& [position, event] : std::exchange(entry.gathered, {})) entry.unwritten_events.insert(position);
  if (!entry.unwritten_events.empty()) entry.unwritten = true;
}

void Schedules::find_listeners(bool had_some) {
  by_type_.clear();
  any_type_.clear();
  has_listeners_ = false;
  BusPosition first = engine_.bus.head();
  for (auto& named : entries_) {
    Entry& entry = named.second;
    if (!entry.gathering) continue;
    has_listeners_ = true;
    if (!entry.state.paused_at) first = std::min(first, entry.state.event);
    const auto types = entry.gathering->types();
    if (!types) any_type_.push_back(&named);
    if (!types) continue;
    for (const auto& type : *types) by_type_[type].push_back(&named);
  }
  // Those that joined others begin no earlier than these have come.
  if (!had_some) looked_at_ = positions_written_ = first;
}

BusPosition Schedules::events_done() const {
  if (!has_listeners_) return engine_.bus.head();
  if (events_starting_.empty()) return looked_at_;
  return std::min(looked_at_, BusPosition{number_of(*events_starting_.begin()) - 1});
}

// ---- events as they come ---------------------------------------------------------------------------------------------

void Schedules::more_events() {
  if (events_posted_ || !has_listeners_ || halted_ || looked_at_ >= engine_.bus.durable()) return;
  events_posted_ = true;
  boost::asio::post(engine_.io, [alive = engine_.self] {
    if (*alive == nullptr || (*alive)->schedules == nullptr) return;
    (*alive)->schedules->events_posted_ = false;
    (*alive)->schedules->take_events();
  });
}

bool Schedules::may_start() const { return !engine_.committer->trouble() && engine_.check_load(); }

void Schedules::take_events() {
  if (engine_.stopped || halted_ || engine_.draining || !has_listeners_) return;
  const BusPosition kept_from = engine_.bus.first();
  if (next_of(looked_at_) < kept_from) looked_at_ = BusPosition{number_of(kept_from) - 1};
  for (std::size_t i = 0; i < k_events_a_turn && looked_at_ < engine_.bus.durable(); ++i) {
    if (events_starting_.size() >= k_most_starting) break;  // the end of a start goes on from here
    const auto event = engine_.bus.at(next_of(looked_at_));
    if (!event && event.error().code != ErrorCode::not_found) {
      spdlog::error("an event starts nothing: {}", event.error().to_string());
    }
    const auto take = [&](const std::vector<Named*>& listeners) {
      return std::ranges::all_of(listeners,
                                 [&](Named* one) { return take_event(one->first, one->second, event.value()); });
    };
    bool taken = true;
    if (event) {
      const auto typed = by_type_.find(cloud_event_text(event.value().event, "type"));
      taken = (typed == by_type_.end() || take(typed->second)) && take(any_type_);
    }
    if (!taken) {
      events_again_ = Timestamp{engine_.clock.now().ms + k_try_again_ms};
      break;
    }
    looked_at_ = next_of(looked_at_);
  }
  if (number_of(looked_at_) - number_of(positions_written_) >= k_positions_every) write_positions();
  write_changed();
  engine_.wait_for_next_timer();
  if (!events_again_ && events_starting_.size() < k_most_starting) more_events();
}

bool Schedules::take_event(const Name& name, Entry& entry, const BusEvent& event) {
  if (entry.state.paused_at || event.position <= entry.state.event) return true;
  while (entry.gathering->oldest() && *entry.gathering->oldest() < engine_.bus.first()) {
    give_up(name, entry, *entry.gathering->oldest(), "an event of it is not kept any more (events in cairn.yaml)");
  }
  const auto place = entry.gathering->place_of(event, engine_.clock.now());
  if (!place) return true;
  const auto inputs = entry.gathering->inputs_of(place->set);
  const bool too_much =
      inputs.size() >= k_listen_events || entry.gathering->bytes_of(place->set) + place->bytes > k_listen_bytes;
  if (too_much) {
    entry.state.event = event.position;
    give_up(name, entry, place->set,
            fmt::format("it would have more than {} events or {} MiB", k_listen_events, k_listen_bytes >> 20U));
    return true;
  }
  bool complete = entry.gathering->completes(*place);
  if (entry.gathering->has_condition()) {
    const auto so_far = read_events(entry, inputs, &event);
    const Fallible<bool> holds =
        so_far ? entry.gathering->condition_holds(so_far.value(), engine_.clock.now()) : Fallible<bool>(false);
    if (!so_far || !holds) {
      entry.state.event = event.position;
      give_up(name, entry, place->set, so_far ? "`until` fails: " + holds.error().detail : so_far.error().to_string());
      return true;
    }
    complete = holds.value();
  }
  if (complete) return begin_by_events(name, entry, event, *place);
  entry.state.event = event.position;
  gather(name, entry, *place);
  return true;
}

Result<Array> Schedules::read_events(const Entry& entry, const std::vector<BusPosition>& positions,
                                     const BusEvent* last) const {
  Array all;
  for (const BusPosition position : positions) {
    CAIRN_TRY(const auto event, engine_.bus.at(position));
    all.push_back(entry.gathering->read(event.event));
  }
  if (last != nullptr) all.push_back(entry.gathering->read(last->event));
  return all;
}

void Schedules::gather(const Name& name, Entry& entry, const GatheredEvent& event) {
  entry.gathering->add(event);
  entry.gathered.emplace(event.position, event);
  entry.unwritten_events.insert(event.position);
  entry.unwritten = true;
  changed_.insert(name);
  if (entry.gathering->sets() > k_most_sets) {
    give_up(name, entry, *entry.gathering->oldest(), fmt::format("{} younger ones wait", k_most_sets));
  }
}

void Schedules::give_up(const Name& name, Entry& entry, BusPosition set, const std::string& why) {
  for (const BusPosition position : entry.gathering->remove(set)) {
    entry.gathered.erase(position);
    entry.unwritten_events.insert(position);
  }
  ++entry.state.given_up;
  entry.unwritten = true;
  changed_.insert(name);
  complain(name, entry, fmt::format("the set of events since bus position {} is given up: {}", number_of(set), why));
}

void Schedules::complain(const Name& name, Entry& entry, const std::string& what) {
  const Timestamp now = engine_.clock.now();
  if (now.ms - entry.complained.ms < k_complain_every_ms && now >= entry.complained) return;
  entry.complained = now;
  spdlog::warn("schedule {}: {} (the next such line no sooner than in a minute)", name, what);
}

bool Schedules::begin_by_events(const Name& name, Entry& entry, const BusEvent& event, const GatheredEvent& place) {
  if (!may_start()) return false;
  const auto inputs = entry.gathering->inputs_of(place.set);
  // What ends a set that others began is no part of it.
  auto input = read_events(entry, inputs, place.until ? nullptr : &event);
  if (!input) {
    entry.state.event = event.position;
    give_up(name, entry, place.set, input.error().to_string());
    return true;
  }
  ScheduleState next = entry.state;
  next.event = event.position;
  next.last_slot = event.at;
  Gathering& gathering = *entry.gathering;
  if (!start(name, entry, std::move(next),
             {event_key(event.position), Value::array(std::move(input).value()), event.position,
              gathering.events_of(place.set)})) {
    return false;
  }
  for (const BusPosition position : gathering.remove(place.set)) entry.gathered.erase(position);
  return true;
}

// ---- the rows --------------------------------------------------------------------------------------------------------

void Schedules::write_positions() {
  if (!has_listeners_) return;
  for (auto& [name, entry] : entries_) {
    if (!entry.gathering || entry.state.paused_at || entry.state.event >= looked_at_) continue;
    entry.state.event = looked_at_;
    entry.unwritten = true;
    changed_.insert(name);
  }
  positions_written_ = looked_at_;
  write_changed();
}

void Schedules::write_changed() {
  AppendBatch batch;
  for (const auto& name : std::exchange(changed_, {})) {
    const auto found = entries_.find(name);
    // One whose starts are under way, which carry older rows, writes when they are durable.
    if (found == entries_.end() || !found->second.unwritten || found->second.starting > 0) continue;
    found->second.unwritten = false;
    std::ranges::move(take_rows(found->second, found->second.state), std::back_inserter(batch.schedules));
  }
  if (!batch.schedules.empty() && !engine_.stopped) engine_.submit(std::move(batch), {});
}

}  // namespace cairn
