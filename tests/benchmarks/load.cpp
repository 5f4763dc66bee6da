#include "tests/benchmarks/load.h"

#include "workflows/core/assert.h"

#include <fmt/format.h>
#include <pthread.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

namespace cairn::bench {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

double percentile_ms(std::vector<double>& seconds, double share) {
  if (seconds.empty()) return 0;
  const auto at = seconds.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(seconds.size() - 1));
  std::nth_element(seconds.begin(), at, seconds.end());
  return *at * 1e3;
}

double processor_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

constexpr double k_warm_up_s = 0.3;

}  // namespace

LoadedEngine::LoadedEngine(const MakeConnectors& make_connectors) {
  auto opened = open_rocks_log(scratch_.path(), {});
  CAIRN_ASSERT(opened.has_value(), "the log opens");
  log_ = std::move(opened.value());
  engine_ = std::make_unique<Engine>(io_, *log_, make_threaded_committer(*log_), make_connectors(io_), system_clock(),
                                     system_random());
}

LoadedEngine::~LoadedEngine() = default;

struct LoadedEngine::Clients {
  struct Client {
    Steady::time_point begun;
    std::unique_ptr<Observation> observation;
  };

  Engine& engine;
  DefinitionText workflow;
  Value input;
  std::vector<Client> clients;
  std::vector<double> latencies;
  std::size_t busy = 0;
  bool measuring = false;
  bool ending = false;

  void start(Client& client) {
    client.begun = Steady::now();
    StartOptions options;
    options.workflow = workflow;
    options.input = input;
    engine.start(std::move(options), [this, &client](const Result<Started>& answer) {
      CAIRN_ASSERT(answer.has_value(), "a run starts");
      RunObserver observer;
      observer.on_end = [this, &client](const RunState& end) { on_end(client, end); };
      client.observation = engine.observe(answer.value().run, std::move(observer));
    });
  }

  void on_end(Client& client, const RunState& end) {
    if (end.ending != Ending::completed) {
      fmt::print(stderr, "a run did not complete: {}\n", end.problem ? end.problem->detail : "");
      std::abort();
    }
    if (measuring) latencies.push_back(seconds_since(client.begun));
    if (ending) {
      --busy;
    } else {
      start(client);
    }
  }
};

LoadedEngine::Figures LoadedEngine::load(const std::string& definition, const Value& input, std::size_t clients,
                                         double seconds) {
  auto loaded = load_definition(definition);
  CAIRN_ASSERT(loaded.ok(), "the benchmark's definition is right");
  Clients all{*engine_, {definition, loaded.program}, input, {}, {}, clients, false, false};
  all.clients.resize(clients);
  const auto run_for = [&](double duration) {
    const auto begin = Steady::now();
    while (seconds_since(begin) < duration) io_.run_one();
    return seconds_since(begin);
  };
  for (auto& client : all.clients) all.start(client);
  run_for(k_warm_up_s);
  all.measuring = true;
  const double processor_before = processor_seconds();
  const double took = run_for(seconds);
  const double processor = processor_seconds() - processor_before;
  all.measuring = false;
  all.ending = true;
  while (all.busy > 0) io_.run_one();
  Figures figures;
  figures.runs_per_s = static_cast<double>(all.latencies.size()) / took;
  figures.cpu_us = processor * 1e6 / static_cast<double>(std::max<std::size_t>(1, all.latencies.size()));
  figures.p50_ms = percentile_ms(all.latencies, 0.5);
  figures.p99_ms = percentile_ms(all.latencies, 0.99);
  return figures;
}

namespace {

RawFigures write_raw_here(std::size_t bytes, std::size_t batch, double seconds) {
  const ScratchDirectory scratch;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  CAIRN_ASSERT(rocksdb::DB::Open(options, scratch.path() + "/raw", &opened).ok(), "the store opens");
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  std::string value(bytes, 'x');
  std::uint64_t n = 0;
  std::vector<double> latencies;
  const auto begin = Steady::now();
  while (seconds_since(begin) < seconds) {
    const auto before = Steady::now();
    rocksdb::WriteBatch writes;
    for (std::size_t i = 0; i < batch; ++i) {
      // Not all alike, so that the store does not only compress.
      for (std::size_t at = 0; at + 8 <= bytes; at += 16) {
        value[at] = static_cast<char>((n * 0x9e3779b97f4a7c15ULL + at) >> 32U);
      }
      writes.Put(fmt::format("record-{:020}", n++), value);
    }
    CAIRN_ASSERT(db->Write(durable, &writes).ok(), "the store takes the write");
    latencies.push_back(seconds_since(before));
  }
  return {static_cast<double>(n) / seconds_since(begin), percentile_ms(latencies, 0.5)};
}

}  // namespace

RawFigures write_raw(std::size_t bytes, std::size_t batch, double seconds) {
  RawFigures figures;
  std::thread([&] {
    pthread_setname_np(pthread_self(), "raw");  // a profile tells it from the engine
    figures = write_raw_here(bytes, batch, seconds);
  }).join();
  return figures;
}

}  // namespace cairn::bench
