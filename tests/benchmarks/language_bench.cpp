// From text to Program: one benchmark an example, of the project's own and of the standard when it is there.

#include "tests/benchmarks/bench.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace cairn::bench {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void load_example(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    auto loaded = load_definition(text);
    benchmark::DoNotOptimize(loaded);
  }
  state.counters["load_us"] = 0;  // filled in by the reporter from the measured time
}

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

/// Registers `load/NAME` for each example found.
void register_language_benchmarks() {
  const std::filesystem::path source = CAIRN_SOURCE_DIR;
  for (const auto& file : yaml_files(source / "examples")) {
    const std::string name = "load/" + file.parent_path().filename().string() + "/" + file.stem().string();
    benchmark::RegisterBenchmark(name.c_str(), load_example, read_file(file))->MinTime(0.1);
  }
  const char* spec = std::getenv("OPEN_WORKFLOW_SPEC");
  const auto folder = spec != nullptr ? std::filesystem::path(spec) : source / "../shared/spec";
  for (const auto& file : yaml_files(folder / "examples")) {
    benchmark::RegisterBenchmark(("load/spec/" + file.stem().string()).c_str(), load_example, read_file(file))
        ->MinTime(0.05);
  }
}

}  // namespace cairn::bench
