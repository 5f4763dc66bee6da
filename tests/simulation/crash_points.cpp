#include "tests/simulation/crash_points.h"

#include <array>
#include <string_view>

namespace cairn::simulation {
namespace {

struct Scenario {
  std::string_view name;
  std::size_t starts;
  std::size_t commands;  ///< of a thousand acts of the operator
  std::string_view tasks;
  std::string_view child = {};
};

constexpr std::array<Scenario, 5> k_scenarios{{
    {"chain", 3, 0, R"(
do:
  - first: {set: {n: 1}}
  - second: {call: http, with: {method: post, endpoint: 'https://sim.test/ask', body: {n: '${ .n }'}}}
  - third: {call: openapi, with: {document: {endpoint: 'https://sim.test/api'}, operationId: ask}}
  - fourth: {run: {shell: {command: 'true'}}, metadata: {cairn: {delivery: at-most-once}}}
)"},
    {"branches and timers", 2, 0, R"(
timeout: {after: {hours: 2}}
do:
  - both:
      fork:
        branches:
          - nap: {wait: {minutes: 5}}
          - ask: {call: http, with: {method: get, endpoint: 'https://sim.test/ask'}, timeout: {after: {seconds: 30}}}
          - tell: {emit: {event: {with: {source: 'https://sim.test/', type: sim.told}}}}
  - first:
      fork:
        compete: true
        branches:
          - slow: {wait: {hours: 1}}
          - quick: {call: http, with: {method: get, endpoint: 'https://sim.test/ask'}}
)"},
    {"attempts", 2, 0, R"(
do:
  - insist:
      try:
        - ask: {call: http, with: {method: get, endpoint: 'https://sim.test/ask'}}
        - fail: {if: '${ .serial % 2 == 0 }', raise: {error: {type: 'https://sim.test/even', status: 500}}}
      catch:
        as: problem
        retry: {delay: {seconds: 3}, backoff: {exponential: {}}, jitter: {from: {seconds: 0}, to: {seconds: 1}}, limit: {attempt: {count: 4}}}
        do: [{give-up: {set: {sad: true}}}]
)"},
    {"family", 2, 100, R"(
do:
  - all:
      fork:
        branches:
          - awaited: {run: {workflow: {namespace: sim, name: scene-child, version: '1.0.0', input: {n: 1}}}}
          - again: {run: {workflow: {namespace: sim, name: scene-child, version: latest, input: {n: 2}}}}
          - alone: {run: {workflow: {namespace: sim, name: scene-child, version: latest, input: {n: 3}}, await: false}}
)",
     R"(
do:
  - nap: {wait: {seconds: 9}}
  - ask: {call: http, with: {method: get, endpoint: 'https://sim.test/ask'}}
)"},
    {"commands", 4, 700, R"(
do:
  - each:
      for: {each: item, in: '${ [1, 2, 3] }'}
      do:
        - ask: {call: http, with: {method: get, endpoint: 'https://sim.test/ask'}}
        - nap: {wait: {minutes: 1}}
)"},
}};

std::string text_of(std::string_view name, std::string_view tasks) {
  return fmt::format("document: {{dsl: '1.0.3', namespace: sim, name: {}, version: '1.0.0'}}{}", name, tasks);
}

Plan plan_of(const Scenario& scenario, std::optional<CrashPoint> point) {
  Plan plan;
  plan.seed = 7;
  plan.real_log = true;
  plan.steps = 400;
  plan.starts = scenario.starts;
  plan.command = scenario.commands;
  plan.crash_point = point;
  plan.moods = Moods{0, 100, 50, 0, 0};
  plan.definitions_as_written.push_back(text_of("scene", scenario.tasks));
  if (!scenario.child.empty()) plan.definitions_as_written.push_back(text_of("scene-child", scenario.child));
  return plan;
}

constexpr std::array<std::pair<PowerCut, std::string_view>, 3> k_ways{
    {{PowerCut::keep, "kept"}, {PowerCut::drop, "dropped"}, {PowerCut::torn, "torn"}}};

}  // namespace

CrashPoints try_crash_points(std::uint64_t stride) {
  CrashPoints all;
  for (const auto& scenario : k_scenarios) {
    const Outcome whole = World(plan_of(scenario, std::nullopt), false).run();
    if (whole.violation) {
      all.violation = fmt::format("{}, undisturbed: {}", scenario.name, *whole.violation);
      return all;
    }
    for (std::uint64_t operation = 1; operation <= whole.disk_operations; operation += stride) {
      for (const auto& [how, word] : k_ways) {
        const Outcome outcome = World(plan_of(scenario, CrashPoint{operation, how}), false).run();
        ++all.points;
        all.faults.add(outcome.faults);
        if (!outcome.violation) continue;
        all.violation = fmt::format("{}, crash at operation {} of {}, unsynced bytes {}: {}", scenario.name, operation,
                                    whole.disk_operations, word, *outcome.violation);
        for (const auto& line : outcome.last_lines) fmt::print("{}\n", line);
        return all;
      }
    }
  }
  return all;
}

}  // namespace cairn::simulation
