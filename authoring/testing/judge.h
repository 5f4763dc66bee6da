#pragma once
// What a case expects beside what came of it.

#include <string>
#include <vector>

#include "authoring/testing/suite.h"
#include "authoring/testing/task_index.h"
#include "authoring/testing/world.h"

namespace cairn::authoring {

/// One thing that is not as expected; `text` may have several lines.
struct Failure {
  std::string text;
  std::string hint;
};

/// Nothing: the case has passed.
std::vector<Failure> judge(const TestSuite& suite, const TestCase& test, const Workflows& workflows,
                           const CaseRun& run);

/// What came of a case as `that` sees it: {status, output, error, context, input, path, calls: [{task, reference, kind,
/// arguments, at}], emitted, elapsed}; times are seconds.
Value as_value(const TestCase& test, const CaseRun& run);

/// The tasks in the order in which they were started, one a line, indented; of a long path the end.
std::string path_text(const CaseRun& run);

}  // namespace cairn::authoring
