#include "tests/simulation/history.h"

#include "engine/machine/apply.h"
#include "engine/machine/status.h"
#include "engine/runtime/history.h"
#include "workflows/value/json.h"

#include <algorithm>
#include <charconv>

namespace cairn::simulation {
namespace {

bool same_events(const std::vector<Event>& a, const std::vector<Event>& b) {
  return std::ranges::equal(
      a, b, [](const Event& x, const Event& y) { return x.index() == y.index() && to_value(x) == to_value(y); });
}

constexpr std::string_view k_serial = "serial ";

}  // namespace

std::int64_t serial_of(const std::variant<Value, Problem>& outcome) {
  if (const auto* value = std::get_if<Value>(&outcome)) {
    const Value serial = value->get("serial");
    return serial.is_integer() ? serial.as_int() : 0;
  }
  const std::string& detail = std::get<Problem>(outcome).detail;
  if (!detail.starts_with(k_serial)) return 0;
  std::int64_t serial = 0;
  std::from_chars(detail.data() + k_serial.size(), detail.data() + detail.size(), serial);
  return serial;
}

void History::know(const std::shared_ptr<const Program>& program) {
  machines_.try_emplace(program->hash, std::make_shared<const Machine>(program));
}

const History::Run* History::find(const RunId& run) const {
  const auto it = runs_.find(run);
  return it == runs_.end() ? nullptr : &it->second;
}

std::optional<RunId> History::run_of_key(const std::string& identity, const std::string& key) const {
  const auto it = keys_.find({identity, key});
  return it == keys_.end() ? std::nullopt : std::optional(it->second);
}

EventSeq History::waiting_effect(const RunId& run, EventSeq key) const {
  const Run* known = find(run);
  if (known == nullptr) return k_no_event;
  for (const auto& [id, effect] : known->state.effects) {
    if (effect.key == key) return id;
  }
  return k_no_event;
}

void History::became_durable(const AppendBatch& batch) {
  bus.became_durable(batch);
  for (const auto& append : batch.records) {
    const Record& record = *append.record;
    ++records_;
    events_ += record.events.size();
    Run& run = runs_[append.run];
    const std::string& name = trace_.name(append.run);
    trace_.line("log {} {} {}..{} {}", name, cairn::name_of(record.stimulus), number_of(record.first),
                number_of(record.first) + record.events.size() - 1, cairn::name_of(record.events.back()));
    if (record.first != next_of(run.state.last)) {
      trace_.violated("{}: a record begins with event {} after event {}", name, number_of(record.first),
                      number_of(run.state.last));
      return;
    }
    if (const auto* started = std::get_if<RunStarted>(&record.events.front())) {
      check_start(*started, append.run);
      const auto machine = machines_.find(started->definition);
      if (machine == machines_.end()) {
        trace_.violated("{}: starts with a definition that nobody gave", name);
        return;
      }
      run.machine = machine->second;
    }
    if (run.machine == nullptr) {
      trace_.violated("{}: its first record is no start", name);
      return;
    }
    check_stimulus(run, record);
    const Decision decided = run.machine->decide(run.state, record.stimulus);
    if (!same_events(decided.events, record.events)) {
      trace_.violated("{}: deciding event {} again gives something else", name, number_of(record.first));
      return;
    }
    run.state.id = append.run;
    for (const auto& event : record.events) {
      check_event(run, event, record);
      apply(run.state, event, record.stimulus.now);
    }
    check_secret(record);
    const RunSummary expected = summary_of(run.state);
    if (expected.length != append.summary.length || expected.status != append.summary.status ||
        expected.open != append.summary.open || expected.active != append.summary.active ||
        expected.ended_at != append.summary.ended_at) {
      trace_.violated("{}: its line in the index is not that of its state after event {}", name, expected.length);
    }
    check_timers(run, append);
    bus.check_listeners(run.state, append);
    if (append.snapshot && !(*append.snapshot == to_value(run.state))) {
      trace_.violated("{}: the snapshot at event {} is not its state there", name, expected.length);
    }
  }
}

void History::check_timers(Run& run, const AppendRecord& append) {
  for (const auto& timer : append.timers_cleared) run.timers.erase(timer);
  run.timers.insert(append.timers_set.begin(), append.timers_set.end());
  std::set<DueTimer> running;
  for (const auto& [id, timer] : running_timers(run.state)) running.insert({timer.due, append.run, id});
  if (running != run.timers) {
    trace_.violated("{}: after event {} the index has {} timers, and {} run", trace_.name(append.run),
                    number_of(run.state.last), run.timers.size(), running.size());
  }
}

void History::check_start(const RunStarted& started, const RunId& run) {
  if (!started.key.empty()) {
    const auto [holder, is_new] = keys_.try_emplace({started.workflow.to_string(), started.key}, run);
    if (!is_new) {
      trace_.violated("{}: key {} has started {} before", trace_.name(run), started.key, trace_.name(holder->second));
    }
  }
  if (!started.parent) return;
  if (!children_announced_.contains(run)) {
    trace_.violated("{}: a child begins that its parent {} does not know", trace_.name(run),
                    trace_.name(started.parent->run));
  }
}

void History::check_stimulus(const Run& run, const Record& record) {
  const auto& what = record.stimulus.what;
  const std::string& name = trace_.name(run.state.id);
  if (const auto* due = std::get_if<TimerDue>(&what)) {
    const auto timer = run.state.timers.find(due->timer);
    if (timer == run.state.timers.end()) {
      trace_.violated("{}: timer {} fires and is not set (twice?)", name, number_of(due->timer));
    } else if (record.stimulus.now < timer->second.due && time_.latest() < timer->second.due) {
      // A clock that is set back between the alarm and the decision is no harm: its time had come.
      trace_.violated("{}: timer {} fires {} ms early", name, number_of(due->timer),
                      timer->second.due.ms - record.stimulus.now.ms);
    } else if (run.state.suspended_at) {
      trace_.violated("{}: timer {} fires while the run is suspended", name, number_of(due->timer));
    }
  }
  if (const auto* finished = std::get_if<EffectFinished>(&what)) check_result(run, *finished);
  if (const auto* finished = std::get_if<ChildFinished>(&what)) {
    const Run* child = find(finished->child);
    if (child == nullptr || !child->state.ended()) {
      const auto* problem = std::get_if<Problem>(&finished->outcome);
      // One that could not be started never begins.
      if (problem == nullptr || child != nullptr) {
        trace_.violated("{}: hears that its child {} has ended, and it has not", name, trace_.name(finished->child));
      }
    } else if (const auto* output = std::get_if<Value>(&finished->outcome)) {
      if (child->state.ending != Ending::completed || !(child->state.output == *output)) {
        trace_.violated("{}: gets another output than its child {} has", name, trace_.name(finished->child));
      }
    } else if (child->state.ending == Ending::completed) {
      trace_.violated("{}: hears that its child {} failed, and it completed", name, trace_.name(finished->child));
    }
  }
}

void History::check_result(const Run& run, const EffectFinished& finished) {
  const std::string& name = trace_.name(run.state.id);
  const auto effect = run.state.effects.find(finished.effect);
  if (effect == run.state.effects.end()) {
    trace_.violated("{}: a result for effect {}, which waits for none", name, number_of(finished.effect));
    return;
  }
  const std::int64_t serial = serial_of(finished.outcome);
  if (serial == 0) {
    // What is evaluated with secrets may fail before it goes out.
    if (std::holds_alternative<Problem>(finished.outcome) && effect->second.confidential) return;
    trace_.violated("{}: a result for effect {} that no service gave", name, number_of(finished.effect));
    return;
  }
  GivenAnswer& answer = answers[serial];
  if (answer.run != run.state.id || answer.effect != finished.effect) {
    trace_.violated("{}: effect {} gets the answer that was given to effect {} of {}", name, number_of(finished.effect),
                    number_of(answer.effect), trace_.name(answer.run));
  }
  if (answer.recorded) trace_.violated("{}: answer {} is recorded twice", name, serial);
  answer.recorded = true;
}

void History::check_event(const Run& run, const Event& event, const Record& /*record*/) {
  bus.check_event(run.state.id, event);
  if (const auto* child = std::get_if<ChildStarted>(&event)) {
    if (!children_announced_.insert(child->child).second) {
      trace_.violated("{}: child {} is started twice", trace_.name(run.state.id), trace_.name(child->child));
    }
  }
}

void History::check_secret(const Record& record) {
  if (secret.empty()) return;
  const auto holds = [this](const Value& value) { return to_json(value).find(secret) != std::string::npos; };
  bool found = holds(to_value(record.stimulus));
  for (const auto& event : record.events) found = found || holds(to_value(event));
  if (found) trace_.violated("a record holds the secret");
}

}  // namespace cairn::simulation
