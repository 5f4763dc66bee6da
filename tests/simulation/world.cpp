#include "tests/simulation/world.h"

namespace cairn::simulation {
namespace {

// Subjects with dice of their own.
enum Subject : std::uint64_t {
  k_engine = 10,
  k_world,
  k_outside,
  k_people,
  k_workflows,
  k_disk,
  k_lives,
  k_room = 9,
  k_person = 20
};

/// More than any world needs to come to rest.
constexpr std::size_t k_most_steps = 400'000;

}  // namespace

World::World(const Plan& plan, bool print_trace)
    : plan_(plan),
      trace_(time_),
      dice_(Dice(plan.seed).apart(k_world)),
      random_(Dice(plan.seed).apart(k_engine)),
      room_(Dice(plan.seed).apart(k_room)),
      history_(trace_, time_),
      workflows_(plan.definitions_as_written.empty()
                     ? generate_workflows(Dice(plan.seed).apart(k_workflows), plan.shape, plan.definitions)
                     : load_workflows(plan.definitions_as_written)),
      outside_(time_, history_, trace_, faults_, Dice(plan.seed).apart(k_outside), plan.moods),
      operator_(time_, history_, trace_, faults_, Dice(plan.seed).apart(k_people), plan_, workflows_),
      person_(time_, history_, trace_, Dice(plan.seed).apart(k_person), plan_),
      storage_(plan.real_log ? make_rocks_storage(faults_, Dice(plan.seed).apart(k_disk), plan.crash_point)
                             : make_model_storage(faults_, Dice(plan.seed).apart(k_disk))) {
  trace_.print(print_trace);
  history_.secret = k_secret;
  for (const auto& definition : workflows_.started) history_.know(definition.program);
  for (const auto& definition : workflows_.children) history_.know(definition.program);
  if (print_trace) {
    for (const auto& definition : workflows_.started) trace_.line("definition {}", definition.text);
    for (const auto& definition : workflows_.children) trace_.line("definition {}", definition.text);
  }
  operator_.process = [this]() -> Process& { return *process_; };
  person_.process = operator_.process;
  outside_.before_dispatch = [this] {
    if (disturbed_ && dice_.per_mille(plan_.crash_dispatch)) die(Fault::crash_at_dispatch);
  };
}

World::~World() {
  outside_.process_died();
  process_.reset();
}

void World::die(Fault fault) {
  faults_.add(fault);
  trace_.line("CRASH {}", k_fault_texts.at(static_cast<std::size_t>(fault)).name);
  throw Crash{};
}

void World::begin_process() {
  const bool is_risky = disturbed_ && dice_.per_mille(plan_.crash_waiting);
  if (is_risky) storage_->die_soon();
  auto opened = storage_->open();
  while (storage_->is_dead()) {
    faults_.add(Fault::crash_while_opening);
    trace_.line("CRASH crash-while-opening");
    storage_->crash({});
    opened = storage_->open();
  }
  if (!opened) {
    trace_.violated("the log cannot be opened again: {}", opened.error().to_string());
    return;
  }
  write_failed_ = false;
  process_ = std::make_unique<Process>(*opened.value(), history_, trace_, outside_, time_, random_,
                                       Dice(plan_.seed).apart(k_lives + ++lives_));
  process_->pipeline.before_write = [this] { storage_->housekeeping(); };
  process_->pipeline.while_waiting = [this] {
    if (!disturbed_) return;
    if (plan_.no_room > 0 && room_.one_in(3)) storage_->set_full(false);
    if (dice_.per_mille(plan_.crash_waiting)) die(Fault::crash_while_waiting);
  };
}

void World::reconcile(const std::vector<DoubtfulBatch>& doubtful) {
  EventLog& log = process_->log;
  bool one_is_missing = false;
  for (const auto& batch : doubtful) {
    const auto& published = batch.batch.published;
    if (batch.batch.records.empty() && published.empty()) continue;
    std::size_t there = 0;
    for (const auto& append : batch.batch.records) {
      const auto summary = log.summary(append.run);
      const std::uint64_t last = number_of(append.record->first) + append.record->events.size() - 1;
      if (summary && summary.value() && summary.value()->length >= last) ++there;
    }
    std::size_t parts = batch.batch.records.size();
    if (!published.empty()) {  // they are one more thing of which all or nothing is there
      const auto bus = log.bus();
      ++parts;
      if (bus && bus.value().head >= published.back().position) ++there;
    }
    if (there != 0 && there != parts) {
      trace_.violated("of a batch of {} records and {} events {} are in the log", batch.batch.records.size(),
                      published.size(), there);
    } else if (there != 0 && one_is_missing) {
      trace_.violated("a batch is in the log, and one that was given before it is not");
    } else if (there != 0) {
      history_.became_durable(batch.batch);
    }
    one_is_missing = one_is_missing || there == 0;
  }
}

void World::crash() {
  ++crashes_;
  const auto doubtful = process_->pipeline.doubtful();
  outside_.process_died();
  process_.reset();
  storage_->crash(doubtful);
  begin_process();
  if (trace_.violation()) return;
  reconcile(doubtful);
  check_recovered(process_->log, history_, trace_);
  person_.check(process_->log);
  if (dice_.one_in(8)) check_folds(process_->log, history_, dice_, trace_);
  if (dice_.one_in(2)) {
    operator_.recover();
  } else if (dice_.one_in(2)) {
    operator_.resume_all();
  }
}

void World::write_some() {
  if (disturbed_ && !write_failed_ && dice_.per_mille(plan_.disk_failure)) {
    write_failed_ = true;
    if (plan_.real_log && dice_.one_in(2)) {
      storage_->die_soon();
    } else {
      storage_->fail_next_write();
    }
  }
  process_->pipeline.write();
}

bool World::is_quiet() { return process_->pipeline.empty() && !process_->engine.stopped_by() && !time_.alarm_is_due(); }

void World::step() {
  ++steps_;
  Process& process = *process_;
  if (storage_->is_dead()) die(Fault::crash_at_disk_operation);
  if (dice_.per_mille(plan_.crash)) die(Fault::crash_between_steps);
  if (process.engine.stopped_by()) {
    if (!process.pipeline.failed()) {
      trace_.violated("the engine has stopped: {}", process.engine.stopped_by()->to_string());
      return;
    }
    if (dice_.one_in(4)) throw Crash{};  // somebody starts it again
  }
  if (plan_.no_room > 0 && room_.per_mille(plan_.no_room)) {
    faults_.add(Fault::no_room);
    storage_->set_full(true);
    time_.after(room_.between(0, 600'000), [this] { storage_->set_full(false); });
  }
  if (dice_.per_mille(plan_.early_ring) && time_.ring_early()) faults_.add(Fault::alarm_early);
  if (!process.pipeline.empty() && dice_.per_mille(plan_.disk_speed)) return write_some();
  if (dice_.one_in(20)) storage_->housekeeping();
  if (!dice_.one_in(4) && process.poll()) return;
  if (!process.pipeline.empty() && dice_.one_in(2)) {
    faults_.add(Fault::slow_disk);
  } else if (process.poll()) {
    return;
  } else if (is_quiet() && dice_.one_in(4)) {
    check_quiet(process, history_, outside_, time_, trace_);
  }
  if (!time_.step() && !process.poll()) write_some();
}

bool World::rest_step() {
  if (storage_->is_dead()) die(Fault::crash_at_disk_operation);
  if (process_->poll()) return true;
  if (!process_->pipeline.empty()) {
    process_->pipeline.write(true);
    return true;
  }
  if (process_->engine.stopped_by()) {
    trace_.violated("the engine has stopped: {}", process_->engine.stopped_by()->to_string());
    return false;
  }
  if (is_quiet() && dice_.one_in(8)) check_quiet(*process_, history_, outside_, time_, trace_);
  if (time_.step()) return true;
  check_quiet(*process_, history_, outside_, time_, trace_);
  return false;
}

void World::go_on_after_crash() {
  while (true) {  // it may die again while it is started
    try {
      crash();
      return;
    } catch (const Crash&) {
    }
  }
}

void World::rest() {
  disturbed_ = false;
  operator_.leave();
  person_.leave();
  outside_.calm_down();
  storage_->set_full(false);
  if (process_->engine.stopped_by() || write_failed_) crash();
  // More than once: what is continued may start others, and the disk may have one death left.
  for (int round = 0; round < 3 && !trace_.violation(); ++round) {
    try {
      operator_.continue_all();
      operator_.resume_all();
      std::size_t steps = 0;
      do {
        while (rest_step() && !trace_.violation()) {
          ++steps_;
          if (++steps > k_most_steps) trace_.violated("the world does not come to rest");
        }
      } while (!trace_.violation() && (operator_.tell_listeners() || person_.answer_all()));
    } catch (const Crash&) {
      go_on_after_crash();
    }
  }
  if (trace_.violation()) return;
  check_end(process_->log, history_, trace_);
  person_.check(process_->log);
  operator_.check_told();
  outside_.process_died();
  process_.reset();
  storage_->close();
  begin_process();
  if (trace_.violation()) return;
  check_recovered(process_->log, history_, trace_);
  check_folds(process_->log, history_, dice_, trace_);
}

Outcome World::run() {
  begin_process();
  if (dice_.one_in(2)) operator_.recover();
  operator_.begin();
  person_.begin();
  while (steps_ < plan_.steps && !trace_.violation() && !operator_.is_done()) {
    try {
      step();
    } catch (const Crash&) {
      go_on_after_crash();
    }
  }
  if (!trace_.violation()) rest();
  trace_.line("end");
  Outcome outcome;
  outcome.violation = trace_.violation();
  outcome.trace_hash = trace_.hash();
  outcome.last_lines = trace_.last_lines();
  outcome.faults = faults_;
  outcome.steps = steps_;
  outcome.runs = history_.runs().size();
  outcome.records = history_.records();
  outcome.events = history_.events();
  outcome.effects = outside_.dispatched();
  outcome.crashes = crashes_;
  outcome.disk_operations = storage_->operations();
  return outcome;
}

}  // namespace cairn::simulation
