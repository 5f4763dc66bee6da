#pragma once
// Text of a file of tests → TestSuite, or every finding about it at once, each at its place.

#include "workflows/source/position.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/testing/suite.h"

namespace cairn::authoring {

/// Reads a file that a file of tests names, by the path as written.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

struct ParsedSuite {
  TestSuite suite;  ///< of use when there is no error among the diagnostics
  std::vector<Diagnostic> diagnostics;
  [[nodiscard]] bool ok() const;
};

/// `usual_workflow`: the workflow of a suite that names none. Total; reads nothing but through `read`.
ParsedSuite parse_suite(std::string_view text, const std::string& usual_workflow, const ReadFile& read);

/// One case at most runs this many; a file has at most this many cases.
inline constexpr std::size_t k_most_cases = 2'000;

}  // namespace cairn::authoring
