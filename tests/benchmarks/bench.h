#pragma once
// What the benchmarks share: programs to run, a place on disk, and a way to name what is measured.

#include "engine/machine/machine.h"
#include "workflows/definition/load.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace cairn::bench {

/// A directory of its own below the build directory (a real disk, where /tmp may be memory), removed at the end.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// The machine of this definition; ends the process with its diagnostics when it has errors.
std::shared_ptr<const Machine> machine_of(const std::string& definition);

/// `tasks` set tasks in a row: the "chain".
std::string chain_definition(int tasks);
/// A loop of `rounds` iterations over one set task.
std::string loop_definition(int rounds);

/// Runs `machine` from start to end in memory; returns every record.
std::vector<Record> run_in_memory(const Machine& machine, const RunId& run, const Value& input);

/// The stimulus that starts `run`.
Stimulus start_stimulus(const RunId& run, const Value& input);

}  // namespace cairn::bench
