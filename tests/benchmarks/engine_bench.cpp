// The machine alone, the machine and the log, and the way back: what a transition costs.

#include "engine/log/rocks_log.h"
#include "engine/machine/apply.h"
#include "engine/runtime/history.h"
#include "tests/benchmarks/bench.h"
#include "workflows/core/assert.h"

#include <vector>

namespace cairn::bench {
namespace {

constexpr int k_chain = 10;

Value order() {
  return Value::object({{"order", Value::object({{"id", Value::integer(4711)}, {"customer", Value::string("C-17")}})},
                        {"total", Value::integer(129)}});
}

RunId run_number(std::uint64_t n) {
  return RunId::make(1'800'000'000'000, PartitionId{static_cast<std::uint16_t>(n % 16)}, n);
}

std::size_t completed_tasks(const std::vector<Event>& events) {
  std::size_t count = 0;
  for (const auto& event : events) count += std::holds_alternative<TaskCompleted>(event) ? 1 : 0;
  return count;
}

/// 10 `set` tasks a run, decided and folded, nothing stored. One completed task is one transition.
void machine_chain(benchmark::State& state) {
  const auto machine = machine_of(chain_definition(k_chain));
  const Value input = order();
  std::size_t tasks = 0;
  std::uint64_t n = 0;
  for (auto _ : state) {
    RunState run;
    const auto decision = machine->advance(run, start_stimulus(run_number(n++), input));
    tasks += completed_tasks(decision.events);
  }
  state.counters["transitions_per_s"] = benchmark::Counter(static_cast<double>(tasks), benchmark::Counter::kIsRate);
}
BENCHMARK(machine_chain)->Name("machine/chain");

/// The same through the log: each run one record, `range(0)` runs a batch, one fsync a batch. Fused steps.
void log_chain(benchmark::State& state) {
  const auto machine = machine_of(chain_definition(k_chain));
  const Value input = order();
  const ScratchDirectory scratch;
  auto log = open_rocks_log(scratch.path(), {});
  CAIRN_ASSERT(log.has_value(), "the log opens");
  const auto runs_a_batch = static_cast<std::size_t>(state.range(0));
  std::size_t tasks = 0;
  std::uint64_t n = 0;
  for (auto _ : state) {
    std::vector<Record> records(runs_a_batch);
    AppendBatch batch;
    for (auto& record : records) {
      RunState run;
      const RunId id = run_number(n++);
      record.first = EventSeq{1};
      record.stimulus = start_stimulus(id, input);
      record.events = machine->advance(run, record.stimulus).events;
      tasks += completed_tasks(record.events);
      batch.records.push_back({id, &record, summary_of(run), std::nullopt});
    }
    const auto appended = log.value()->append(batch);
    CAIRN_ASSERT(appended.has_value(), "the log takes the batch");
  }
  state.counters["transitions_per_s"] = benchmark::Counter(static_cast<double>(tasks), benchmark::Counter::kIsRate);
}
BENCHMARK(log_chain)->Name("log/chain")->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime();

/// Recorded history read back from disk, checked and folded.
void replay_fold(benchmark::State& state) {
  const auto machine = machine_of(loop_definition(20'000));
  const ScratchDirectory scratch;
  auto log = open_rocks_log(scratch.path(), {});
  CAIRN_ASSERT(log.has_value(), "the log opens");
  const RunId id = run_number(1);
  RunState run;
  Stimulus stimulus = start_stimulus(id, Value::object(std::vector<Member>{}));
  for (bool more = true; more;) {
    Record record;
    record.first = next_of(run.last);
    auto decision = machine->advance(run, stimulus);
    record.stimulus = stimulus;
    record.events = std::move(decision.events);
    AppendBatch batch;
    batch.records.push_back({id, &record, summary_of(run), std::nullopt});
    CAIRN_ASSERT(log.value()->append(batch).has_value(), "the log takes the batch");
    more = decision.yielded;
    stimulus.what = GoOn{};
  }
  std::uint64_t events = 0;
  for (auto _ : state) {
    RunState folded;
    const auto read = log.value()->read(id, EventSeq{1}, [&](const Record& record) {
      for (const auto& event : record.events) apply(folded, event, record.stimulus.now);
      return true;
    });
    CAIRN_ASSERT(read.has_value() && folded.last == run.last, "all of it is read");
    events += number_of(folded.last);
  }
  state.counters["events_per_s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}
BENCHMARK(replay_fold)->Name("fold")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cairn::bench
