// Which schedules are hosted, and keeping that in the log.

#include "engine/runtime/schedules.h"

#include "engine/log/semver.h"
#include "engine/runtime/hosting.h"

#include <spdlog/spdlog.h>

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
    auto state = schedule_state_of(row);
    if (!state) {
      readable = std::move(state).error();
      return false;
    }
    Entry& entry = found[row.workflow_namespace + "/" + row.name];
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
    if (!workflow->program->schedule) continue;
    CAIRN_TRY(auto slots, ClockSlots::of(*workflow->program->schedule));
    hosting.emplace(name, Hosting{workflow, std::move(slots)});
  }
  return hosting;
}

Result<void> Schedules::host(const std::vector<DefinitionText>& workflows, Value secrets) {
  if (engine_.stopped) return *engine_.stopped;
  CAIRN_TRY(load());
  CAIRN_TRY(const auto hosting, highest_versions(workflows));
  secrets_ = std::move(secrets);
  const Timestamp now = engine_.clock.now();
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
    rows.schedules.push_back({entry.workflow_namespace, entry.name, to_value(entry.state)});
  }
  if (!rows.schedules.empty()) engine_.submit(std::move(rows), {});
  engine_.wait_for_next_timer();
  return success();
}

void Schedules::take_on(const Name& name, const Hosting& hosting, Timestamp now) {
  const Program& program = *hosting.workflow->program;
  const auto [it, is_new] = entries_.try_emplace(name);
  Entry& entry = it->second;
  ScheduleState& state = entry.state;
  const bool was_gone = state.gone_at.has_value();
  const bool is_other = is_new || to_string(state.schedule) != to_string(*program.schedule);
  // What a new schedule says of the past was nobody's wish then.
  if (is_other || was_gone) state.handled = is_new ? now : std::max(state.handled, now);
  if (is_other || was_gone || state.version != program.identity.version || state.schedule != *program.schedule) {
    entry.unwritten = true;
  }
  entry.workflow_namespace = program.identity.workflow_namespace;
  entry.name = program.identity.name;
  state.gone_at.reset();
  state.version = program.identity.version;
  state.schedule = *program.schedule;
  if (!entry.workflow) entry.begun = now;
  entry.workflow = *hosting.workflow;
  entry.slots = hosting.slots;
  if (state.schedule.after_ms && entry.chain_run == nullptr) find_chain(name, entry);
}

void Schedules::let_go(Entry& entry, Timestamp now) {
  entry.workflow.reset();
  entry.slots.reset();
  entry.chain_run.reset();
  if (entry.state.gone_at) return;
  entry.state.gone_at = now;
  entry.unwritten = true;
}

void Schedules::halt() {
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
  if (due_.empty() || engine_.draining) return std::nullopt;
  return due_.begin()->first;
}

/// In its own batch; not before the starts under way, which carry older rows, are durable.
void Schedules::write(Entry& entry) {
  entry.unwritten = entry.starting > 0;
  if (entry.unwritten || engine_.stopped) return;
  AppendBatch batch;
  batch.schedules.push_back({entry.workflow_namespace, entry.name, to_value(entry.state)});
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
