#pragma once
// A case as it runs: the real machine, a clock that jumps, answers from mocks, a bus of its own, children beside their
// parents. Nothing of it is durable, and the same case gives the same run, whenever and wherever.
//
// Time passes only when nothing else can be done: then the clock jumps to what is due first, a timer, an answer or an event
// from outside. Of things due at one moment the one that was decided first comes first.

#include "engine/effects/effect.h"
#include "engine/machine/machine.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "authoring/testing/answering.h"
#include "authoring/testing/suite.h"
#include "authoring/testing/task_index.h"
#include "authoring/testing/visits.h"

namespace cairn::authoring {

/// A case that goes on longer than this many steps, or records this many events, is given up: it would never end.
inline constexpr std::size_t k_case_steps = 100'000;
inline constexpr std::size_t k_case_events = 1'000'000;

/// Makes a call for real; blocks until it has ended. Empty: real calls cannot be made here.
using RealCalls = std::function<EffectOutcome(EffectRequest)>;

/// Why a case could not be run to its end.
struct Trouble {
  std::string message;
  std::string hint;
};

/// Of one workflow: what of it was reached, by the keys of coverage.h.
using Reached = std::map<const Program*, std::set<std::string, std::less<>>>;

struct CaseRun {
  ExpectedEnd end = ExpectedEnd::waiting;
  Value output;
  std::optional<Problem> problem;
  Value context;
  std::int64_t elapsed_ms = 0;
  std::vector<Visit> visits;
  std::vector<CallMade> calls;
  std::vector<Value> emitted;
  std::vector<std::size_t> unpublished;  ///< events from outside, by index, that the run ended before
  std::string waiting_for;               ///< of a run that has not ended
  std::optional<Trouble> trouble;
  Reached reached;
};

/// Total: whatever the case holds, it ends.
CaseRun run_case(const TestSuite& suite, const TestCase& test, const Workflows& workflows, const RealCalls& real);

}  // namespace cairn::authoring
