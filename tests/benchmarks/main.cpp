// cairn_bench [NAME…] [--json FILE]: runs the benchmarks whose name contains one of NAME (when none is given, all but
// sleep, which takes five minutes, and soak, which takes twenty),
// prints a table and writes {"benchmarks": [{"name", "metric", "value", "unit"}]}.

#include "tests/benchmarks/bench.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace cairn::bench {

void register_language_benchmarks();
void register_expression_benchmarks();
void register_sleep_benchmark();
void register_soak_benchmark();

namespace {

/// The unit a metric's name tells: "…_per_s" → "1/s" ("…_per_s_64" too: with 64 clients), "…_us" → "us", "…_ms" → "ms".
std::string unit_of(const std::string& metric) {
  if (metric.ends_with("_per_s") || metric.find("_per_s_") != std::string::npos) return "1/s";
  if (metric.ends_with("_mb_per_h")) return "mb/h";
  if (metric.starts_with("ratio") || metric.ends_with("_ratio")) return "";
  const auto last = metric.rfind('_');
  return last == std::string::npos ? "" : metric.substr(last + 1);
}

class TableReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    fmt::print("{:<44} {:<24} {:>16}  {}\n", "benchmark", "metric", "value", "unit");
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      if (run.error_occurred) {
        failed = true;
        fmt::print("{:<44} FAILED {}\n", run.benchmark_name(), run.error_message);
        continue;
      }
      std::string name = run.benchmark_name();
      if (const auto at = name.find("/min_time:"); at != std::string::npos) name.erase(at);
      if (const auto at = name.find("/real_time"); at != std::string::npos) name.erase(at);
      if (const auto at = name.find("/iterations:"); at != std::string::npos) name.erase(at);
      for (const auto& [metric, counter] : run.counters) {
        double value = counter.value;
        // Google Benchmark counts in the unit of the benchmark, nanoseconds here.
        if (metric == "load_us") value = run.GetAdjustedRealTime() / 1e3;
        const std::string unit = unit_of(metric);
        fmt::print("{:<44} {:<24} {:>16.{}f}  {}\n", name, metric, value, value < 100 ? 3 : 1, unit);
        rows.push_back({{"name", name}, {"metric", metric}, {"value", value}, {"unit", unit}});
      }
    }
    std::fflush(stdout);
  }

  nlohmann::json rows = nlohmann::json::array();
  bool failed = false;
};

int run(int argc, char** argv) {
  std::string filter;
  std::string json_file;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--json") {
      if (++i == argc) {
        fmt::print(stderr, "cairn_bench: --json needs a file name\n");
        return 2;
      }
      json_file = argv[i];
    } else if (argument.starts_with("-")) {
      fmt::print(stderr, "cairn_bench: unknown option {}; usage: cairn_bench [NAME…] [--json FILE]\n", argument);
      return 2;
    } else {
      filter += (filter.empty() ? "" : "|") + argument;
    }
  }
  register_language_benchmarks();
  register_expression_benchmarks();
  if (!filter.empty()) {  // they take minutes: only when they are named
    register_sleep_benchmark();
    register_soak_benchmark();
  }
  std::vector<std::string> arguments{"cairn_bench"};
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  TableReporter reporter;
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks(&reporter, filter.empty() ? "." : filter);
  if (matched == 0) {
    fmt::print(stderr, "cairn_bench: no benchmark matches {}\n", filter);
    return 2;
  }
  if (!json_file.empty()) {
    std::ofstream out(json_file);
    out << nlohmann::json{{"benchmarks", reporter.rows}}.dump(2) << '\n';
    if (!out) {
      fmt::print(stderr, "cairn_bench: cannot write {}\n", json_file);
      return 1;
    }
  }
  return reporter.failed ? 1 : 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::run(argc, argv); }
