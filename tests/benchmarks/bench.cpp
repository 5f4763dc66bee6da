#include "tests/benchmarks/bench.h"

#include <cstdio>
#include <cstdlib>

namespace cairn::bench {

ScratchDirectory::ScratchDirectory() {
  static int count = 0;
  path_ = std::filesystem::path(CAIRN_BINARY_DIR) / ("bench-data-" + std::to_string(count++));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

ScratchDirectory::~ScratchDirectory() { std::filesystem::remove_all(path_); }

std::shared_ptr<const Machine> machine_of(const std::string& definition) {
  auto loaded = load_definition(definition);
  if (!loaded.ok()) {
    std::fputs(format_diagnostics(loaded.diagnostics, definition, "benchmark").c_str(), stderr);
    std::abort();
  }
  return std::make_shared<const Machine>(loaded.program);
}

namespace {

constexpr const char* k_document = "document: {dsl: '1.0.3', namespace: bench, name: bench, version: '1.0.0'}\n";

}  // namespace

std::string chain_definition(int tasks) {
  std::string text = std::string(k_document) + "do:\n";
  for (int i = 0; i < tasks; ++i) {
    text += "  - step" + std::to_string(i) +
            ":\n      set: {order: '${ .order }', total: '${ .total }', step: " + std::to_string(i) + "}\n";
  }
  return text;
}

std::string loop_definition(int rounds) {
  return std::string(k_document) + "do:\n  - loop:\n      for: {in: '[range(" + std::to_string(rounds) +
         ")]'}\n      do:\n        - step:\n            set: {last: '${ $item }'}\n";
}

Stimulus start_stimulus(const RunId& run, const Value& input) {
  Stimulus stimulus;
  StartRun start;
  start.run = run;
  start.input = input;
  stimulus.what = std::move(start);
  stimulus.now = Timestamp{1'800'000'000'000};
  stimulus.entropy = 42;
  return stimulus;
}

std::vector<Record> run_in_memory(const Machine& machine, const RunId& run, const Value& input) {
  std::vector<Record> records;
  RunState state;
  Stimulus stimulus = start_stimulus(run, input);
  while (true) {
    Record record;
    record.first = next_of(state.last);
    Decision decision = machine.advance(state, stimulus);
    record.stimulus = stimulus;
    record.events = std::move(decision.events);
    records.push_back(std::move(record));
    if (!decision.yielded) return records;
    stimulus.what = GoOn{};
  }
}

}  // namespace cairn::bench
