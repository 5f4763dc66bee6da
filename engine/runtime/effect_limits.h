#pragma once
// What an effect of a run brings to Admission: its priority and the limits of its workflow and its task, from what the
// definition says and the log recorded.

#include "engine/machine/machine.h"
#include "engine/runtime/admission.h"

#include <vector>

namespace cairn {

struct EffectTerms {
  std::uint8_t priority = k_priority_usual;  ///< an operator's word first, then the task's own, then the run's
  std::vector<KeyedLimit> limits;
};

EffectTerms terms_of(const Machine& machine, const RunState& state, const PendingEffect& effect);

}  // namespace cairn
