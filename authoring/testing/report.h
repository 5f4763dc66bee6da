#pragma once
// Results of tests for machines: JUnit's XML, JSON.

#include <string>
#include <vector>

#include "authoring/testing/runner.h"

namespace cairn::authoring {

/// What all files have covered of one workflow.
struct WorkflowCoverage {
  std::string workflow;  ///< namespace/name:version
  std::string file;
  Coverage coverage;
};

/// One entry a workflow under test, however many files test it; in order of the files.
std::vector<WorkflowCoverage> coverage_of(const std::vector<SuiteResult>& suites);
/// Of all points of all workflows together, 0 to 100.
double total_percent(const std::vector<WorkflowCoverage>& workflows);

/// A test suite a file, a test case a case. Times are those that passed in the cases. A file with errors is an error.
std::string to_junit(const std::vector<SuiteResult>& suites);
/// {passed, failed, files: [{file, sound, diagnostics, cases: [{name, passed, failures, elapsed}]}]}
Value to_json_report(const std::vector<SuiteResult>& suites);
/// {percent, workflows: [{workflow, file, percent, tasks: {all, reached}, transitions: {…}, missed: [{task, what}]}]}
Value to_json_coverage(const std::vector<WorkflowCoverage>& workflows);

}  // namespace cairn::authoring
