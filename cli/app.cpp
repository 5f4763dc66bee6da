// The command line as a whole.

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "engine/runtime/service.h"
#include "workflows/core/suggest.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

#include <algorithm>
#include <exception>

namespace cairn {
namespace {

constexpr const char* k_description =
    "cairn runs workflows written in the Open Workflow DSL. Every step is in a durable log before anything outside "
    "sees it.\n";

void add_commands(CLI::App& app, CommandLine& line) {
  add_init_command(app, line);
  add_schema_command(app, line);
  add_validate_command(app, line);
  add_test_command(app, line);
  add_run_command(app, line);
  add_resume_command(app, line);
  add_serve_command(app, line);
  add_schedule_commands(app, line);
  add_sinks_command(app, line);
  add_runs_command(app, line);
  add_show_command(app, line);
  add_why_commands(app, line);
  add_events_command(app, line);
  add_event_commands(app, line);
  add_approval_commands(app, line);
  add_replay_command(app, line);
  add_control_commands(app, line);
  add_limits_commands(app, line);
  add_retry_command(app, line);
  add_graph_command(app, line);
  add_eval_command(app, line);
  add_log_command(app, line);
  add_backup_commands(app, line);
  add_prune_command(app, line);
  add_secret_command(app, line);
  add_completions_command(app, line);
  add_version_command(app, line);
}

/// The command that the command line names so far, and its full name.
const CLI::App& chosen_command(const CLI::App& app, std::string& name) {
  const CLI::App* chosen = &app;
  name = app.get_name();
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
    name += " " + chosen->get_name();
  }
  return *chosen;
}

/// What `command` would have understood: its commands, or its options.
std::vector<std::string> names_of(const CLI::App& command, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }
  for (const CLI::App* sub : command.get_subcommands(std::function<bool(const CLI::App*)>()))
    names.push_back(sub->get_name());
  return names;
}

/// What went wrong with the command line, with the nearest thing that would have been right.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  std::string name;
  const CLI::App& chosen = chosen_command(app, name);
  std::string message = error.what();
  while (message.ends_with('\n')) message.pop_back();
  if (const auto extra = app.remaining(true); !extra.empty()) {
    // What follows an unknown option is taken for an argument; the option is what went wrong.
    const auto option = std::ranges::find_if(extra, [](const std::string& word) { return word.starts_with('-'); });
    const std::string& word = option == extra.end() ? extra.front() : *option;
    const auto known = names_of(chosen, option != extra.end());
    message = option != extra.end() ? fmt::format("there is no option '{}'", word)
              : known.empty()       ? fmt::format("'{}' is an argument too many", word)
                                    : fmt::format("there is no command '{}'", word);
    const std::string hint = did_you_mean(word, names_of_list(known));
    if (!hint.empty()) message += "; " + hint;
    // An expression may well begin with a minus.
    if (hint.empty() && chosen.get_name() == "eval" && option != extra.end()) {
      message += fmt::format("; an expression that begins with - stands behind --: cairn eval -- '{}'", word);
    }
  }
  print_error(make_error(ErrorCode::invalid_usage, message, {}, "See: " + name + " --help"));
  return k_exit_usage;
}

void set_up_logging(const Settings& settings) {
  auto logger = std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("cairn: %l: %v");
  logger->set_level(spdlog::level::from_str(settings.log_level));
  spdlog::set_default_logger(std::move(logger));
}

/// Tells an error as the command line asks for it, and says what to exit with.
int fail(const Error& error, bool json) {
  if (json) {
    standard_error().write(to_json(error_message(error)) + "\n");
  } else {
    print_error(error);
  }
  return exit_code_of(error);
}

int run_parsed(const CommandLine& line, bool json) {
  auto settings = read_settings(line.config_file, process_environment());
  if (!settings) return fail(settings.error(), json);
  if (line.data) settings.value().data = *line.data;
  if (line.catalog) settings.value().catalog = *line.catalog;
  if (line.environment) settings.value().environment = *line.environment;
  set_up_logging(settings.value());
  const auto code = line.action(settings.value());
  if (!code) return fail(code.error(), json);
  if (const auto written = standard_output().status(); !written && code.value() == k_exit_ok) {
    return fail(written.error(), json);
  }
  return code.value();
}

int run_guarded(int argc, char** argv) {
  CommandLine line;
  CLI::App app{k_description, "cairn"};
  app.require_subcommand(1);
  constexpr std::size_t k_help_column = 28;
  app.get_formatter()->column_width(k_help_column);
  app.add_option("--config", line.config_file, "Configuration file (default: $CAIRN_CONFIG, else cairn.yaml here)")
      ->type_name("FILE");
  add_data_option(app, line);
  app.set_version_flag("--version", std::string(k_version_line), "The version");
  app.fallthrough();
  add_commands(app, line);
  add_example(app, "cairn init && cairn run hello.yaml");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    standard_output().write(app.help());
    return k_exit_ok;
  } catch (const CLI::CallForVersion&) {
    standard_output().write(k_version_line);
    return k_exit_ok;
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error);
  }
  std::string name;
  const CLI::Option* json = chosen_command(app, name).get_option_no_throw("--json");
  return run_parsed(line, json != nullptr && json->count() > 0);
}

}  // namespace

void add_data_option(CLI::App& command, CommandLine& line) {
  command.add_option("--data", line.data, "Data directory (default: $CAIRN_DATA, else .cairn here)")->type_name("DIR");
}

void add_catalog_option(CLI::App& command, CommandLine& line) {
  command
      .add_option("--catalog", line.catalog,
                  "Folder of the default catalog of functions (default: $CAIRN_CATALOG, else none)")
      ->type_name("DIR");
}

void add_environment_option(CLI::App& command, CommandLine& line) {
  command
      .add_option("--environment", line.environment,
                  "The environment whose values are $runtime.metadata (default: $CAIRN_ENVIRONMENT, else cairn.yaml's)")
      ->type_name("NAME");
}

void add_example(CLI::App& command, const std::string& example) { command.footer("Example:\n  " + example); }

int run_cli(int argc, char** argv) {
  // Secrets are in this process's memory: it leaves no core dump, and nobody else of the same user may look into it.
  ::prctl(PR_SET_DUMPABLE, 0);
  try {
    return run_guarded(argc, argv);
  } catch (const std::exception& error) {
    print_error(make_error(ErrorCode::internal, error.what(), {}, "Please report this as a bug"));
    return k_exit_failed;
  }
}

}  // namespace cairn
