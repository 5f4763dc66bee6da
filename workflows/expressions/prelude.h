#pragma once
// jq definitions that stand before expressions.
//
// They give `now` the evaluation's time; put a guard before each builtin of libjq 1.6 that some input makes abort the
// process, run on unstoppably, read the machine's time zone or take memory without bound; and keep integers beyond 2^53
// from being rounded in silence. They expect `$__now`, and `$__exact` (jq_value.h, exact_texts), to be bound.

#include "workflows/expressions/scan.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace cairn::jq {

/// Whether integers beyond 2^53 are about. The guards for them make arithmetic slow, so they are only there when
/// needed.
enum class Numbers : std::uint8_t { plain, exact };

/// Functions that jq text calls, by name or through an operator, an interpolated string or a format.
std::set<std::string> mentioned_functions(std::string_view text);

/// The definitions that `names` need, in order, ended by a line break. Only these: every definition costs compile time.
std::string prelude(const std::set<std::string>& names, Numbers numbers);

}  // namespace cairn::jq
