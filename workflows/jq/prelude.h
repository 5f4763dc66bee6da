#pragma once
// Builtins written in jq: parsed once for the process; a program takes what it uses.

#include "workflows/jq/syntax.h"

#include <span>
#include <string>
#include <string_view>

namespace cairn::jq {

/// Every definition of the prelude, in the order of its text.
std::span<const syntax::Definition* const> prelude();
const syntax::Definition* find_in_prelude(std::string_view name, std::size_t arity);
/// What docs/expressions.md says of a definition of the prelude; empty for internals (names that begin with '_').
std::string documentation(const syntax::Definition& definition);

}  // namespace cairn::jq
