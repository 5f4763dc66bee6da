#pragma once
// What a call gets from its mock.

#include "engine/effects/effect.h"
#include "engine/machine/stimulus.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "authoring/testing/suite.h"
#include "authoring/testing/task_index.h"

namespace cairn::authoring {

/// A call of a case, mocked or not.
struct CallMade {
  const Program* program = nullptr;
  std::string name;
  std::string reference;
  std::string kind;  ///< "http", "openapi", "shell", "script", "workflow"
  Value arguments;   ///< of a workflow: its input
  std::int64_t at_ms = 0;
};

/// Chooses and counts answers in one run of a case. Borrows the case.
class Answering {
 public:
  Answering(const TestCase& test, const Workflows& workflows) : test_(test), workflows_(workflows) {}

  /// Nobody answers the call; says why.
  struct Refused {
    std::string message;
    std::string hint;
  };
  struct Given {
    EffectOutcome outcome;
    std::int64_t after_ms = 0;
  };
  struct Never {};
  struct Real {};
  using Result = std::variant<Refused, Given, Never, Real>;
  /// Whether a mock is there for the task.
  [[nodiscard]] bool has_mock(const CallMade& call) const { return mock_of(call) != nullptr; }
  Result answer(const CallMade& call, const ShapeContext& context);

 private:
  [[nodiscard]] const Mock* mock_of(const CallMade& call) const;
  Result give(const Answer& answer, const CallMade& call, const ShapeContext& context);

  const TestCase& test_;
  const Workflows& workflows_;
  std::map<const Answer*, std::uint64_t> used_;
  std::map<const Mock*, std::uint64_t> calls_;
};

/// What a mock of an approval says: {approved, answer, by}, of which each may be left out. Nothing: it is no such thing.
std::optional<AnswerApproval> approval_answer(EventSeq approval, const EffectOutcome& outcome);

/// "\n  /path: expected …, got …" for each of a few.
std::string listed(const std::vector<Mismatch>& mismatches);

}  // namespace cairn::authoring
