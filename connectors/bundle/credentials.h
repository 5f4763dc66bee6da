#pragma once
// The authentication policy of something that is fetched before any run, from the definition's text.

#include "connectors/http/or_problem.h"
#include "workflows/value/value.h"

#include <functional>
#include <string>

namespace cairn {

/// A secret by its name, or why there is none.
using SecretLookup = std::function<OrProblem<Value>(const std::string& name)>;

/// The policy with its references to secrets ({use: NAME}) and its expressions over $secrets.NAME filled in. An expression
/// that reads anything else is a problem.
OrProblem<Value> with_secrets(const Value& policy, const SecretLookup& secret);

}  // namespace cairn
