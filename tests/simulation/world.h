#pragma once
// World: one seed, from the first start to the quiet end. The disturbed part: people, services, clock and disk do what
// the plan lets them, processes die and are started again. Then everything is given the time it needs, and checked.

#include "tests/simulation/checks.h"
#include "tests/simulation/operator.h"
#include "tests/simulation/person.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/storage.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn::simulation {

/// What came of a seed.
struct Outcome {
  std::optional<std::string> violation;
  std::uint64_t trace_hash = 0;
  std::deque<std::string> last_lines;
  FaultCounts faults;
  std::uint64_t steps = 0;
  std::uint64_t runs = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t effects = 0;
  std::uint64_t crashes = 0;
  std::uint64_t disk_operations = 0;
};

class World {
 public:
  World(const Plan& plan, bool print_trace);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  Outcome run();

 private:
  void begin_process();
  void crash();
  void go_on_after_crash();
  void step();
  void write_some();
  void rest();
  /// True when something may still happen.
  bool rest_step();
  [[nodiscard]] bool is_quiet();
  void die(Fault fault);
  void reconcile(const std::vector<DoubtfulBatch>& doubtful);

  Plan plan_;
  SimulatedTime time_;
  Trace trace_;
  FaultCounts faults_;
  Dice dice_;
  Dice random_;  ///< the engine's
  Dice room_;    ///< of the disk
  History history_;
  GeneratedWorkflows workflows_;
  Outside outside_;
  Operator operator_;
  Person person_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Process> process_;
  bool disturbed_ = true;
  bool write_failed_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t lives_ = 0;
};

}  // namespace cairn::simulation
