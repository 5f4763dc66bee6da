#pragma once
// A place in a text file, and what to say about it.

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

/// 1-based; the column counts code points, as editors do. {0, 0}: no place known.
struct SourcePosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

enum class Severity { error, warning };

/// One finding about a definition.
struct Diagnostic {
  Severity severity = Severity::error;
  SourcePosition position;
  std::string pointer;  ///< JSON pointer of the offending node, e.g. "/do/0/getPet/with"
  std::string message;  ///< what is wrong and what was expected
  std::string hint;     ///< "did you mean 'endpoint'?", or empty
  std::string source;   ///< URI of the document that it is in; empty: the definition's own text
};

}  // namespace cairn
