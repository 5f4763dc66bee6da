#pragma once
// A file of tests from its text to what came of every case.

#include "workflows/definition/load.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/testing/coverage.h"
#include "authoring/testing/judge.h"
#include "authoring/testing/suite_parser.h"

namespace cairn::authoring {

/// A definition with what it takes from outside (workflows/definition/bundle.h), and what was found in it.
struct GivenDefinition {
  std::string path;
  std::string text;
  LoadedDefinition loaded;
};

/// What a file of tests needs of the world around it.
struct Surroundings {
  ReadFile read;  ///< a file named by a path relative to the file of tests
  std::function<cairn::Result<GivenDefinition>(const std::string& path)> load;
  RealCalls real;
};

struct CaseResult {
  std::string name;
  std::vector<Failure> failures;
  std::string path;  ///< path_text, when it failed
  std::int64_t elapsed_ms = 0;
  [[nodiscard]] bool passed() const { return failures.empty(); }
};

struct SuiteResult {
  std::string file;
  std::string text;                        ///< of the file
  std::vector<Diagnostic> diagnostics;     ///< about the file; an error: no case was run
  std::vector<GivenDefinition> workflows;  ///< the one under test first
  std::vector<CaseResult> cases;
  std::size_t left_out = 0;                    ///< cases that were not asked for
  std::set<std::string, std::less<>> reached;  ///< of the workflow under test

  [[nodiscard]] bool is_sound() const;  ///< file and workflows are without errors
  [[nodiscard]] std::size_t failed() const;
  [[nodiscard]] const Program* tested() const;
};

/// Whether a case is wanted, by its name.
using WantedCase = std::function<bool(const std::string& name)>;

/// `file`: how it is called in messages; its name says which workflow it tests when it does not say so itself.
SuiteResult run_suite(const std::string& file, std::string text, const Surroundings& surroundings,
                      const WantedCase& wanted);

}  // namespace cairn::authoring
