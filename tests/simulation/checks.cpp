#include "tests/simulation/checks.h"

#include "engine/machine/apply.h"
#include "engine/machine/status.h"
#include "engine/runtime/history.h"
#include "workflows/core/limits.h"

#include <limits>
#include <set>

namespace cairn::simulation {

void check_quiet(Process& process, const History& history, const Outside& outside, const SimulatedTime& time,
                 Trace& trace) {
  std::vector<RunState> open;
  for (const auto& [id, run] : history.runs()) {
    if (!run.state.ended() || !run.state.effects.empty()) open.push_back(run.state);
  }
  outside.check_wanted();
  if (process.engine.events_matched()) {
    for (const auto& state : open) history.bus.check_none_lost(state, *history.find(state.id)->machine);
  }
  if (open.empty() && process.engine.hosted() > 0) {
    trace.violated("{} runs are still worked on, and all have ended", process.engine.hosted());
  }
  const auto work = process.engine.work_on(open);
  for (const auto& [id, under_way] : work) {
    const RunState& state = history.find(id)->state;
    const std::string& name = trace.name(id);
    const auto reasons = reasons_of(process.log, state, under_way);
    if (!reasons) {
      trace.violated("{}: nobody can say why it waits: {}", name, reasons.error().to_string());
      continue;
    }
    for (const auto& reason : reasons.value()) {
      if (!reason.wakes) trace.violated("{}: nothing will end that it waits for {}", name, reason.what);
    }
    if (state.suspended_at) continue;
    for (const auto& [timer, pending] : state.timers) {
      if (pending.due <= time.now()) {
        trace.violated("{}: timer {} is {} ms late", name, number_of(timer), time.now().ms - pending.due.ms);
      }
    }
    if (!under_way.queued.empty() && outside.under_way() < limits::k_effects_in_flight) {
      trace.violated("{}: effect {} waits for a place, and only {} are under way", name,
                     number_of(*under_way.queued.begin()), outside.under_way());
    }
  }
}

namespace {

/// What the log's indexes say is what the records say.
void check_indexes(const EventLog& log, const History& history, Trace& trace) {
  std::set<DueTimer> timers;
  std::set<RunId> active;
  for (const auto& [id, run] : history.runs()) {
    timers.insert(run.timers.begin(), run.timers.end());
    if (is_active(run.state)) active.insert(id);
  }
  std::set<DueTimer> indexed_timers;
  std::set<RunId> indexed_active;
  const DueTimer first{Timestamp{std::numeric_limits<std::int64_t>::min()}, RunId{}, EventSeq{}};
  const auto read = log.each_timer(first, [&](const DueTimer& timer) {
    indexed_timers.insert(timer);
    return true;
  });
  const auto read_too = log.each_active_run(RunId{}, [&](const RunId& run) {
    indexed_active.insert(run);
    return true;
  });
  if (!read || !read_too) trace.violated("an index cannot be read");
  if (timers != indexed_timers) {
    trace.violated("{} timers run, and the index has {}", timers.size(), indexed_timers.size());
  }
  if (active != indexed_active) {
    trace.violated("{} runs have something to do, and the index has {}", active.size(), indexed_active.size());
  }
}

}  // namespace

void check_recovered(const EventLog& log, const History& history, Trace& trace) {
  std::size_t count = 0;
  const auto read = log.each_run([&](const RunSummary& summary) {
    ++count;
    const auto* known = history.find(summary.id);
    if (known == nullptr) {
      trace.violated("{}: is in the log, and its start never became durable", trace.name(summary.id));
    } else if (summary.length != number_of(known->state.last)) {
      trace.violated("{}: the log has {} events, {} became durable", trace.name(summary.id), summary.length,
                     number_of(known->state.last));
    }
    return true;
  });
  if (!read) trace.violated("the runs cannot be read: {}", read.error().to_string());
  check_indexes(log, history, trace);
  history.bus.check_log(log);
  if (count < history.runs().size()) {
    trace.violated("the log has {} runs, {} became durable", count, history.runs().size());
  }
}

void check_folds(const EventLog& log, const History& history, Dice& dice, Trace& trace) {
  for (const auto& [id, run] : history.runs()) {
    const std::string& name = trace.name(id);
    const auto whole = fold_run(log, id);
    if (!whole || !(to_value(whole.value()) == to_value(run.state))) {
      trace.violated("{}: the log does not fold to its state", name);
      continue;
    }
    const EventSeq at{1 + dice.below(number_of(run.state.last))};
    RunState plain;
    plain.id = id;
    const auto read = log.read(id, EventSeq{1}, [&](const Record& record) {
      for (const auto& event : record.events) {
        if (plain.last < at) apply(plain, event, record.stimulus.now);
      }
      return plain.last < at;
    });
    const auto folded = fold_run(log, id, at);
    if (!read || !folded || !(to_value(folded.value()) == to_value(plain))) {
      trace.violated("{}: the log does not fold to the state at event {}", name, number_of(at));
    }
    if (!dice.one_in(4)) continue;
    const auto verified = verify_run(log, id);
    if (!verified || verified.value()) trace.violated("{}: deciding again gives something else", name);
  }
}

void check_end(const EventLog& log, const History& history, Trace& trace) {
  for (const auto& [id, run] : history.runs()) {
    if (run.state.ended() && run.state.effects.empty()) continue;
    std::string why;
    if (const auto reasons = reasons_of(log, run.state, std::nullopt); reasons) {
      for (const auto& reason : reasons.value()) why += "; " + reason.task + " " + reason.what;
    }
    trace.violated("{}: has not ended though everything was given time{}", trace.name(id), why);
  }
  for (const auto& child : history.children_announced()) {
    if (history.find(child) == nullptr) {
      trace.violated("{}: a child that its parent has started never began", trace.name(child));
    }
  }
}

}  // namespace cairn::simulation
