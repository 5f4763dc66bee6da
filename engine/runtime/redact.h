#pragma once
// The last line of defence for secrets: what comes back from an effect that was given some is searched for their
// values.

#include "engine/effects/effect.h"

namespace cairn {

/// `outcome` with every occurrence of a string of `secrets` (any depth, at least k_min_secret_length characters) in its
/// texts and member names replaced by the confidential mark.
EffectOutcome redact_secrets(EffectOutcome outcome, const Value& secrets);

/// Shorter strings are not searched for: they would be found everywhere.
inline constexpr std::size_t k_min_secret_length = 4;

}  // namespace cairn
