#pragma once
// The few places where an expression's text must differ before libjq compiles it.

#include "workflows/expressions/scan.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq {

/// `text`, whose tokens these are (without a problem), with
/// - `$__loc__` written out, because libjq would give the line in the program of all expressions;
/// - what stands between the brackets of an index or slice passed through the prelude's `__key` and `__cut`, because
///   NaN in there aborts libjq;
/// - `else .` in every `if` that has no `else`, as later versions of jq understand it.
/// Line breaks stay where they are.
std::string rewritten(std::string_view text, const std::vector<Token>& tokens);

}  // namespace cairn::jq
