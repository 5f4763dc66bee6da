#pragma once
// Regular expressions that stand in a program as they are, looked at before it runs.

#include "workflows/jq/problem.h"
#include "workflows/jq/syntax.h"

#include <optional>

namespace cairn::jq {

/// The first literal given to `test`, `match` and its like that is no regular expression. Calls of functions that the
/// program defines under one of these names are not looked at.
std::optional<Problem> bad_pattern(const syntax::Tree& tree);

}  // namespace cairn::jq
