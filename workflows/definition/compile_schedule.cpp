// `schedule`, and what metadata.cairn says about it: when runs start by themselves.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/schedule/cron.h"
#include "workflows/schedule/time_zone.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

void Compiler::schedule_section(const Place& place) {
  const View view = View::of(Row::workflow_input, {});
  Fields fields(findings_, place, "'schedule'");
  const auto every = fields.take("every");
  const auto cron = fields.take("cron");
  const auto after = fields.take("after");
  const auto on = fields.take("on");
  Schedule schedule = schedule_terms_;
  if (every) {
    schedule.every_ms = period(*every);
    if (schedule.every_ms && *schedule.every_ms < k_shortest_interval_ms) {
      findings_.error(*every, fmt::format("an interval is {} ms or longer", k_shortest_interval_ms));
    }
  }
  if (cron) schedule.cron = cron_expression(*cron).value_or("");
  if (after) schedule.after_ms = period(*after);
  if (on) {
    program_.on = EventTrigger{event_strategy(*on, view), EventRead::data};
    not_run_yet(*on, "schedule.on");
  }
  if (const auto read = fields.take("read")) {
    const EventRead how = event_read(*read);
    if (program_.on) program_.on->read = how;
    if (!on) findings_.error_at_key(*read, "'read' says how events are read: it needs 'on'");
  }
  if (fields.is_mapping() && !every && !cron && !after && !on)
    findings_.error(place, "'schedule' needs one of: every, cron, after, on");
  fields.done();
  if (every || cron || after) program_.schedule = std::move(schedule);
}

std::optional<std::string> Compiler::cron_expression(const Place& place) {
  const auto text = read_string(findings_, place, "a cron expression (a string)");
  if (!text) return std::nullopt;
  CronProblem problem;
  if (Cron::parse(*text, problem)) return text;
  findings_.error_in(place, problem.begin, problem.message, problem.hint);
  return std::nullopt;
}

void Compiler::schedule_terms(Fields& metadata) {
  if (const auto found = metadata.take("timezone")) {
    if (const auto name = read_string(findings_, *found, "the name of a time zone (a string), as Europe/Berlin")) {
      if (const auto zone = TimeZone::find(*name)) {
        schedule_terms_.timezone = *name;
      } else {
        findings_.error(*found, zone.error().message, zone.error().remedy);
      }
    }
  }
  if (const auto found = metadata.take("catchup")) {
    const auto name = read_choice(findings_, *found, {"none", "last", "all"});
    if (name) schedule_terms_.catchup = catchup_of(*name).value_or(Catchup::last);
  }
}

}  // namespace cairn
