// A hundred thousand runs that wait for an event each, and the events, at full speed: how many find their run a second.

#include "engine/log/rocks_log.h"
#include "engine/runtime/engine.h"
#include "tests/benchmarks/load.h"
#include "workflows/core/assert.h"

#include <boost/asio/io_context.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace cairn::bench {
namespace {

constexpr std::size_t k_listeners = 100'000;
constexpr std::size_t k_starting_at_once = 2'048;
constexpr std::size_t k_sending_at_once = 512;

using Steady = std::chrono::steady_clock;
double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

constexpr const char* k_workflow =
    "document: {dsl: '1.0.3', namespace: bench, name: listener, version: '1.0.0'}\n"
    "do:\n"
    "  - paid:\n"
    "      listen:\n"
    "        to:\n"
    "          one:\n"
    "            with: {type: order.paid}\n"
    "            correlate: {order: {from: '${ .data.order }', expect: '${ .order }'}}\n"
    "  - ship: {set: {shipped: '${ .[0].order }'}}\n";

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// An io_context that has run out of work for a moment stops.
void run_some(boost::asio::io_context& io) {
  if (io.stopped()) io.restart();
  io.run_one();
}

Value payment(std::size_t order) {
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string("payment-" + std::to_string(order))},
                        {"source", Value::string("/bank")},
                        {"type", Value::string("order.paid")},
                        {"data", Value::object({{"order", Value::integer(static_cast<std::int64_t>(order))},
                                                {"amount", Value::integer(129)}})}});
}

void events(benchmark::State& state) {
  const std::string text = k_workflow;
  auto loaded = load_definition(text);
  CAIRN_ASSERT(loaded.ok(), "the benchmark's definition is right");
  for (auto _ : state) {
    const ScratchDirectory scratch;
    auto log = open_rocks_log(scratch.path(), {});
    CAIRN_ASSERT(log.has_value(), "the log opens");
    boost::asio::io_context io;
    Engine engine(io, *log.value(), make_threaded_committer(*log.value()), {}, system_clock(), system_random());
    engine.recover(Value::object(std::vector<Member>{}), {});  // it works on all there is, as a server does

    const auto starting = Steady::now();
    std::vector<RunId> runs(k_listeners);
    std::size_t begun = 0;
    std::size_t durable = 0;
    while (durable < k_listeners) {
      while (begun < k_listeners && begun - durable < k_starting_at_once) {
        StartOptions options;
        options.workflow = {text, loaded.program};
        options.input = Value::object({{"order", Value::integer(static_cast<std::int64_t>(begun))}});
        engine.start(std::move(options), [&, order = begun++](const Result<Started>& started) {
          CAIRN_ASSERT(started.has_value(), "a run starts");
          runs[order] = started.value().run;
          ++durable;
        });
      }
      run_some(io);
    }
    state.counters["listeners_per_s"] = static_cast<double>(k_listeners) / seconds_since(starting);
    state.counters["resident_mb"] = resident_mb();

    std::vector<Steady::time_point> sent(k_listeners);
    std::vector<double> latency_ms;
    latency_ms.reserve(k_listeners);
    std::vector<std::unique_ptr<Observation>> watching(k_listeners);
    const auto sending = Steady::now();
    std::size_t published = 0;
    std::size_t acknowledged = 0;
    while (latency_ms.size() < k_listeners) {
      while (published < k_listeners && published - acknowledged < k_sending_at_once) {
        // Not in the order in which the runs were started.
        const std::size_t order = published++ * 7'919 % k_listeners;
        RunObserver observer;
        observer.on_end = [&, order](const RunState& end) {
          CAIRN_ASSERT(end.ending == Ending::completed, "a run that has its event completes");
          latency_ms.push_back(seconds_since(sent[order]) * 1e3);
        };
        watching[order] = engine.observe(runs[order], std::move(observer));
        sent[order] = Steady::now();
        engine.publish({payment(order)}, [&](const auto& places) {
          CAIRN_ASSERT(places.has_value(), "an event is published");
          ++acknowledged;
        });
      }
      run_some(io);
    }
    state.counters["correlated_per_s"] = static_cast<double>(k_listeners) / seconds_since(sending);
    std::ranges::sort(latency_ms);
    state.counters["p50_ms"] = latency_ms[latency_ms.size() / 2];
    state.counters["p99_ms"] = latency_ms[latency_ms.size() * 99 / 100];
  }
}
BENCHMARK(events)->Name("events")->Iterations(1);

}  // namespace
}  // namespace cairn::bench
