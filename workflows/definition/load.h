#pragma once
// Text of a definition → Program, or every finding about it at once.

#include "workflows/program/program.h"
#include "workflows/source/position.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A text that a definition takes from outside and that was not given with it.
struct NeededResource {
  std::string uri;       ///< absolute, "default:…" for the default catalog, or relative to the definition's file
  Value authentication;  ///< as written, secrets not filled in; null: none
  std::string what;      ///< "the function log:1.0.0@shared"
  std::string source;    ///< where it is asked for: Diagnostic::source, position, pointer
  SourcePosition position;
  std::string pointer;
};

/// In the warning about one: "the function log:1.0.0@shared has not been fetched from https://…".
inline constexpr std::string_view k_not_fetched = " has not been fetched from ";

struct LoadedDefinition {
  /// Null when there is an error among the diagnostics.
  std::shared_ptr<const Program> program;
  /// Ordered by position. Warnings: parts of the standard that this version does not run (also in
  /// Program::unsupported).
  std::vector<Diagnostic> diagnostics;

  /// Not empty: the program is not whole, and `run` refuses it (they are in Program::unsupported too).
  std::vector<NeededResource> needed;

  [[nodiscard]] bool ok() const { return program != nullptr; }
};

/// Parses, checks and compiles YAML or JSON text of a definition, or a bundle of one (bundle.h). Total: any input gives diagnostics, never a crash,
/// within the limits of core/limits.h. Pure: reads nothing but `text`.
LoadedDefinition load_definition(std::string_view text);

/// The findings as a person reads them: "FILE:LINE:COLUMN: error: MESSAGE", the offending line with a caret, the JSON
/// pointer, the hint. Of a bundle each finding names the text that it is in. Ends with a newline when not empty.
std::string format_diagnostics(const std::vector<Diagnostic>& diagnostics, std::string_view text,
                               std::string_view file);

}  // namespace cairn
