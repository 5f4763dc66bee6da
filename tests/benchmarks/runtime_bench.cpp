// The whole engine under load: durable before it is told, everything on this machine. Beside each figure stands what
// the store alone reaches with records of the same size, in the same minute ("raw"), and the ratio of the two.

#include "connectors/http/http_client.h"
#include "connectors/http/http_connector.h"
#include "engine/log/record_codec.h"
#include "tests/benchmarks/http_stand_in.h"
#include "tests/benchmarks/load.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

namespace cairn::bench {
namespace {

constexpr int k_steps = 10;
constexpr int k_calls = 3;
constexpr int k_branches = 100;
constexpr double k_seconds = 3;
constexpr double k_raw_seconds = 1.5;
constexpr std::size_t k_many_clients = 256;

Value order() {
  return Value::object({{"order", Value::object({{"id", Value::integer(4711)}, {"customer", Value::string("C-17")}})},
                        {"total", Value::integer(129)}});
}

/// `calls` tasks that each are one effect.
std::string calls_definition(int calls, const std::string& endpoint) {
  std::string text = "document: {dsl: '1.0.3', namespace: bench, name: calls, version: '1.0.0'}\ndo:\n";
  for (int i = 0; i < calls; ++i) {
    text += "  - step" + std::to_string(i) + ":\n      call: http\n      with: {method: get, endpoint: '" + endpoint +
            "'}\n";
  }
  return text;
}

/// A fork of `branches`, each a call.
std::string fan_definition(int branches, const std::string& endpoint) {
  std::string text =
      "document: {dsl: '1.0.3', namespace: bench, name: fan, version: '1.0.0'}\n"
      "do:\n  - all:\n      fork:\n        branches:\n";
  for (int i = 0; i < branches; ++i) {
    text +=
        "          - call" + std::to_string(i) + ": {call: http, with: {method: get, endpoint: '" + endpoint + "'}}\n";
  }
  return text;
}

/// Answers at once, with nothing.
class NoOp final : public Connector {
 public:
  explicit NoOp(boost::asio::io_context& io) : io_(io) {}
  std::unique_ptr<RunningEffect> start(EffectRequest, EffectObserver observer) override {
    boost::asio::post(io_, [done = std::move(observer.done)] { done(Value{}); });
    return std::make_unique<RunningEffect>();
  }

 private:
  boost::asio::io_context& io_;
};

Connectors no_op(boost::asio::io_context& io) {
  Connectors connectors;
  connectors.emplace("http", std::make_unique<NoOp>(io));
  return connectors;
}

Connectors real_http(boost::asio::io_context& io) {
  Connectors connectors;
  connectors.emplace("http", make_http_connector(std::make_shared<HttpClient>(io.get_executor(), HttpOptions{})));
  return connectors;
}

std::size_t average_bytes(const std::vector<Record>& records) {
  std::string bytes;
  for (const auto& record : records) encode_record(record, bytes);
  return bytes.size() / records.size();
}

/// Bytes of the one record of a chain.
std::size_t chain_bytes() {
  return average_bytes(run_in_memory(*machine_of(chain_definition(k_steps)), RunId{}, order()));
}

/// Bytes of a record in the middle of a run of calls: the result of one, and the next.
std::size_t step_bytes() {
  const auto machine = machine_of(calls_definition(k_steps, "http://127.0.0.1/"));
  RunState state;
  machine->advance(state, start_stimulus(RunId{}, order()));
  Record record;
  record.first = next_of(state.last);
  record.stimulus = start_stimulus(RunId{}, order());
  record.stimulus.what = EffectFinished{state.effects.begin()->first, Value{}};
  record.events = machine->advance(state, record.stimulus).events;
  return average_bytes({record});
}

/// Fused steps: 10 `set` tasks are one record.
void chain(benchmark::State& state) {
  for (auto _ : state) {
    LoadedEngine engine(no_op);
    const auto figures = engine.load(chain_definition(k_steps), order(), k_many_clients, k_seconds);
    const auto raw = write_raw(chain_bytes(), k_many_clients, k_raw_seconds);
    state.counters["transitions_per_s"] = figures.runs_per_s * k_steps;
    state.counters["cpu_a_transition_us"] = figures.cpu_us / k_steps;
    state.counters["raw_transitions_per_s"] = raw.records_per_s * k_steps;
    state.counters["ratio"] = figures.runs_per_s / raw.records_per_s;
  }
}
BENCHMARK(chain)->Name("chain")->Iterations(1);

void chain_of_one(benchmark::State& state) {
  for (auto _ : state) {
    LoadedEngine engine(no_op);
    const auto figures = engine.load(chain_definition(k_steps), order(), 1, k_seconds);
    const auto raw = write_raw(chain_bytes(), 1, k_raw_seconds);
    state.counters["p50_ms"] = figures.p50_ms;
    state.counters["p99_ms"] = figures.p99_ms;
    state.counters["raw_p50_ms"] = raw.p50_ms;
    state.counters["ratio"] = figures.p50_ms / raw.p50_ms;
  }
}
BENCHMARK(chain_of_one)->Name("chain/one")->Iterations(1);

/// Separate steps: each effect and each result is a commit of its own.
void steps(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::size_t clients : {std::size_t{64}, std::size_t{256}}) {
      LoadedEngine engine(no_op);
      const auto figures = engine.load(calls_definition(k_steps, "http://127.0.0.1/"), order(), clients, k_seconds);
      const auto raw = write_raw(step_bytes(), clients, k_raw_seconds);
      const std::string with = "_" + std::to_string(clients);
      state.counters["steps_per_s" + with] = figures.runs_per_s * k_steps;
      state.counters["cpu_a_step" + with + "_us"] = figures.cpu_us / k_steps;
      state.counters["raw_steps_per_s" + with] = raw.records_per_s;
      state.counters["ratio" + with] = figures.runs_per_s * k_steps / raw.records_per_s;
    }
  }
}
BENCHMARK(steps)->Name("steps")->Iterations(1);

/// Calls over the loopback interface to a service in this process.
void http(benchmark::State& state) {
  for (auto _ : state) {
    const HttpStandIn service;
    LoadedEngine engine(real_http);
    const auto figures = engine.load(calls_definition(k_calls, service.address() + "/"), order(), 64, k_seconds);
    const auto raw = write_raw(step_bytes(), 64, k_raw_seconds);
    state.counters["calls_per_s"] = figures.runs_per_s * k_calls;
    state.counters["cpu_a_call_us"] = figures.cpu_us / k_calls;
    state.counters["p50_ms"] = figures.p50_ms;
    state.counters["raw_steps_per_s"] = raw.records_per_s;
    state.counters["ratio"] = figures.runs_per_s * k_calls / raw.records_per_s;
  }
}
BENCHMARK(http)->Name("http")->Iterations(1);

/// The same calls from the branches of forks; then with effects that cost nothing.
void fan(benchmark::State& state) {
  for (auto _ : state) {
    const HttpStandIn service;
    LoadedEngine engine(real_http);
    const auto figures = engine.load(fan_definition(k_branches, service.address() + "/"), order(), 4, k_seconds);
    state.counters["calls_per_s"] = figures.runs_per_s * k_branches;
    state.counters["cpu_a_call_us"] = figures.cpu_us / k_branches;
    state.counters["p50_ms"] = figures.p50_ms;
    LoadedEngine bare(no_op);
    const auto steps = bare.load(fan_definition(k_branches, "http://127.0.0.1/"), order(), 4, k_seconds);
    state.counters["steps_per_s"] = steps.runs_per_s * k_branches;
    state.counters["cpu_a_step_us"] = steps.cpu_us / k_branches;
  }
}
BENCHMARK(fan)->Name("fan")->Iterations(1);

}  // namespace
}  // namespace cairn::bench
