// The command line as a whole.

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>

namespace cairn {
namespace {

constexpr const char* k_description =
    "cairn runs workflows written in the Open Workflow DSL. Every step is in a durable log before anything outside sees it.\n";

void add_commands(CLI::App& app, CommandLine& line) {
  add_init_command(app, line);
  add_validate_command(app, line);
  add_run_command(app, line);
  add_resume_command(app, line);
  add_runs_command(app, line);
  add_show_command(app, line);
  add_events_command(app, line);
  add_replay_command(app, line);
  add_control_commands(app, line);
  add_graph_command(app, line);
  add_log_command(app, line);
  add_completions_command(app, line);
  add_version_command(app, line);
}

/// What went wrong with the command line, in CLI11's words without its prefixes.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  std::string name = chosen->get_name();
  for (const CLI::App* parent = chosen->get_parent(); parent != nullptr; parent = parent->get_parent()) {
    name = parent->get_name() + " " + name;
  }
  std::string message = error.what();
  while (message.ends_with('\n')) message.pop_back();
  print_error(make_error(ErrorCode::invalid_usage, message, {}, "See: " + name + " --help"));
  return k_exit_usage;
}

void set_up_logging(const Settings& settings) {
  auto logger = std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("cairn: %l: %v");
  logger->set_level(spdlog::level::from_str(settings.log_level));
  spdlog::set_default_logger(std::move(logger));
}

int run_parsed(const CommandLine& line) {
  auto settings = read_settings(line.config_file, process_environment());
  if (!settings) {
    print_error(settings.error());
    return exit_code_of(settings.error());
  }
  if (line.data) settings.value().data = *line.data;
  set_up_logging(settings.value());
  const auto code = line.action(settings.value());
  if (!code) {
    print_error(code.error());
    return exit_code_of(code.error());
  }
  if (const auto written = standard_output().status(); !written && code.value() == k_exit_ok) {
    print_error(written.error());
    return k_exit_failed;
  }
  return code.value();
}

int run_guarded(int argc, char** argv) {
  CommandLine line;
  CLI::App app{k_description, "cairn"};
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  app.add_option("--config", line.config_file, "Configuration file (default: $CAIRN_CONFIG, else cairn.yaml here)")
      ->type_name("FILE");
  app.fallthrough();
  add_commands(app, line);
  add_example(app, "cairn init && cairn run hello.yaml");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* chosen = &app;
    while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
    standard_output().write(chosen->help());
    return k_exit_ok;
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error);
  }
  return run_parsed(line);
}

}  // namespace

void add_data_option(CLI::App& command, CommandLine& line) {
  command.add_option("--data", line.data, "Data directory (default: $CAIRN_DATA, else .cairn here)")->type_name("DIR");
}

void add_example(CLI::App& command, const std::string& example) { command.footer("Example:\n  " + example); }

int run_cli(int argc, char** argv) {
  try {
    return run_guarded(argc, argv);
  } catch (const std::exception& error) {
    print_error(make_error(ErrorCode::internal, error.what(), {}, "Please report this as a bug"));
    return k_exit_failed;
  }
}

}  // namespace cairn
