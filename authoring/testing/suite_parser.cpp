#include "authoring/testing/suite_parser.h"

#include <algorithm>
#include <iterator>

#include "authoring/testing/suite_reader.h"

namespace cairn::authoring {

bool is_test_file(std::string_view path) {
  return path.ends_with(".test.yaml") || path.ends_with(".test.yml") || path.ends_with(".test.json");
}

std::string_view name_of(ExpectedEnd end) {
  switch (end) {
    case ExpectedEnd::completed: return "completed";
    case ExpectedEnd::faulted: return "faulted";
    case ExpectedEnd::waiting: return "waiting";
  }
  return "completed";
}

bool ParsedSuite::ok() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& one) { return one.severity == Severity::error; });
}

ParsedSuite parse_suite(std::string_view text, const std::string& usual_workflow, const ReadFile& read) {
  ParsedSuite parsed;
  ParsedSource source = parse_source(text);
  parsed.diagnostics = std::move(source.diagnostics);
  if (source.document == nullptr) return parsed;
  SuiteReader reader(*source.document, usual_workflow, read);
  auto findings = reader.read_all(parsed.suite);
  std::move(findings.begin(), findings.end(), std::back_inserter(parsed.diagnostics));
  order_by_position(parsed.diagnostics);
  return parsed;
}

}  // namespace cairn::authoring
