// `schedule`, and what metadata.cairn says about it: when runs start by themselves.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/schedule/cron.h"
#include "workflows/schedule/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace cairn {
namespace {

/// Whether an expression takes `$workflow.input[N].data`.
bool reads_envelope(std::string_view text) {
  constexpr std::string_view before = "$workflow.input[";
  constexpr std::string_view behind = "].data";
  for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    const std::string_view rest = text.substr(at + before.size());
    const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || !rest.substr(digits).starts_with(behind)) continue;
    const auto next = rest.substr(digits + behind.size());
    const bool goes_on =
        !next.empty() && (std::isalnum(static_cast<unsigned char>(next.front())) != 0 || next.front() == '_');
    if (!goes_on) return true;
  }
  return false;
}

}  // namespace

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
    const EventStrategy& to = program_.on->to;
    if (to.forever || (to.events.filters.empty() && to.events.quantity == Quantity::all)) {
      findings_.warning(*on, to.forever ? "'until' never holds, so no event ever starts a run"
                                        : "'all' of nothing: no event ever starts a run");
    }
  }
  if (const auto read = fields.take("read")) {
    const EventRead how = event_read(*read);
    if (program_.on) program_.on->read = how;
    on_is_read_ = true;
    if (!on) findings_.error_at_key(*read, "'read' says how events are read: it needs 'on'");
  }
  if (fields.is_mapping() && !every && !cron && !after && !on)
    findings_.error(place, "'schedule' needs one of: every, cron, after, on");
  fields.done();
  if (every || cron || after) program_.schedule = std::move(schedule);
}

/// The standard's examples say nothing of `read`, whose default is the data, and take `$workflow.input[0].data`.
void Compiler::settle_event_read(const Place& schedule) {
  if (!program_.on || on_is_read_) return;
  for (std::size_t i = 0; i < program_.sources.size(); ++i) {
    if (!reads_envelope(program_.sources[i].text)) continue;
    program_.on->read = EventRead::envelope;
    findings_.warning(schedule,
                      fmt::format("without 'read' a run gets the data of its events; but {} takes `.data` of one, so "
                                  "they are given whole: write 'read: envelope'",
                                  program_.origins[i]));
    return;
  }
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
