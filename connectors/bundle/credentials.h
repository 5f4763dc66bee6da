#pragma once
// The authentication policy of something that is fetched before any run, from the definition's text.

#include "connectors/http/or_problem.h"
#include "workflows/value/value.h"

namespace cairn {

/// The policy with its references to secrets ({use: NAME}) and its expressions over $secrets filled in. A secret that was
/// not given, and an expression that reads anything else, are problems.
OrProblem<Value> with_secrets(const Value& policy, const Value& secrets);

}  // namespace cairn
