#pragma once
// Lint: what a definition says that is valid and probably not meant. The rules are one table, of which docs/lint.md is made.

#include "workflows/program/program.h"
#include "workflows/source/position.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::authoring {

struct LintRule {
  std::string_view code;     ///< "unreachable-task": in messages, and in metadata.cairn.lint.ignore
  std::string_view finds;    ///< what it finds
  std::string_view because;  ///< why that is worth a look, and what to do
};

/// All rules, in the order of docs/lint.md.
std::span<const LintRule> lint_rules();

struct LintFinding {
  std::string_view rule;  ///< LintRule::code
  Diagnostic diagnostic;  ///< a warning
};

/// What the rules find, ordered by position. `text`: the definition (or its bundle) that `program` was compiled from. What
/// lies outside the text is not looked at. `metadata: {cairn: {lint: {ignore: [CODE]}}}` switches a rule off, of the
/// document everywhere, of a task for it and all below it.
std::vector<LintFinding> lint(std::string_view text, const Program& program);

/// The table of docs/lint.md.
std::string lint_table();

}  // namespace cairn::authoring
