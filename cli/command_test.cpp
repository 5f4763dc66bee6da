// cairn test

#include "cli/command.h"

#include "cli/cli.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/real_calls.h"
#include "cli/terminal.h"
#include "cli/text_file.h"
#include "cli/workflow_folder.h"
#include "workflows/core/limits.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "authoring/testing/report.h"
#include "authoring/testing/runner.h"

namespace cairn {
namespace {

using authoring::CaseResult;
using authoring::Coverage;
using authoring::Failure;
using authoring::GivenDefinition;
using authoring::RealCalls;
using authoring::SuiteResult;
using authoring::Surroundings;
using authoring::WorkflowCoverage;

struct TestOptions {
  std::vector<std::string> paths;
  std::vector<std::string> cases;
  std::string junit;
  std::string coverage_json;
  std::optional<double> fail_under;
  bool coverage = false;
  bool json = false;
};

Result<std::vector<std::string>> files_of(const TestOptions& options) {
  std::vector<std::string> files;
  for (const auto& path : options.paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    CAIRN_TRY(const auto found, test_files_below(path));
    if (found.empty()) {
      return make_error(ErrorCode::invalid_usage, "the folder has no tests: no file that ends in .test.yaml", path);
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

Result<SuiteResult> run_file(const std::string& file, const TestOptions& options, const Settings& settings,
                             const RealCalls& real) {
  CAIRN_TRY(auto text, read_text_file(file, limits::k_definition_bytes));
  const auto folder = std::filesystem::path(file == "-" ? "" : file).parent_path();
  Surroundings surroundings;
  surroundings.read = [folder](const std::string& path) {
    return read_text_file((folder / path).string(), limits::k_input_bytes);
  };
  surroundings.load = [folder, &settings](const std::string& path) -> Result<GivenDefinition> {
    CAIRN_TRY(auto checked, check_file((folder / path).lexically_normal().string(), fetch_options(settings)));
    return GivenDefinition{std::move(checked.path), std::move(checked.text), std::move(checked.loaded)};
  };
  surroundings.real = real;
  const auto wanted = [&](const std::string& name) {
    return options.cases.empty() ||
           std::ranges::any_of(options.cases, [&](const auto& part) { return name.find(part) != std::string::npos; });
  };
  return run_suite(file, std::move(text), surroundings, wanted);
}

std::string indented(const std::string& text, std::size_t by) {
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    result += std::string(by, ' ') + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

void tell_case(const CaseResult& one) {
  Output& out = standard_output();
  const std::string time = one.elapsed_ms > 0 ? "  (" + to_iso8601_duration(one.elapsed_ms) + ")" : "";
  if (one.passed()) {
    out.write("  " + out.paint(Colour::green, "✓") + " " + one.name + out.paint(Colour::dim, time) + "\n");
    return;
  }
  out.write("  " + out.paint(Colour::red, "✗ " + one.name) + out.paint(Colour::dim, time) + "\n");
  constexpr std::size_t k_indent = 6;
  for (const Failure& failure : one.failures) {
    out.write(indented(failure.text, k_indent));
    if (!failure.hint.empty()) out.write(indented("hint: " + failure.hint, k_indent));
  }
  if (!one.path.empty()) out.write(indented("path taken:\n" + one.path, k_indent));
}

void tell(const SuiteResult& suite) {
  standard_output().write(suite.file + "\n");
  if (!suite.is_sound()) {
    for (const auto& workflow : suite.workflows) {
      if (workflow.loaded.ok()) continue;
      standard_error().write(format_diagnostics(workflow.loaded.diagnostics, workflow.text, workflow.path));
    }
    standard_error().write(format_diagnostics(suite.diagnostics, suite.text, suite.file));
    return;
  }
  for (const CaseResult& one : suite.cases) tell_case(one);
}

void tell_coverage(const std::vector<WorkflowCoverage>& workflows) {
  Output& out = standard_output();
  for (const auto& one : workflows) {
    const Coverage& coverage = one.coverage;
    out.write(fmt::format("\n{}: {:.1f} %  ({} of {} tasks, {} of {} transitions)\n", one.file, coverage.percent(),
                          coverage.tasks_reached, coverage.tasks, coverage.transitions_reached, coverage.transitions));
    for (const auto& point : coverage.missed) {
      out.write(fmt::format("  not reached: {} {}\n", point.what, out.paint(Colour::dim, "at " + point.reference)));
    }
  }
  out.write(fmt::format("\ncoverage: {:.1f} %\n", total_percent(workflows)));
}

Result<int> run_tests(const TestOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto files, files_of(options));
  const RealCalls real = real_calls(settings);
  std::vector<SuiteResult> suites;
  std::size_t cases = 0;
  std::size_t failed = 0;
  std::size_t broken = 0;
  for (const auto& file : files) {
    CAIRN_TRY(auto suite, run_file(file, options, settings, real));
    // A file without a case that is asked for is not worth a line.
    if (!options.json && (!suite.is_sound() || !suite.cases.empty())) tell(suite);
    cases += suite.cases.size();
    failed += suite.failed();
    if (!suite.is_sound()) ++broken;
    suites.push_back(std::move(suite));
  }
  if (cases == 0 && broken == 0) {
    return make_error(ErrorCode::invalid_usage, "no case has a name with that text", "--case");
  }
  const auto coverage = coverage_of(suites);
  if (!options.junit.empty()) {
    CAIRN_TRY(write_text_file(options.junit, to_junit(suites)));
  }
  if (!options.coverage_json.empty()) {
    CAIRN_TRY(write_text_file(options.coverage_json, to_pretty_json(to_json_coverage(coverage)) + "\n"));
  }
  const bool too_little = options.fail_under && total_percent(coverage) < *options.fail_under;
  if (options.json) {
    Value report = to_json_report(suites);
    if (options.coverage || options.fail_under) report = report.with("coverage", to_json_coverage(coverage));
    print_json(report);
  } else {
    Output& out = standard_output();
    if (options.coverage || options.fail_under) tell_coverage(coverage);
    std::string line = "\n" + counted(files.size(), "file") + ", " + counted(cases, "case") + ": ";
    line += failed > 0 ? out.paint(Colour::red, fmt::format("{} failed", failed))
                       : out.paint(Colour::green, broken > 0 ? "none failed" : "all passed");
    if (broken > 0) line += ", " + out.paint(Colour::red, counted(broken, "file") + " with errors");
    if (too_little) line += out.paint(Colour::red, fmt::format(", coverage is below {} %", *options.fail_under));
    out.write(line + "\n");
  }
  if (broken > 0) return k_exit_usage;
  return failed > 0 || too_little ? k_exit_failed : k_exit_ok;
}

}  // namespace

void add_test_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("test", "Run tests of workflows: mocked calls, a clock that jumps");
  const auto options = std::make_shared<TestOptions>();
  command
      ->add_option("PATH", options->paths,
                   "Files of tests, and folders with all that end in .test.yaml, .test.yml or .test.json")
      ->required();
  command->add_option("--case", options->cases, "Only cases whose name has this text; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command->add_flag("--coverage", options->coverage, "What of the workflows was reached, and what was not");
  command->add_option("--coverage-json", options->coverage_json, "The same as data, written to a file")
      ->type_name("FILE");
  constexpr double k_all = 100;
  command->add_option("--fail-under", options->fail_under, "Fail when less than this is covered, in per cent")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, k_all));
  command->add_option("--junit", options->junit, "Write a report in JUnit's format")->type_name("FILE");
  command->add_flag("--json", options->json, "The results as JSON");
  add_catalog_option(*command, line);
  add_example(*command, "cairn test workflows/ --coverage --junit report.xml");
  command->callback([options, &line] {
    line.action = [options](const Settings& settings) { return run_tests(*options, settings); };
  });
}

}  // namespace cairn
