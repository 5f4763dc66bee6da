#pragma once
// Which expressions make libjq track paths: `path(…)`, assignments, and the builtins made of them.

#include "workflows/expressions/scan.h"

#include <vector>

namespace cairn::jq {

/// Whether the token is the `=` of an assignment (`=`, `|=`, `+=` …), not of a comparison.
bool is_assignment(const std::vector<Token>& tokens, std::size_t at);

/// False only when nothing in the expression does. Those run three times as fast (program_text.h).
bool may_track_paths(const std::vector<Token>& tokens);

}  // namespace cairn::jq
