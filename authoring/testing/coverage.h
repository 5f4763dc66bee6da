#pragma once
// Coverage: what of a workflow tests can reach, and what they have reached. Points are tasks and transitions: both sides of
// an `if`, each way out of a `switch`, errors that a `try` catches and retries, loops with and without a round, races
// that each branch wins.

#include "workflows/program/program.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/testing/world.h"

namespace cairn::authoring {

struct CoveragePoint {
  std::string key;        ///< in Reached: the reference, then "#" and what of it
  std::string reference;  ///< of the task
  std::string what;       ///< "task 'charge'", "switch 'route': case 'large'"
  bool is_task = false;
};

/// All points of a program, in the order in which they are written.
std::vector<CoveragePoint> coverage_points(const Program& program);

struct Coverage {
  std::size_t tasks = 0;
  std::size_t tasks_reached = 0;
  std::size_t transitions = 0;
  std::size_t transitions_reached = 0;
  std::vector<CoveragePoint> missed;

  /// Of all points, 0 to 100; 100 when there are none.
  [[nodiscard]] double percent() const;
};

Coverage coverage_of(const Program& program, const std::set<std::string, std::less<>>& reached);

/// Notes what one event of a run shows. `before`: the run as it was before the event. Pure: expressions of a `switch` are
/// evaluated once more, for no event says which case was taken.
void note_coverage(const Machine& machine, const RunState& before, const Event& event, Timestamp now,
                   std::set<std::string, std::less<>>& reached);

}  // namespace cairn::authoring
