#pragma once
// TestSuite: a file of tests as it was written. suite_parser.h reads it, world.h runs its cases, judge.h compares.

#include "workflows/core/time.h"
#include "workflows/program/problem.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/testing/shape.h"

namespace cairn::authoring {

/// A file of tests ends in .test.yaml, .test.yml or .test.json.
bool is_test_file(std::string_view path);

/// A task as tests name it: its name, wherever it is; the JSON pointer of one; or either after WORKFLOW# for one of a child.
struct TaskName {
  std::string text;
  Spot spot;
};

/// What a mock answers to one call, or to several.
struct Answer {
  struct Return {
    Shape value;  ///< the task's raw output
  };
  struct Respond {  ///< as an HTTP server would
    std::int64_t status = 200;
    Shape headers;
    Shape body;
  };
  struct Exit {  ///< as a process would
    std::int64_t code = 0;
    Shape out;
    Shape error;
  };
  struct Fail {
    Problem problem;
    Shape detail;
  };
  struct Never {};
  struct Real {};
  std::variant<Return, Respond, Exit, Fail, Never, Real> what;
  std::int64_t after_ms = 0;           ///< in simulated time
  std::optional<Shape> when;           ///< only calls whose arguments include this
  std::optional<Shape> arguments;      ///< which the call must have, or the case fails
  std::optional<std::uint64_t> times;  ///< nothing: any number of calls
  Spot spot;
};

struct Mock {
  TaskName task;
  std::vector<Answer> answers;  ///< the first that fits and is not used up takes the call
};

/// An event that is published from outside.
struct OutsideEvent {
  std::optional<std::int64_t> at_ms;  ///< after the start; nothing: when the run waits for an event
  Value event;                        ///< a CloudEvent, complete
  Spot spot;
};

/// How a run ends. waiting: it does not, and nothing more happens by itself.
enum class ExpectedEnd { completed, faulted, waiting };
std::string_view name_of(ExpectedEnd end);

struct ExpectedCalls {
  TaskName task;
  std::optional<std::uint64_t> times;
  std::optional<Shape> every;   ///< what the arguments of each call include
  std::vector<Shape> in_order;  ///< of each call in turn; as many calls as these, when not empty
};

struct Check {
  ExpressionId expression{};
  std::string text;
  Spot spot;
};

struct Expectation {
  ExpectedEnd end = ExpectedEnd::completed;
  std::optional<Shape> output;
  std::optional<Shape> output_includes;
  std::optional<Shape> context_includes;
  std::optional<Shape> error;
  std::optional<std::vector<TaskName>> path;  ///< all tasks, in the order in which they were started
  std::vector<TaskName> path_includes;        ///< these among them, in this order
  std::vector<TaskName> not_reached;
  std::vector<ExpectedCalls> calls;
  std::optional<std::vector<Shape>> emitted;
  std::optional<std::int64_t> at_least_ms;
  std::optional<std::int64_t> at_most_ms;
  std::vector<Check> that;
};

struct TestCase {
  std::string name;
  Spot spot;
  Value input = Value::object(std::vector<Member>{});
  std::optional<Value> context;  ///< $context at the beginning, instead of none
  std::optional<TaskName> from;  ///< the first task, of the top level
  Value secrets = Value::object(std::vector<Member>{});
  Value environment;
  Timestamp clock;
  bool unmocked_is_real = false;
  std::vector<Mock> mocks;
  std::vector<OutsideEvent> events;
  Expectation expect;
};

/// The clock of a case that sets none: 2026-01-01T00:00:00Z.
inline constexpr Timestamp k_usual_start{1'767'225'600'000};

struct TestSuite {
  std::string workflow;  ///< path of the definition, relative to the file
  Spot workflow_spot;
  std::vector<std::string> with;  ///< definitions for `run: workflow`
  std::vector<Spot> with_spots;
  std::vector<TestCase> cases;
  std::shared_ptr<const ExpressionProgram> expressions;
};

}  // namespace cairn::authoring
