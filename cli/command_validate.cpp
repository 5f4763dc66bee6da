// cairn validate

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "cli/workflow_folder.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace cairn {
namespace {

struct ValidateOptions {
  std::vector<std::string> paths;
  std::vector<std::string> secrets;
  bool json = false;
  bool offline = false;
};

Value diagnostic_view(const Diagnostic& diagnostic) {
  return Value::object({{"severity", Value::string(diagnostic.severity == Severity::error ? "error" : "warning")},
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
  explicit Report(bool json) : json_(json) {}

  void add(const CheckedFile& file) {
    ++files_;
    if (!file.loaded.ok()) ++invalid_;
    Array findings;
    for (const auto& diagnostic : file.loaded.diagnostics) {
      ++(diagnostic.severity == Severity::error ? errors_ : warnings_);
      if (json_) findings.push_back(diagnostic_view(diagnostic));
    }
    if (!json_) {
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
    return invalid_ == 0 ? k_exit_ok : k_exit_usage;
  }

 private:
  bool json_;
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
  Report report(options.json);
  for (const auto& file : files) {
    if (const auto checked = check_file(file, fetch)) {
      report.add(checked.value());
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
