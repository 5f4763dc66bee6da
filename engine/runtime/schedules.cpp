// Which schedules are hosted, and keeping that in the log.

#include "engine/runtime/schedules.h"

#include "engine/log/semver.h"
#include "engine/runtime/hosting.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace cairn {
namespace {

/// What could not be started is tried again.
constexpr std::int64_t k_try_again_ms = 1'000;
/// The row of a workflow that is gone goes, too.
constexpr std::int64_t k_gone_for_good_ms = std::int64_t{30} * 86'400'000;

std::string name_of(const WorkflowIdentity& workflow) { return workflow.workflow_namespace + "/" + workflow.name; }

}  // namespace

Value slot_input(Timestamp slot, const std::string& local) {
  return Value::object(
      {{"schedule", Value::object({{"slot", Value::string(to_iso8601(slot))}, {"local", Value::string(local)}})}});
}

Result<void> Schedules::load() {
  if (loaded_) return success();
  Result<void> readable = success();
  std::map<Name, Entry> found;
  CAIRN_TRY(engine_.log.each_schedule([&](const ScheduleRow& row) {
    Entry& entry = found[row.workflow_namespace + "/" + row.name];
    if (number_of(row.event) > 0) {
      auto event = gathered_event_of(row);
      if (event) entry.gathered.emplace(row.event, std::move(event).value());
      if (!event) readable = std::move(event).error();
      return readable.has_value();
    }
    auto state = schedule_state_of(row);
    if (!state) {
      readable = std::move(state).error();
      return false;
    }
    entry.workflow_namespace = row.workflow_namespace;
    entry.name = row.name;
    entry.state = std::move(state.value());
    return true;
  }));
  CAIRN_TRY(std::move(readable));
  entries_ = std::move(found);
  loaded_ = true;
  return success();
}

Result<std::map<Schedules::Name, Schedules::Hosting>> Schedules::highest_versions(
    const std::vector<DefinitionText>& workflows) const {
  std::map<Name, const DefinitionText*> highest;
  for (const auto& workflow : workflows) {
    const auto& identity = workflow.program->identity;
    const auto [it, is_first] = highest.try_emplace(name_of(identity), &workflow);
    if (!is_first && compare_versions(identity.version, it->second->program->identity.version) > 0)
      it->second = &workflow;
  }
  std::map<Name, Hosting> hosting;
  for (const auto& [name, workflow] : highest) {
    const Program& program = *workflow->program;
    if (!program.schedule && !program.on) continue;
    CAIRN_TRY(auto slots, ClockSlots::of(program.schedule.value_or(Schedule{})));
    Hosting one{workflow, std::move(slots), {}, {}};
    if (program.on) {
      auto gathering = Gathering::of(std::make_shared<const Machine>(workflow->program), engine_.default_metadata,
                                     engine_.clock.now());
      if (gathering) {
        one.gathering = std::move(gathering).value();
      } else {
        one.events_trouble = gathering.error().title + ": " + gathering.error().detail;
        spdlog::error("schedule {}: no event starts it: {}", name, one.events_trouble);
      }
    }
    hosting.emplace(name, std::move(one));
  }
  return hosting;
}

Result<void> Schedules::host(const std::vector<DefinitionText>& workflows, Value secrets) {
  if (engine_.stopped) return *engine_.stopped;
  CAIRN_TRY(load());
  CAIRN_TRY(const auto hosting, highest_versions(workflows));
  secrets_ = std::move(secrets);
  const Timestamp now = engine_.clock.now();
  const bool had_listeners = has_listeners_;
  AppendBatch rows;
  for (auto it = entries_.begin(); it != entries_.end();) {
    Entry& entry = it->second;
    if (!hosting.contains(it->first)) let_go(entry, now);
    const bool for_good = entry.state.gone_at && now.ms - entry.state.gone_at->ms > k_gone_for_good_ms;
    if (for_good && entry.starting == 0) {
      rows.schedules.push_back({entry.workflow_namespace, entry.name, Value::null()});
      it = entries_.erase(it);
    } else {
      ++it;
    }
  }
  for (const auto& [name, one] : hosting) take_on(name, one, now);
  for (auto& [name, entry] : entries_) {
    plan(name, entry);
    if (!entry.unwritten || entry.starting > 0) continue;
    entry.unwritten = false;
    std::ranges::move(take_rows(entry, entry.state), std::back_inserter(rows.schedules));
  }
  find_listeners(had_listeners);
  if (!rows.schedules.empty()) engine_.submit(std::move(rows), {});
  engine_.wait_for_next_timer();
  more_events();
  return success();
}

std::vector<ScheduleRow> Schedules::take_rows(Entry& entry, const ScheduleState& state) {
  std::vector<ScheduleRow> rows;
  rows.push_back({entry.workflow_namespace, entry.name, to_value(state), {}});
  for (const BusPosition position : std::exchange(entry.unwritten_events, {})) {
    const auto found = entry.gathered.find(position);
    rows.push_back({entry.workflow_namespace, entry.name,
                    found == entry.gathered.end() ? Value::null() : to_value(found->second), position});
  }
  return rows;
}

void Schedules::take_on(const Name& name, const Hosting& hosting, Timestamp now) {
  const Program& program = *hosting.workflow->program;
  const auto [it, is_new] = entries_.try_emplace(name);
  Entry& entry = it->second;
  ScheduleState& state = entry.state;
  const bool was_gone = state.gone_at.has_value();
  const Schedule schedule = program.schedule.value_or(Schedule{});
  const bool is_other = is_new || to_string(state.schedule) != to_string(schedule);
  // What a new schedule says of the past was nobody's wish then.
  if (is_other || was_gone) state.handled = is_new ? now : std::max(state.handled, now);
  if (is_other || was_gone || state.version != program.identity.version || state.schedule != schedule) {
    entry.unwritten = true;
  }
  entry.workflow_namespace = program.identity.workflow_namespace;
  entry.name = program.identity.name;
  state.gone_at.reset();
  state.version = program.identity.version;
  state.schedule = schedule;
  if (!entry.workflow) entry.begun = now;
  entry.workflow = *hosting.workflow;
  entry.slots = hosting.slots;
  take_on_events(entry, hosting, was_gone, now);
  if (state.schedule.after_ms && entry.chain_run == nullptr) find_chain(name, entry);
}

void Schedules::let_go(Entry& entry, Timestamp now) {
  entry.workflow.reset();
  entry.slots.reset();
  entry.chain_run.reset();
  let_go_of_events(entry);
  if (entry.state.gone_at) return;
  entry.state.gone_at = now;
  entry.unwritten = true;
}

void Schedules::halt() {
  write_positions();
  halted_ = true;
  due_.clear();
  for (auto& [name, entry] : entries_) entry.due.reset();
}

std::size_t Schedules::hosted() const {
  std::size_t count = 0;
  for (const auto& [name, entry] : entries_) count += entry.workflow ? 1U : 0U;
  return count;
}

std::optional<Timestamp> Schedules::next() const {
  if (engine_.draining || halted_) return std::nullopt;
  std::optional<Timestamp> next = events_again_;
  if (!due_.empty()) next = std::min(next.value_or(due_.begin()->first), due_.begin()->first);
  return next;
}

/// In its own batch; not before the starts under way, which carry older rows, are durable.
void Schedules::write(Entry& entry) {
  entry.unwritten = entry.starting > 0;
  if (entry.unwritten || engine_.stopped) return;
  AppendBatch batch;
  batch.schedules = take_rows(entry, entry.state);
  engine_.submit(std::move(batch), [waiting = std::exchange(entry.waiting, {})](const std::optional<Error>& error) {
    for (const auto& done : waiting) done(error ? Result<void>(*error) : Result<void>(success()));
  });
}

void Schedules::set_due(const Name& name, Entry& entry, std::optional<Timestamp> due) {
  if (entry.due) due_.erase({*entry.due, name});
  entry.due = due;
  if (due) due_.emplace(*due, name);
}

void Schedules::plan(const Name& name, Entry& entry) {
  std::optional<Timestamp> due;
  if (!halted_ && entry.workflow && !entry.state.paused_at) {
    due = entry.slots->after(entry.state.handled);
    if (const auto chain = chain_due(entry)) due = std::min(due.value_or(*chain), *chain);
  }
  set_due(name, entry, due);
}

void Schedules::put_off(const Name& name, Entry& entry) {
  set_due(name, entry, Timestamp{engine_.clock.now().ms + k_try_again_ms});
}

}  // namespace cairn
