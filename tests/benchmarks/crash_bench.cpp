// What a killed process leaves: how soon another one has all of it under way again.
//
// A process of its own fills a log and is killed (SIGKILL) while its runs are in flight, or asleep; then this process opens
// what it left and goes on with it.

#include "engine/log/rocks_log.h"
#include "engine/runtime/engine.h"
#include "tests/benchmarks/load.h"
#include "workflows/core/assert.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

namespace cairn::bench {
namespace {

constexpr std::size_t k_in_flight = 100'000;
constexpr std::size_t k_sleepers = 1'000'000;
constexpr std::size_t k_wakes_per_s = 10'000;
constexpr std::size_t k_measured_wakes = 200'000;
constexpr std::size_t k_starting_at_once = 2'048;

using Steady = std::chrono::steady_clock;
double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

/// Hands every request on; the answer comes at once, or never.
class Gate final : public Connector {
 public:
  Gate(boost::asio::io_context& io, bool answers, std::function<void(const EffectRequest&)> told)
      : io_(io), answers_(answers), told_(std::move(told)) {}
  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    if (told_) told_(request);
    if (answers_) boost::asio::post(io_, [done = std::move(observer.done)] { done(Value{}); });
    return std::make_unique<RunningEffect>();
  }

 private:
  boost::asio::io_context& io_;
  bool answers_;
  std::function<void(const EffectRequest&)> told_;
};

/// An engine over the log of a directory.
struct Opened {
  Opened(const std::string& directory, bool answers, std::function<void(const EffectRequest&)> told = {}) {
    auto log_there = open_rocks_log(directory, {});
    CAIRN_ASSERT(log_there.has_value(), "the log opens");
    log = std::move(log_there.value());
    Connectors connectors;
    connectors.emplace("http", std::make_unique<Gate>(io, answers, std::move(told)));
    engine = std::make_unique<Engine>(io, *log, make_threaded_committer(*log), std::move(connectors), system_clock(),
                                      system_random());
  }

  boost::asio::io_context io;
  std::unique_ptr<RocksLog> log;
  std::unique_ptr<Engine> engine;
};

DefinitionText definition_of(const std::string& text) {
  auto loaded = load_definition(text);
  CAIRN_ASSERT(loaded.ok(), "the benchmark's definition is right");
  return {text, loaded.program};
}

/// Starts `count` runs and comes back when all of them are durable.
void start_all(Opened& opened, const std::string& text, std::size_t count,
               const std::function<Value(std::size_t)>& input) {
  const auto workflow = definition_of(text);
  std::size_t begun = 0;
  std::size_t durable = 0;
  while (durable < count) {
    while (begun < count && begun - durable < k_starting_at_once) {
      StartOptions options;
      options.workflow = workflow;
      options.input = input(begun++);
      opened.engine->start(std::move(options), [&durable](const Result<Started>& started) {
        CAIRN_ASSERT(started.has_value(), "a run starts");
        ++durable;
      });
    }
    opened.io.run_one();
  }
}

/// Does `work` in another process, which is killed when that has returned.
void in_a_process_to_be_killed(const std::function<void()>& work) {
  const pid_t child = fork();
  CAIRN_ASSERT(child >= 0, "a process can be made");
  if (child == 0) {
    work();
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CAIRN_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the process did its work");
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// 100,000 runs whose effect is in flight.
void recover(benchmark::State& state) {
  const std::string text =
      "document: {dsl: '1.0.3', namespace: bench, name: inflight, version: '1.0.0'}\n"
      "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://127.0.0.1/'}}\n  - end: {set: {ok: true}}\n";
  for (auto _ : state) {
    const ScratchDirectory scratch;
    in_a_process_to_be_killed([&] {
      Opened opened(scratch.path(), false);
      start_all(opened, text, k_in_flight, [](std::size_t i) {
        return Value::object(
            {{"order", Value::integer(static_cast<std::int64_t>(i))}, {"customer", Value::string("C-17")}});
      });
    });
    const auto begin = Steady::now();
    Opened opened(scratch.path(), true);
    state.counters["open_s"] = seconds_since(begin);
    double ready = 0;
    std::uint64_t resumed = 0;
    opened.engine->recover(Value::object(std::vector<Member>{}), [&](const Recovery& recovery) {
      if (recovery.done) ready = seconds_since(begin);
      resumed = recovery.resumed;
    });
    while (ready == 0 || opened.engine->hosted() > 0) opened.io.run_one();
    state.counters["ready_s"] = ready;
    state.counters["done_s"] = seconds_since(begin);
    state.counters["resident_mb"] = resident_mb();
    CAIRN_ASSERT(resumed == k_in_flight, "every run was in flight");
  }
}
BENCHMARK(recover)->Name("recover")->Iterations(1);

/// A million runs that wait; they wake at 10,000 a second.
void sleep_bench(benchmark::State& state) {
  const std::string text =
      "document: {dsl: '1.0.3', namespace: bench, name: sleepers, version: '1.0.0'}\n"
      "do:\n  - pause: {wait: '${ .pause }'}\n"
      "  - call: {call: http, with: {method: get, endpoint: 'http://127.0.0.1/', query: {due: '${ $workflow.input.due "
      "}'}}}\n";
  for (auto _ : state) {
    const ScratchDirectory scratch;
    // The first wakes when all of them have been started, with room to spare on a slow disk.
    const std::int64_t first = system_clock().now().ms + 150'000;
    const auto began = Steady::now();
    in_a_process_to_be_killed([&] {
      Opened opened(scratch.path(), false);
      opened.engine->recover(Value::object(std::vector<Member>{}), {});  // it works on all there is, as a server does
      start_all(opened, text, k_sleepers, [first](std::size_t i) {
        const std::int64_t due = first + static_cast<std::int64_t>(i * 1'000 / k_wakes_per_s);
        const std::int64_t pause = due - system_clock().now().ms;
        return Value::object({{"pause", Value::string(to_iso8601_duration(std::max<std::int64_t>(pause, 0)))},
                              {"due", Value::integer(due)}});
      });
      std::ofstream(scratch.path() + "/resident") << resident_mb();
    });
    state.counters["starts_per_s"] = static_cast<double>(k_sleepers) / seconds_since(began);
    double resident = 0;
    std::ifstream(scratch.path() + "/resident") >> resident;
    state.counters["resident_mb"] = resident;

    std::vector<double> late_ms;
    late_ms.reserve(k_measured_wakes);
    const auto begin = Steady::now();
    Opened opened(scratch.path(), true, [&](const EffectRequest& request) {
      late_ms.push_back(
          static_cast<double>(system_clock().now().ms - request.arguments.get("query").get("due").as_int()));
    });
    bool ready = false;
    opened.engine->recover(Value::object(std::vector<Member>{}),
                           [&](const Recovery& recovery) { ready = recovery.done; });
    while (!ready) opened.io.run_one();
    state.counters["reopen_s"] = seconds_since(begin);
    state.counters["reopened_resident_mb"] = resident_mb();
    CAIRN_ASSERT(system_clock().now().ms < first, "all have been started before the first one wakes");
    while (late_ms.empty()) opened.io.run_one();
    const auto woken = Steady::now();
    while (late_ms.size() < k_measured_wakes) opened.io.run_one();
    state.counters["wakes_per_s"] = static_cast<double>(k_measured_wakes) / seconds_since(woken);
    state.counters["woken_resident_mb"] = resident_mb();
    std::ranges::sort(late_ms);
    state.counters["late_p50_ms"] = late_ms[late_ms.size() / 2];
    state.counters["late_p99_ms"] = late_ms[late_ms.size() * 99 / 100];
  }
}
BENCHMARK(sleep_bench)->Name("sleep")->Iterations(1);

}  // namespace
}  // namespace cairn::bench
