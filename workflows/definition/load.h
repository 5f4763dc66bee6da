#pragma once
// Text of a definition → Program, or every finding about it at once.

#include "workflows/program/program.h"
#include "workflows/source/position.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

struct LoadedDefinition {
  /// Null when there is an error among the diagnostics.
  std::shared_ptr<const Program> program;
  /// Ordered by position. Warnings: parts of the standard that this version does not run (also in
  /// Program::unsupported).
  std::vector<Diagnostic> diagnostics;

  [[nodiscard]] bool ok() const { return program != nullptr; }
};

/// Parses, checks and compiles YAML or JSON text of a definition. Total: any input gives diagnostics, never a crash,
/// within the limits of core/limits.h. Pure: reads nothing but `text`.
LoadedDefinition load_definition(std::string_view text);

/// The findings as a person reads them: "FILE:LINE:COLUMN: error: MESSAGE", the offending line with a caret, the JSON
/// pointer, the hint. Ends with a newline when not empty.
std::string format_diagnostics(const std::vector<Diagnostic>& diagnostics, std::string_view text,
                               std::string_view file);

}  // namespace cairn
