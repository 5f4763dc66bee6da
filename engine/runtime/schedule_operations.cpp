// What operators ask of schedules.

#include "engine/runtime/history.h"
#include "engine/runtime/hosting.h"
#include "engine/runtime/missed_slots.h"
#include "engine/runtime/retention.h"
#include "engine/runtime/schedules.h"
#include "engine/runtime/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace cairn {
namespace {

bool is_by_clock(const Schedule& schedule) { return schedule.every_ms || schedule.after_ms || !schedule.cron.empty(); }

}  // namespace

std::optional<Error> Schedules::why_gone(const Name& name, const Entry& entry) {
  if (!entry.state.gone_at) return std::nullopt;
  return make_error(ErrorCode::conflict,
                    "its workflow is not hosted any more, since " + to_iso8601(*entry.state.gone_at),
                    "schedule " + name, "Put the workflow back into the folder of cairn serve");
}

Result<Schedules::Name> Schedules::find(const std::string& name) {
  CAIRN_TRY(load());
  std::vector<Name> found;
  for (const auto& [full, entry] : entries_) {
    if (names_workflow(name, entry.workflow_namespace, entry.name)) found.push_back(full);
  }
  if (found.empty()) {
    return make_error(ErrorCode::not_found, fmt::format("there is no schedule of a workflow '{}'", name), {},
                      "List them with: cairn schedule list");
  }
  if (found.size() > 1) {
    return make_error(ErrorCode::ambiguous, fmt::format("'{}' names several: {}, {}", name, found[0], found[1]), {},
                      "Give the namespace, too: NAMESPACE/NAME");
  }
  return found.front();
}

Result<std::vector<ScheduleLine>> Schedules::list() {
  CAIRN_TRY(load());
  const Timestamp now = engine_.clock.now();
  std::vector<ScheduleLine> lines;
  lines.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) {
    CAIRN_TRY(auto line, line_of(entry, now));
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<ScheduleLine> Schedules::line_of(const Entry& entry, Timestamp now) const {
  ScheduleLine line;
  line.workflow_namespace = entry.workflow_namespace;
  line.name = entry.name;
  line.state = entry.state;
  line.hosted = entry.workflow.has_value();
  line.trouble = entry.trouble.empty() ? entry.events_trouble : entry.trouble;
  line.gathered = entry.gathered.size();
  std::set<BusPosition> sets;
  for (const auto& [position, event] : entry.gathered) sets.insert(event.set);
  line.sets = sets.size();
  if (!entry.gathered.empty()) line.gathered_since = entry.gathered.begin()->second.at;
  if (entry.state.paused_at || entry.state.gone_at) return line;
  if (entry.gathering) line.behind = number_of(engine_.bus.durable()) - number_of(looked_at_);
  auto slots = entry.slots ? Result<ClockSlots>(*entry.slots) : ClockSlots::of(entry.state.schedule);
  if (!slots) {
    line.trouble = slots.error().message;  // as on a machine without the zone's data
    return line;
  }
  auto passed = last_slots(slots.value(), entry.state.handled, now, k_most_caught_up);
  // Slots that nobody will make up for are not overdue: of those that are missed, only one that is hosted begins the newest.
  if (entry.state.schedule.catchup != Catchup::none || line.hosted) {
    line.overdue = std::move(passed.slots);
    line.more_overdue = passed.cut;
  }
  line.next = slots.value().after(std::max(entry.state.handled, now));
  if (const auto chain = chain_due(entry); chain && line.hosted) {
    if (*chain <= now) line.overdue.push_back(*chain);
    if (*chain > now) line.next = std::min(line.next.value_or(*chain), *chain);
  }
  return line;
}

void Schedules::pause(const std::string& name, bool paused, Done done) {
  if (auto trouble = engine_.committer->trouble()) return done(std::move(*trouble));
  if (engine_.stopped) return done(*engine_.stopped);
  const auto found = find(name);
  if (!found) return done(found.error());
  Entry& entry = entries_.at(found.value());
  if (auto gone = why_gone(found.value(), entry)) return done(*std::move(gone));
  if (entry.state.paused_at.has_value() == paused) {
    return done(make_error(ErrorCode::conflict, paused ? "it is paused already" : "it is not paused",
                           "schedule " + found.value()));
  }
  const Timestamp now = engine_.clock.now();
  if (paused) {
    entry.state.paused_at = now;
  } else {
    entry.state.paused_at.reset();
    entry.state.handled = now;  // also when a clock that was wrong had decided what is still to come
    entry.begun = now;
    if (!entry.state.on.empty()) {
      entry.state.event = engine_.bus.head();
      entry.state.waits_since = now;
    }
  }
  entry.waiting.push_back(std::move(done));
  plan(found.value(), entry);
  write(entry);
  engine_.wait_for_next_timer();
}

/// Of the workflow as it is hosted; else of its highest version that the log knows.
Result<DefinitionText> Schedules::definition_of(const Entry& entry) const {
  if (entry.workflow) return *entry.workflow;
  const WorkflowIdentity latest{entry.workflow_namespace, entry.name, "latest"};
  CAIRN_TRY(const auto stored, engine_.log.find_definition(latest));
  if (!stored) {
    return make_error(ErrorCode::not_found, "the log has no definition of " + latest.to_string(), {},
                      "Host it with: cairn serve --workflows DIR");
  }
  CAIRN_TRY(const auto machine, engine_.machine_of(stored->hash));
  return DefinitionText{stored->text, std::shared_ptr<const Program>(machine, &machine->program())};
}

void Schedules::trigger(const std::string& name, const Value& secrets, StartAnswer answer) {
  const auto found = find(name);
  if (!found) return answer(found.error());
  const Entry& entry = entries_.at(found.value());
  if (auto gone = why_gone(found.value(), entry)) return answer(*std::move(gone));
  auto definition = definition_of(entry);
  if (!definition) return answer(definition.error());
  const Value& given = entry.workflow ? secrets_ : secrets;
  if (auto had = check_secrets(definition.value().program->secrets, given, engine_.secret_source.get(),
                               "the definition", "schedule " + found.value());
      !had) {
    return answer(std::move(had).error());
  }
  const auto slots = ClockSlots::of(entry.state.schedule);
  if (!slots) return answer(slots.error());
  const Timestamp now = engine_.clock.now();
  StartOptions options;
  options.workflow = std::move(definition.value());
  options.stored = true;
  // Of a workflow that only events start, there is none.
  options.input = is_by_clock(entry.state.schedule) ? slot_input(now, slots.value().shown(now)) : Value::array({});
  options.secrets = given;
  engine_.start(std::move(options), false, std::move(answer));
}

void Schedules::backfill(const std::string& name, Timestamp from, Timestamp to, bool dry_run, const Value& secrets,
                         Backfilled answer) {
  struct Plan {
    std::shared_ptr<std::vector<BackfilledSlot>> all;
    std::vector<Value> inputs;
    StartOptions options;
  };
  const auto begin = [&]() -> Result<Plan> {
    CAIRN_TRY(const auto found, find(name));
    const Entry& entry = entries_.at(found);
    const std::string where = "schedule " + found;
    if (!entry.state.schedule.every_ms && entry.state.schedule.cron.empty()) {
      const bool by_events = !entry.state.schedule.after_ms;
      return make_error(ErrorCode::invalid_usage,
                        by_events ? "events start it, and it has no slots"
                                  : "`after` has no slots but those that follow from its runs",
                        where, by_events ? "Send an event again, under an id of its own: cairn event send" : "");
    }
    if (to < from) return make_error(ErrorCode::invalid_usage, "the range ends before it begins", where);
    if (to > engine_.clock.now()) {
      return make_error(ErrorCode::invalid_usage, "the range ends in the future, and its slots are still to come",
                        where);
    }
    CAIRN_TRY(const auto slots, ClockSlots::of(entry.state.schedule));
    CAIRN_TRY(auto definition, definition_of(entry));
    const Value& given = entry.workflow ? secrets_ : secrets;
    if (!dry_run) {
      CAIRN_TRY(
          check_secrets(definition.program->secrets, given, engine_.secret_source.get(), "the definition", where));
    }
    Plan plan;
    plan.all = std::make_shared<std::vector<BackfilledSlot>>();
    for (auto slot = slots.after(Timestamp{from.ms - 1}); slot && *slot <= to; slot = slots.after(*slot)) {
      if (plan.all->size() == k_most_backfilled) {
        return make_error(ErrorCode::limit_exceeded, fmt::format("the range has more than {} slots", k_most_backfilled),
                          where, "Give a shorter range, and then the rest");
      }
      CAIRN_TRY(const auto run, engine_.log.run_of_key(definition.program->identity, slot_key(*slot)));
      plan.all->push_back({*slot, run, run.has_value(), std::nullopt});
      plan.inputs.push_back(slot_input(*slot, slots.shown(*slot)));
    }
    plan.options.workflow = std::move(definition);
    plan.options.stored = true;
    plan.options.secrets = given;
    return plan;
  };
  const auto begun = begin();
  if (!begun) return answer(begun.error());
  const auto all = begun.value().all;
  auto left = std::make_shared<std::size_t>(1);
  const auto finish_one = [all, left, answer = std::move(answer)] {
    if (--*left == 0) answer(*all);
  };
  for (std::size_t i = 0; !dry_run && i < all->size(); ++i) {
    if ((*all)[i].existing) continue;
    StartOptions one = begun.value().options;
    one.key = slot_key((*all)[i].slot);
    one.input = begun.value().inputs[i];
    ++*left;
    engine_.start(std::move(one), false, [all, i, finish_one](const Result<Started>& started) {
      if (started) {
        (*all)[i].run = started.value().run;
        (*all)[i].existing = started.value().existing;
      } else {
        (*all)[i].refused = started.error();
      }
      finish_one();
    });
  }
  finish_one();
}

}  // namespace cairn
