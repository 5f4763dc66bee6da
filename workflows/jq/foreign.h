#pragma once
// Functions that other languages have under names that jq does not know.

#include "workflows/jq/problem.h"
#include "workflows/jq/syntax.h"

#include <optional>

namespace cairn::jq {

/// The first call of such a function, with what jq has for it. Names that the program itself gives to something are not
/// looked at.
std::optional<Problem> foreign_call(const syntax::Tree& tree);

}  // namespace cairn::jq
