#pragma once
// What an author may set of an evaluation's limits, by name: document.metadata.cairn.expressions in a definition,
// --limit of `cairn eval`. What each one counts is in workflows/jq/budget.h, the ceilings are in
// workflows/core/limits.h.

#include "workflows/jq/budget.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

struct EvaluationLimit {
  std::string_view name;      ///< "steps"
  std::uint64_t ceiling = 0;  ///< the most that may be asked for; the least is 1
  std::string_view unit;      ///< what it counts, after a number: "bytes of memory in all, freed or not"
  jq::Exhausted exhausted = jq::Exhausted::none;
};

/// All that may be set.
std::span<const EvaluationLimit> evaluation_limits();
/// By name; nullptr when there is none.
const EvaluationLimit* find_evaluation_limit(std::string_view name);
/// The one that `exhausted` (not none) speaks of.
const EvaluationLimit& evaluation_limit(jq::Exhausted exhausted);

std::uint64_t value_of(const EvaluationLimit& limit, const jq::Limits& limits);
/// `value`: 1 … limit.ceiling.
void set(const EvaluationLimit& limit, jq::Limits& limits, std::uint64_t value);

/// What to say of an evaluation that `limit` ended. `setting` is what raises it.
std::string exceeded(const EvaluationLimit& limit, const jq::Limits& limits, std::string_view setting);

}  // namespace cairn
