#pragma once
// Problem: an error a workflow raises, catches or faults with. RFC 7807, as the DSL prescribes (dsl-reference "Error").

#include "workflows/value/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

struct Problem {
  std::string type;  ///< URI; standard ones from problem_type()
  std::int64_t status = 500;
  std::string title;     ///< may be empty: left out of the JSON
  std::string detail;    ///< may be empty: left out of the JSON
  std::string instance;  ///< JSON pointer of the task it came from, "/do/0/getPet"

  [[nodiscard]] Value to_value() const;
  /// Reads what to_value() writes; missing members stay at their defaults.
  static Problem from_value(const Value& value);
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// The standard error types (dsl-reference "Standard Error Types").
enum class StandardError {
  configuration,
  validation,
  expression,
  authentication,
  authorization,
  timeout,
  communication,
  runtime
};

/// "https://open-workflow-specification.org/spec/1.0.0/errors/" + name.
std::string problem_type(StandardError error);
/// The status the standard gives the type by default.
std::int64_t default_status(StandardError error);
/// A problem of a standard type with its default status.
Problem make_problem(StandardError error, std::string title, std::string detail);

/// Whether a type found in a catch filter names the same type. Types on either standard host
/// (open-workflow-specification.org, serverlessworkflow.io) match by their last path segment; others must be equal.
bool same_problem_type(std::string_view a, std::string_view b);

}  // namespace cairn
