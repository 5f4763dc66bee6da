// Folding a run from its records, with the help of a snapshot.

#include "engine/runtime/history.h"

#include "engine/machine/apply.h"
#include "engine/machine/fault.h"
#include "workflows/core/time.h"
#include "workflows/definition/load.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace cairn {
namespace {

constexpr EventSeq k_latest{std::numeric_limits<std::uint64_t>::max()};

/// The newest usable snapshot at or before `at`, or the state of a run that has not begun. A snapshot only shortens the
/// fold: one that does not read back is passed over, since the records hold the truth.
Result<RunState> starting_point(const EventLog& log, const RunId& run, EventSeq at) {
  CAIRN_TRY(const auto snapshot, log.snapshot(run, at));
  if (snapshot) {
    auto state = state_from_value(snapshot->state);
    if (state && state.value().id == run && state.value().last == snapshot->at) return std::move(state.value());
  }
  RunState fresh;
  fresh.id = run;
  return fresh;
}

void fold_record(RunState& state, const Record& record, EventSeq at) {
  EventSeq number = record.first;
  for (const auto& event : record.events) {
    if (number > at) return;
    if (number > state.last) apply(state, event, record.stimulus.now);
    number = next_of(number);
  }
}

}  // namespace

Result<RunState> fold_run(const EventLog& log, const RunId& run, std::optional<EventSeq> at) {
  CAIRN_TRY(const auto summary, log.summary(run));
  if (!summary) {
    return no_such_run(log, run);
  }
  if (at && (number_of(*at) > summary->length || *at == k_no_event)) {
    return make_error(ErrorCode::invalid_usage, fmt::format("there is no event {}", number_of(*at)),
                      "run " + run.to_string(), fmt::format("Choose one from 1 to {}", summary->length));
  }
  const EventSeq end = at.value_or(k_latest);
  CAIRN_TRY(auto state, starting_point(log, run, end));
  CAIRN_TRY(log.read(run, next_of(state.last), [&](const Record& record) {
    fold_record(state, record, end);
    return state.last < end;
  }));
  if (at && state.last != *at) {
    return make_error(
        ErrorCode::corrupt,
        fmt::format("the index promises event {} and the records end at {}", number_of(*at), number_of(state.last)),
        "run " + run.to_string(), "Run: cairn log verify");
  }
  return state;
}

std::string removal_sentence(const Removal& removal) {
  return fmt::format("run {} of {}, {} on {}, was removed on {} by retention: {}", removal.run.to_string(),
                     removal.workflow.to_string(), name_of(removal.status), to_iso8601(removal.ended_at),
                     to_iso8601(removal.removed_at), removal.why);
}

Error no_such_run(const EventLog& log, const RunId& run) {
  const std::string id = run.to_string();
  const auto removed = log.removals(id, 1);
  if (!removed) return removed.error();
  if (!removed.value().empty()) return make_error(ErrorCode::not_found, removal_sentence(removed.value().front()));
  return make_error(ErrorCode::not_found, "there is no such run", "run " + id, "List the runs with: cairn runs");
}

Result<LoadedRun> load_run(const EventLog& log, const RunId& run) {
  LoadedRun loaded;
  loaded.state.id = run;
  CAIRN_TRY(const auto summary, log.summary(run));
  if (summary && summary->length >= k_snapshot_every) {  // or there is none
    CAIRN_TRY(loaded.state, starting_point(log, run, k_latest));
    loaded.snapshot = loaded.state.last;
  }
  CAIRN_TRY(log.read(run, next_of(loaded.state.last), [&](const Record& record) {
    fold_record(loaded.state, record, k_latest);
    return true;
  }));
  return loaded;
}

RunSummary summary_of(const RunState& state) {
  RunSummary summary;
  summary.id = state.id;
  summary.status = status_of(state);
  summary.open = !state.ended() || !state.effects.empty();
  summary.active = is_active(state);
  summary.workflow = state.workflow;
  summary.definition = state.definition;
  summary.started_at = state.started_at;
  summary.updated_at = state.updated_at;
  summary.ended_at = state.ended_at;
  summary.key = state.key;
  summary.priority = state.priority;
  summary.singleton_key = singleton_key_of(state.limit_keys);
  if (state.parent) summary.parent = state.parent->run;
  const bool awaited = state.parent && state.parent->awaited;
  // Who waited for a run has its fault too, and deals with it or faults in turn.
  if (state.problem && !awaited) summary.fault_cause = fault_cause(state.workflow, *state.problem);
  summary.retry_of = state.retry_of;
  summary.length = number_of(state.last);
  return summary;
}

Result<std::shared_ptr<const Machine>> load_machine(const EventLog& log, const Hash256& definition) {
  CAIRN_TRY(const auto stored, log.definition(definition));
  const std::string where = "definition " + definition.hex();
  if (!stored) {
    return make_error(ErrorCode::corrupt, "the log does not hold this definition", where, "Run: cairn log verify");
  }
  const LoadedDefinition loaded = load_definition(stored->text);
  if (!loaded.ok()) {
    return make_error(ErrorCode::invalid_definition,
                      "this version does not accept it any more:\n" +
                          format_diagnostics(loaded.diagnostics, stored->text, stored->workflow.to_string()),
                      where, "Use the version of cairn that started the run");
  }
  if (loaded.program->hash != definition) {
    return make_error(ErrorCode::corrupt, "the stored text has another hash", where, "Run: cairn log verify");
  }
  return std::make_shared<const Machine>(loaded.program);
}

}  // namespace cairn
