#pragma once
// The keys of limits, evaluated: what RunStarted::limit_keys and EffectScheduled::limit_keys hold.

#include "engine/machine/evaluate.h"
#include "workflows/program/scheduling.h"

#include <optional>
#include <string_view>

namespace cairn {

/// Null when there are no keys. A key that is no text counts as its JSON. A problem: a key cannot be evaluated, or has
/// more than k_limit_key_bytes; `place`, if given, is the pointer of what the limits stand below, for its instance.
Fallible<Value> limit_keys(const Scheduling& scheduling, const std::optional<SingletonSpec>& singleton,
                           Evaluator& evaluator, const Value& dot, const Variables& variables,
                           std::string_view place = {});

}  // namespace cairn
