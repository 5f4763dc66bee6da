// Twenty minutes of mixed load with retention on: does memory or disk grow, do runs get slower?
//
// CAIRN_SOAK_MINUTES says how long (20). The first quarter warms up; slopes are those of a straight line through the rest.

#include "engine/log/rocks_log.h"
#include "engine/runtime/engine.h"
#include "tests/benchmarks/bench.h"
#include "workflows/core/assert.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace cairn::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t k_clients = 32;
constexpr std::uint64_t k_kept = 5'000;  ///< ended runs of each workflow
constexpr double k_sample_s = 5;
constexpr double k_megabyte = 1 << 20;

/// Answers a while later; one call in fifty fails.
class Outside final : public Connector {
 public:
  explicit Outside(boost::asio::io_context& io) : io_(io) {}
  std::unique_ptr<RunningEffect> start(EffectRequest, EffectObserver observer) override {
    class Call final : public RunningEffect {
     public:
      explicit Call(boost::asio::io_context& io) : timer(io) {}
      boost::asio::steady_timer timer;
    };
    auto call = std::make_unique<Call>(io_);
    const bool fails = ++calls_ % 50 == 0;
    call->timer.expires_after(std::chrono::milliseconds(2));
    call->timer.async_wait([done = std::move(observer.done), fails](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      if (fails) {
        done(make_problem(StandardError::communication, "Out of order", "this call fails"));
      } else {
        done(Value::object({{"ok", Value::boolean(true)}}));
      }
    });
    return call;
  }

 private:
  boost::asio::io_context& io_;
  std::uint64_t calls_ = 0;
};

const std::array<std::string, 5>& definitions() {
  static const auto named = [](const std::string& name, const std::string& tasks) {
    return "document: {dsl: '1.0.3', namespace: soak, name: " + name + ", version: '1.0.0'}\n" + tasks;
  };
  static const std::string call = "{call: http, with: {method: get, endpoint: 'http://127.0.0.1/'}}";
  static const std::array<std::string, 5> all{
      named("pure", "do:\n  - a: {set: {x: '${ .order.id + 1 }'}}\n  - b: {set: {y: '${ .x * 2 }'}}\n"),
      named("calls", "do:\n  - all:\n      try:\n        - one: " + call + "\n        - two: " + call +
                         "\n      catch: {retry: {delay: PT0.05S, limit: {attempt: {count: 5}}}}\n"),
      named("waits", "do:\n  - pause: {wait: PT0.5S}\n  - one: {set: {done: true}}\n"),
      named("loops",
            "do:\n  - each:\n      for: {in: '${ [range(20)] }'}\n      do:\n        - a: {set: {n: '${ $item }'}}\n"),
      named("faults",
            "do:\n  - one: " + call + "\n  - stop: {raise: {error: {type: 'https://x.test/e', status: 500}}}\n"),
  };
  return all;
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / k_megabyte;
}

double disk_mb(const std::string& directory) {
  double bytes = 0;
  std::error_code gone;  // files come and go
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, gone)) {
    const auto size = entry.file_size(gone);
    if (!gone) bytes += static_cast<double>(size);
  }
  return bytes / k_megabyte;
}

struct Sample {
  double at_s;
  double value;
};

/// Of the straight line that fits best, an hour.
double slope_per_h(const std::vector<Sample>& samples) {
  double t = 0;
  double v = 0;
  for (const auto& sample : samples) {
    t += sample.at_s;
    v += sample.value;
  }
  const auto count = static_cast<double>(samples.size());
  t /= count;
  v /= count;
  double above = 0;
  double below = 0;
  for (const auto& sample : samples) {
    above += (sample.at_s - t) * (sample.value - v);
    below += (sample.at_s - t) * (sample.at_s - t);
  }
  return below == 0 ? 0 : above / below * 3'600;
}

double p99_ms(std::vector<double> seconds) {
  if (seconds.empty()) return 0;
  const auto at = seconds.begin() + static_cast<std::ptrdiff_t>(0.99 * static_cast<double>(seconds.size() - 1));
  std::nth_element(seconds.begin(), at, seconds.end());
  return *at * 1e3;
}

/// Clients that start a run, wait for its end, and start one of the next kind.
class Load {
 public:
  explicit Load(Engine& engine) : engine_(engine), clients_(k_clients) {
    for (const auto& text : definitions()) {
      auto loaded = load_definition(text);
      CAIRN_ASSERT(loaded.ok(), "the benchmark's definitions are right");
      workflows_.push_back({text, loaded.program});
    }
    for (auto& client : clients_) start(client);
  }

  std::vector<double> latencies;  ///< of the pure runs, in s
  std::uint64_t ended = 0;

 private:
  struct Client {
    std::size_t next = 0;
    Steady::time_point begun;
    std::unique_ptr<Observation> observation;
  };

  void start(Client& client) {
    const std::size_t kind = client.next++ % workflows_.size();
    client.begun = Steady::now();
    StartOptions options;
    options.workflow = workflows_[kind];
    options.input = Value::object({{"order", Value::object({{"id", Value::integer(4711)}})}});
    engine_.start(std::move(options), [this, &client, kind](const Result<Started>& started) {
      CAIRN_ASSERT(started.has_value(), "a run starts");
      RunObserver observer;
      observer.on_end = [this, &client, kind](const RunState&) {
        ++ended;
        if (kind == 0) latencies.push_back(std::chrono::duration<double>(Steady::now() - client.begun).count());
        start(client);
      };
      client.observation = engine_.observe(started.value().run, std::move(observer));
    });
  }

  Engine& engine_;
  std::vector<DefinitionText> workflows_;
  std::vector<Client> clients_;
};

void soak(benchmark::State& state) {
  const char* minutes = std::getenv("CAIRN_SOAK_MINUTES");
  const double seconds = 60 * (minutes == nullptr ? 20 : std::atof(minutes));
  for (auto _ : state) {
    const ScratchDirectory scratch;
    boost::asio::io_context io;
    auto log = open_rocks_log(scratch.path(), {});
    CAIRN_ASSERT(log.has_value(), "the log opens");
    Connectors connectors;
    connectors.emplace("http", std::make_unique<Outside>(io));
    Engine engine(io, *log.value(), make_threaded_committer(*log.value()), std::move(connectors), system_clock(),
                  system_random());
    engine.recover(Value::object(std::vector<Member>{}), {});
    engine.keep({std::nullopt, k_kept}, true);
    Load load(engine);
    std::vector<Sample> resident;
    std::vector<Sample> disk;
    double first_p99 = 0;
    const auto begin = Steady::now();
    double next_sample = 0;
    while (true) {
      io.run_one();
      const double at = std::chrono::duration<double>(Steady::now() - begin).count();
      if (at >= seconds) break;
      if (at < next_sample) continue;
      next_sample = at + k_sample_s;
      if (at < seconds / 4) {
        load.latencies.clear();
        continue;
      }
      if (first_p99 == 0 && at >= seconds / 2) {
        first_p99 = p99_ms(std::exchange(load.latencies, {}));
      }
      if (at < seconds * 3 / 4 && first_p99 != 0) load.latencies.clear();
      resident.push_back({at, resident_mb()});
      disk.push_back({at, disk_mb(scratch.path())});
    }
    state.counters["runs_per_s"] = static_cast<double>(load.ended) / seconds;
    state.counters["rss_slope_mb_per_h"] = slope_per_h(resident);
    state.counters["disk_slope_mb_per_h"] = slope_per_h(disk);
    state.counters["resident_mb"] = resident.back().value;
    state.counters["disk_mb"] = disk.back().value;
    state.counters["first_p99_ms"] = first_p99;
    state.counters["last_p99_ms"] = p99_ms(load.latencies);
    state.counters["p99_ratio"] = p99_ms(load.latencies) / first_p99;
  }
}

}  // namespace

void register_soak_benchmark() { benchmark::RegisterBenchmark("soak", soak)->Iterations(1); }

}  // namespace cairn::bench
