// cairn validate

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "cli/workflow_folder.h"
#include "workflows/definition/findings.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "authoring/lint/lint.h"
#include "authoring/testing/suite.h"

namespace cairn {
namespace {

using authoring::lint;
using authoring::LintFinding;

struct ValidateOptions {
  std::vector<std::string> paths;
  std::vector<std::string> secrets;
  bool json = false;
  bool offline = false;
  bool lint = false;
  bool strict = false;
};

/// `rule`: of the linter that found it; empty: the language's.
Value diagnostic_view(const Diagnostic& diagnostic, std::string_view rule = {}) {
  return Value::object({{"rule", rule.empty() ? Value{} : Value::string(std::string(rule))},
                        {"severity", Value::string(diagnostic.severity == Severity::error ? "error" : "warning")},
                        {"line", Value::unsigned_integer(diagnostic.position.line)},
                        {"column", Value::unsigned_integer(diagnostic.position.column)},
                        {"pointer", Value::string(diagnostic.pointer)},
                        {"message", Value::string(diagnostic.message)},
                        {"hint", Value::string(diagnostic.hint)},
                        {"source", Value::string(diagnostic.source)}});
}

/// What became of all files, and how it is told.
class Report {
 public:
  Report(bool json, bool strict) : json_(json), strict_(strict) {}

  void add(CheckedFile file, const std::vector<LintFinding>& lint) {
    ++files_;
    if (!file.loaded.ok()) ++invalid_;
    Array findings;
    for (const auto& diagnostic : file.loaded.diagnostics) {
      ++(diagnostic.severity == Severity::error ? errors_ : warnings_);
      if (json_) findings.push_back(diagnostic_view(diagnostic));
    }
    for (const auto& finding : lint) {
      ++warnings_;
      if (json_) findings.push_back(diagnostic_view(finding.diagnostic, finding.rule));
      file.loaded.diagnostics.push_back(finding.diagnostic);
    }
    if (!json_) {
      order_by_position(file.loaded.diagnostics);
      print_findings(file);
      return;
    }
    views_.push_back(Value::object(
        {{"file", Value::string(file.path)},
         {"valid", Value::boolean(file.loaded.ok())},
         {"workflow", file.loaded.ok() ? Value::string(file.loaded.program->identity.to_string()) : Value{}},
         {"diagnostics", Value::array(std::move(findings))}}));
  }

  void add_unreadable(const std::string& path, const Error& error) {
    ++files_;
    ++invalid_;
    ++errors_;
    if (!json_) {
      print_error(error);
      return;
    }
    views_.push_back(Value::object(
        {{"file", Value::string(path)},
         {"valid", Value::boolean(false)},
         {"workflow", Value{}},
         {"diagnostics", Value::array({diagnostic_view({Severity::error, {}, "", error.message, error.remedy})})}}));
  }

  int finish() const {
    if (json_) {
      print_json(Value::object({{"valid", Value::boolean(invalid_ == 0)}, {"files", Value::array(views_)}}));
    } else {
      Output& out = standard_output();
      std::string line = counted(files_, "file") + ", " +
                         (invalid_ == 0 ? out.paint(Colour::green, "all valid")
                                        : out.paint(Colour::red, fmt::format("{} invalid", invalid_)));
      if (errors_ > 0) line += ", " + counted(errors_, "error");
      if (warnings_ > 0) line += ", " + counted(warnings_, "warning");
      out.write(line + "\n");
    }
    if (invalid_ > 0) return k_exit_usage;
    return strict_ && warnings_ > 0 ? k_exit_failed : k_exit_ok;
  }

 private:
  bool json_;
  bool strict_;  ///< a warning is a failure
  std::size_t files_ = 0;
  std::size_t invalid_ = 0;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  Array views_;
};

Result<int> validate(const ValidateOptions& options, const Settings& settings) {
  CAIRN_TRY(auto secrets, parse_secret_options(options.secrets));
  FetchOptions fetch = fetch_options(settings, std::move(secrets));
  fetch.offline = options.offline;
  std::vector<std::string> files;
  for (const auto& path : options.paths) {
    std::error_code error;
    if (authoring::is_test_file(path)) {
      return make_error(ErrorCode::invalid_usage, "a file of tests is no workflow", path, "Run it: cairn test " + path);
    }
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    CAIRN_TRY(const auto found, files_below(path));
    if (found.empty()) {
      return make_error(ErrorCode::invalid_usage,
                        "the folder has no definitions: no .yaml or .yml, no .json with a `document`", path);
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  Report report(options.json, options.strict);
  for (const auto& file : files) {
    if (auto checked = check_file(file, fetch)) {
      std::vector<LintFinding> found;
      if (options.lint && checked.value().loaded.ok()) {
        found = lint(checked.value().text, *checked.value().loaded.program);
      }
      report.add(std::move(checked.value()), found);
    } else {
      report.add_unreadable(file, checked.error());
    }
  }
  return report.finish();
}

}  // namespace

void add_validate_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("validate", "Check definitions; everything wrong is told at once");
  const auto options = std::make_shared<ValidateOptions>();
  command
      ->add_option("PATH", options->paths,
                   "Files, and folders with all .yaml, .yml and .json files below them; - for standard input")
      ->required();
  command->add_flag("--json", options->json, "The findings as JSON");
  command->add_flag("--lint", options->lint, "Look for what is valid and probably not meant, too: docs/lint.md");
  command->add_flag("--strict", options->strict, "A warning is a failure: exit 1");
  command->add_flag("--offline", options->offline,
                    "Do not fetch functions and schemas from outside; what refers to them is not checked");
  add_catalog_option(*command, line);
  command->add_option("--secret", options->secrets, "A secret, for what is fetched; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_example(*command, "cairn validate workflows/ order.yaml");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return validate(*options, settings); }; });
}

}  // namespace cairn
