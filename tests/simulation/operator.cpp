#include "tests/simulation/operator.h"

#include <algorithm>

namespace cairn::simulation {
namespace {

constexpr std::int64_t k_day_ms = 86'400'000;

}  // namespace

Operator::Operator(SimulatedTime& time, History& history, Trace& trace, FaultCounts& faults, Dice dice,
                   const Plan& plan, const GeneratedWorkflows& workflows)
    : time_(time),
      history_(history),
      trace_(trace),
      faults_(faults),
      dice_(dice),
      event_dice_(dice.apart(77)),
      plan_(plan),
      workflows_(workflows) {}

Value Operator::secrets() { return Value::object({{k_secret_name, Value::string(k_secret)}}); }

bool Operator::may_fail(const Error& error) const {
  // While the disk is full, starts and commands are refused.
  return process().pipeline.failed() || (plan_.no_room > 0 && error.code == ErrorCode::disk_full);
}

void Operator::begin() {
  time_.after(0, [this] { act(); });
}

void Operator::act() {
  if (left_) return;
  static constexpr std::int64_t k_pauses_ms[] = {0, 10, 1'000, 60'000, 600'000};
  time_.after(dice_.between(0, dice_.of(k_pauses_ms)), [this] { act(); });
  if (process().engine.stopped_by()) return;
  if (plan_.shape.listens && event_dice_.one_in(3)) send();
  if (started_ < plan_.starts && dice_.one_in(2)) {
    for (std::size_t i = 0; i < plan_.at_once && started_ < plan_.starts; ++i) start();
    return;
  }
  if (dice_.per_mille(plan_.clock_jump)) return jump();
  if (dice_.per_mille(plan_.command)) return command();
  if (dice_.one_in(20)) return resume_one();
  if (dice_.one_in(40)) resume_all();
}

void Operator::jump() {
  const bool ahead = dice_.one_in(2);
  faults_.add(ahead ? Fault::clock_forward : Fault::clock_back);
  const std::int64_t by = dice_.between(1, k_day_ms);
  trace_.line("clock {} {} ms", ahead ? "ahead" : "back", by);
  time_.jump(ahead ? by : -by);
}

std::vector<std::string> Operator::expected() const {
  std::vector<std::string> all;
  for (const auto& [id, run] : history_.runs()) {
    for (const auto& [frame_id, frame] : run.state.frames) {
      if (!frame.listening || frame.listening->closed) continue;
      for (const auto& [name, value] : frame.listening->correlations) {
        if (value.is_string()) all.push_back(value.as_string());
      }
    }
  }
  return all;
}

namespace {

Value event_of(const std::string& type, const std::string& id, const std::string& n) {
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(id)},
                        {"source", Value::string("/people")},
                        {"type", Value::string(type)},
                        {"data", Value::object({{"n", Value::string(n)}})}});
}

}  // namespace

/// Now and then with an id that was there before: the same event, sent again.
void Operator::send() {
  static constexpr const char* k_types[] = {"sim.told", "sim.told", "sim.told", "sim.asked", "sim.nobody"};
  std::vector<Value> events;
  const std::size_t count = 1 + event_dice_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    const auto wanted = expected();
    const std::string n =
        wanted.empty() || event_dice_.one_in(3) ? std::to_string(event_dice_.below(9)) : event_dice_.of(wanted);
    const std::size_t number = event_dice_.one_in(4) ? event_dice_.below(told_ + 1) : ++told_;
    events.push_back(event_of(event_dice_.of(k_types), fmt::format("e{}", number), n));
  }
  publish(std::move(events));
}

void Operator::publish(std::vector<Value> events) {
  trace_.line("publish {}", events.size());
  process().engine.publish(events, [this, events](const Result<std::vector<PublishedEvent>>& places) {
    if (!places) {
      if (!may_fail(places.error())) trace_.violated("events are refused: {}", places.error().to_string());
      return;
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (!history_.bus.is_at(events[i], places.value()[i].position)) {
        trace_.violated("an event is acknowledged at {}, where it is not", number_of(places.value()[i].position));
      }
    }
  });
}

bool Operator::tell_listeners() {
  bool anybody = false;
  for (const auto& [id, run] : history_.runs()) {
    for (const auto& [frame_id, frame] : run.state.frames) anybody |= frame.listening && !frame.listening->closed;
  }
  if (!anybody) return false;
  std::vector<Value> events;
  auto values = expected();
  values.emplace_back("0");
  for (const auto& n : values) events.push_back(event_of("sim.told", fmt::format("t{}", ++told_), n));
  events.push_back(event_of("sim.asked", fmt::format("t{}", ++told_), "0"));
  events.push_back(event_of("sim.happened", fmt::format("t{}", ++told_), "0"));
  publish(std::move(events));
  return true;
}

void Operator::start() {
  ++started_;
  StartOptions options;
  options.workflow = dice_.of(workflows_.started);
  options.with = workflows_.children;
  options.priority = static_cast<std::uint8_t>(dice_.below(10));
  options.secrets = secrets();
  if (dice_.one_in(2)) options.key = fmt::format("k{}", dice_.below(3));
  const bool other_input = !options.key.empty() && dice_.one_in(6);
  options.input = Value::object({{"n", Value::integer(other_input ? 77 : 5)}});
  const std::string identity = options.workflow.program->identity.to_string();
  const std::string key = options.key;
  trace_.line("start {} key '{}'{}", identity, key, other_input ? " with another input" : "");
  if (dice_.one_in(3)) {
    told_of_start(process().engine.start(std::move(options)), identity, key, false);
    return;
  }
  ++process().unanswered;
  process().engine.start(std::move(options), [this, identity, key](const Result<Started>& answer) {
    --process().unanswered;
    told_of_start(answer, identity, key, true);
  });
}

void Operator::told_of_start(const Result<Started>& answer, const std::string& identity, const std::string& key,
                             bool at_once) {
  if (!answer) {
    trace_.line("start refused: {}", answer.error().message);
    const bool is_conflict = answer.error().code == ErrorCode::conflict;
    if (is_conflict && !history_.run_of_key(identity, key)) {
      trace_.violated("a start is refused for the sake of key {} of {}, which has started nothing that is durable", key,
                      identity);
    }
    if (!is_conflict && !may_fail(answer.error())) trace_.violated("a start fails: {}", answer.error().to_string());
    return;
  }
  const RunId& run = answer.value().run;
  trace_.line("started {}{}", trace_.name(run), answer.value().existing ? " before" : "");
  if (history_.find(run) == nullptr) {
    trace_.violated("{}: a start is acknowledged before it is durable", trace_.name(run));
    return;
  }
  if (!key.empty()) {
    const auto [known, is_new] = acknowledged_.try_emplace({identity, key}, run);
    if (known->second != run) {
      trace_.violated("key {} of {} has started {} and {}", key, identity, trace_.name(known->second),
                      trace_.name(run));
    }
    if (!is_new && !answer.value().existing) {
      trace_.violated("key {} of {} is told to be new twice", key, identity);
    }
  }
  if (dice_.one_in(2)) watch(run, at_once && !answer.value().existing);
}

void Operator::watch(const RunId& run, bool whole) {
  Process::Watch& watch = process().watches.emplace_back();
  watch.run = run;
  if (whole) watch.next = EventSeq{1};
  watch.began_before_end = whole || !history_.find(run)->state.ended();
  const auto is_durable = [this, run](EventSeq last) {
    const auto* known = history_.find(run);
    if (known == nullptr || known->state.last < last) {
      trace_.violated("{}: an observer hears of event {} before it is durable", trace_.name(run), number_of(last));
    }
  };
  RunObserver observer;
  observer.on_record = [this, is_durable, &watch](const Record& record) {
    const EventSeq last{number_of(record.first) + record.events.size() - 1};
    is_durable(last);
    if (watch.next && record.first != *watch.next) {
      trace_.violated("{}: an observer hears of event {} when {} is next", trace_.name(watch.run),
                      number_of(record.first), number_of(*watch.next));
    }
    watch.next = next_of(last);
  };
  observer.on_end = [this, is_durable, &watch](const RunState& state) {
    is_durable(state.last);
    if (watch.told_of_end) trace_.violated("{}: an observer hears of the end twice", trace_.name(watch.run));
    watch.told_of_end = true;
  };
  watch.observation = process().engine.observe(run, std::move(observer));
}

void Operator::check_told() {
  if (process().unanswered > 0) trace_.violated("{} starts have no answer", process().unanswered);
  for (const auto& watch : process().watches) {
    const auto* run = history_.find(watch.run);
    if (run == nullptr || watch.told_of_end || !watch.began_before_end || !run->state.ended()) continue;
    trace_.violated("{}: an observer does not hear of the end", trace_.name(watch.run));
  }
}

std::optional<RunId> Operator::some_run() {
  std::vector<RunId> open;
  std::vector<RunId> all;
  for (const auto& [id, run] : history_.runs()) {
    all.push_back(id);
    if (!run.state.ended()) open.push_back(id);
  }
  if (all.empty()) return std::nullopt;
  return dice_.of(open.empty() || dice_.one_in(10) ? all : open);
}

bool Operator::is_done() const {
  return started_ >= plan_.starts &&
         std::ranges::all_of(history_.runs(), [](const auto& run) { return run.second.state.ended(); });
}

void Operator::command() {
  const auto chosen = some_run();
  if (!chosen) return;
  static constexpr OperatorCommand::Kind k_kinds[] = {OperatorCommand::Kind::suspend, OperatorCommand::Kind::suspend,
                                                      OperatorCommand::Kind::proceed, OperatorCommand::Kind::proceed,
                                                      OperatorCommand::Kind::cancel};
  give(*chosen, dice_.of(k_kinds));
}

bool Operator::give(const RunId& run, OperatorCommand::Kind kind) {
  trace_.line("{} {}", name_of(kind), trace_.name(run));
  const auto done = process().engine.command(run, kind, "the operator");
  trace_.line("{} {} {}", name_of(kind), trace_.name(run), done ? "done" : "refused");
  if (!done) {
    if (done.error().code != ErrorCode::conflict && !may_fail(done.error())) {
      trace_.violated("{}: a command fails: {}", trace_.name(run), done.error().to_string());
    }
    return false;
  }
  const RunState& state = history_.find(run)->state;
  const bool is_true = kind == OperatorCommand::Kind::cancel    ? state.ending == Ending::cancelled
                       : kind == OperatorCommand::Kind::suspend ? state.suspended_at.has_value()
                                                                : !state.suspended_at.has_value();
  if (!is_true) trace_.violated("{}: {} is acknowledged, and not what is durable", trace_.name(run), name_of(kind));
  return true;
}

void Operator::resume_one() {
  const auto chosen = some_run();
  if (!chosen) return;
  const bool forgets = dice_.one_in(4);
  trace_.line("resume {}{}", trace_.name(*chosen), forgets ? " without its secret" : "");
  const auto done = process().engine.resume(*chosen, forgets ? Value{} : secrets());
  const bool is_refused = forgets && !done && done.error().code == ErrorCode::invalid_usage;
  if (!done && !is_refused && !may_fail(done.error())) {
    trace_.violated("{}: resume fails: {}", trace_.name(*chosen), done.error().to_string());
  }
}

void Operator::recover() {
  trace_.line("recover");
  process().engine.recover(secrets(), [this](const Recovery& recovery) {
    if (recovery.done) trace_.line("recovered {}", recovery.resumed);
    if (recovery.refused_count > 0) {
      trace_.violated("recovery refuses a run: {}", recovery.refused.front().error.to_string());
    }
  });
}

void Operator::resume_all() {
  std::vector<RunId> open;
  const auto read = process().log.each_open_run([&](const RunSummary& summary) {
    if (summary.status != RunStatus::suspended) open.push_back(summary.id);
    return true;
  });
  if (!read) trace_.violated("the open runs cannot be read: {}", read.error().to_string());
  trace_.line("resume all {}", open.size());
  for (const auto& run : open) {
    const auto done = process().engine.resume(run, secrets());
    if (!done && !may_fail(done.error()))
      trace_.violated("{}: resume fails: {}", trace_.name(run), done.error().to_string());
  }
}

std::size_t Operator::continue_all() {
  std::vector<RunId> suspended;
  for (const auto& [id, run] : history_.runs()) {
    if (run.state.suspended_at && !run.state.ended()) suspended.push_back(id);
  }
  for (const auto& run : suspended) give(run, OperatorCommand::Kind::proceed);
  return suspended.size();
}

}  // namespace cairn::simulation
