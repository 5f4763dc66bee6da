// Starting the runs of slots that are due.

#include "engine/runtime/hosting.h"
#include "engine/runtime/missed_slots.h"
#include "engine/runtime/schedules.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace cairn {
namespace {

/// Whether it will be possible later, without anyone doing something about this start.
bool is_for_now(const Error& error) {
  return error.code == ErrorCode::overloaded || error.code == ErrorCode::disk_full ||
         error.code == ErrorCode::unavailable || error.code == ErrorCode::busy;
}

std::size_t most_made_up_for(Catchup catchup) {
  switch (catchup) {
    case Catchup::none: return 0;
    case Catchup::last: return 1;
    case Catchup::all: return k_most_caught_up;
  }
  return 0;
}

}  // namespace

void Schedules::turn() {
  if (engine_.stopped || halted_ || engine_.draining) return;
  const Timestamp now = engine_.clock.now();
  while (!due_.empty() && due_.begin()->first <= now) {
    const Name name = due_.begin()->second;
    fire(name, entries_.at(name), now);
  }
  if (events_again_ && *events_again_ <= now) {
    events_again_.reset();
    more_events();
  }
}

std::optional<Timestamp> Schedules::chain_due(const Entry& entry) {
  const ScheduleState& state = entry.state;
  if (!state.schedule.after_ms) return std::nullopt;
  if (!state.chain) return entry.begun;
  if (!state.chain_ended) return std::nullopt;
  return Timestamp{state.chain_ended->ms + *state.schedule.after_ms};
}

std::vector<Timestamp> Schedules::due_slots(const Name& name, const Entry& entry, Timestamp now) const {
  const ScheduleState& state = entry.state;
  const Timestamp fresh = std::min(now, std::max(entry.begun, Timestamp{now.ms - k_on_time_ms}));
  auto missed = last_slots(*entry.slots, state.handled, fresh, most_made_up_for(state.schedule.catchup));
  if (missed.cut && state.schedule.catchup == Catchup::all) {
    spdlog::warn("schedule {}: of the slots missed since {}, the last {} are made up for; earlier ones are left out",
                 name, to_iso8601(state.handled), k_most_caught_up);
  }
  auto slots = std::move(missed.slots);
  for (auto slot = entry.slots->after(std::max(state.handled, fresh)); slot && *slot <= now;
       slot = entry.slots->after(*slot)) {
    slots.push_back(*slot);
  }
  return slots;
}

void Schedules::fire(const Name& name, Entry& entry, Timestamp now) {
  entry.trouble.clear();
  if (const auto due = chain_due(entry); due && *due <= now) {
    ScheduleState next = entry.state;
    next.chain = next.last_slot = *due;
    next.chain_ended.reset();
    if (!start_slot(name, entry, std::move(next), chain_key(*due))) return put_off(name, entry);
  }
  for (const auto slot : due_slots(name, entry, now)) {
    ScheduleState next = entry.state;
    next.handled = slot;
    next.last_slot = slot;
    if (!start_slot(name, entry, std::move(next), slot_key(slot))) return put_off(name, entry);
  }
  // Those that were missed and are not made up for.
  if (const auto left = entry.slots->after(entry.state.handled); left && *left <= now) {
    const auto last = last_slots(*entry.slots, entry.state.handled, now, 1);
    entry.state.handled = last.slots.back();
    write(entry);
  }
  plan(name, entry);
}

bool Schedules::start_slot(const Name& name, Entry& entry, ScheduleState next, std::string key) {
  const Timestamp slot = *next.last_slot;
  return start(name, entry, std::move(next), {std::move(key), slot_input(slot, entry.slots->shown(slot)), {}, {}});
}

bool Schedules::start(const Name& name, Entry& entry, ScheduleState next, Beginning beginning) {
  next.last_run = RunId{};
  next.refused.clear();
  const bool chain = next.chain != entry.state.chain;
  StartOptions options;
  options.workflow = *entry.workflow;
  options.stored = true;
  options.input = std::move(beginning.input);
  options.key = std::move(beginning.key);
  options.secrets = secrets_;
  options.events_after = beginning.event;
  options.schedules = take_rows(entry, next);
  for (const BusPosition position : beginning.consumed) {
    options.schedules.push_back({entry.workflow_namespace, entry.name, Value::null(), position});
  }
  std::vector<BusPosition> written;
  for (std::size_t i = 1; i < options.schedules.size(); ++i) written.push_back(options.schedules[i].event);
  const ScheduleState before = std::exchange(entry.state, std::move(next));
  ++entry.starting;
  if (beginning.event) events_starting_.insert(*beginning.event);
  struct Answered {
    bool returned = false;
    std::optional<Error> at_once;
  };
  auto answered = std::make_shared<Answered>();
  engine_.start(
      std::move(options), false,
      [alive = engine_.self, name, chain, event = beginning.event, written, answered](const Result<Started>& started) {
        if (*alive == nullptr || (*alive)->schedules == nullptr) return;
        if (!answered->returned && !started && is_for_now(started.error())) {
          answered->at_once = started.error();
        } else {
          (*alive)->schedules->note_start(name, chain, event, written, started);
        }
      });
  answered->returned = true;
  if (!answered->at_once) return true;
  --entry.starting;
  if (beginning.event) events_starting_.erase(events_starting_.find(*beginning.event));
  entry.unwritten_events.insert(written.begin(), written.end());
  entry.state = before;
  entry.trouble = answered->at_once->message;
  return false;
}

void Schedules::note_start(const Name& name, bool chain, const std::optional<BusPosition>& event,
                           const std::vector<BusPosition>& written, const Result<Started>& started) {
  Entry& entry = entries_.at(name);
  --entry.starting;
  if (event) {
    events_starting_.erase(events_starting_.find(*event));
    more_events();
  }
  if (engine_.stopped) return;
  if (started) {
    entry.state.last_run = started.value().run;
    entry.state.refused.clear();
    entry.unwritten |= started.value().existing;  // then nothing was recorded
    if (chain) watch_chain(name, entry, started.value().run);
  } else {
    entry.state.refused = started.error().message;
    entry.unwritten = true;
    if (event) {
      complain(name, entry, "the run of an event was not started: " + started.error().to_string());
    } else {
      spdlog::warn("schedule {}: the run of a slot was not started: {}", name, started.error().to_string());
    }
    if (chain) entry.state.chain_ended = engine_.clock.now();
  }
  if (!started || started.value().existing) entry.unwritten_events.insert(written.begin(), written.end());
  if (entry.unwritten) write(entry);
  if (chain && entry.workflow && !entry.due) plan(name, entry);
}

void Schedules::watch_chain(const Name& name, Entry& entry, const RunId& run) {
  const auto ended = [this, name, run] {
    const auto summary = engine_.log.summary(run);
    Entry& mine = entries_.at(name);
    mine.state.chain_ended = summary && summary.value() ? summary.value()->ended_at : std::nullopt;
    if (!mine.state.chain_ended) mine.state.chain_ended = engine_.clock.now();
    mine.chain_run.reset();
    write(mine);
    plan(name, mine);
    engine_.wait_for_next_timer();
  };
  RunObserver observer;
  observer.on_end = [ended](const RunState&) { ended(); };
  entry.chain_run = engine_.observe(run, std::move(observer));
  const auto summary = engine_.log.summary(run);
  if (summary && summary.value() && summary.value()->ended_at) ended();
}

/// The run of the chain, begun by a process before this one.
void Schedules::find_chain(const Name& name, Entry& entry) {
  if (!entry.state.chain || entry.state.chain_ended) return;
  const WorkflowIdentity identity{entry.workflow_namespace, entry.name, entry.state.version};
  const auto run = engine_.log.run_of_key(identity, chain_key(*entry.state.chain));
  if (!run) {
    entry.trouble = run.error().to_string();  // its end is not known: nothing is started behind it
    return;
  }
  if (run.value()) return watch_chain(name, entry, *run.value());
  // It has been removed, or never came to be: its end is over.
  entry.state.chain_ended = engine_.clock.now();
  entry.unwritten = true;
}

}  // namespace cairn
