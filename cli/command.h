#pragma once
// Commands: each adds itself to the command line and says what to do when it is chosen.

#include "cli/settings.h"

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace cairn {

/// The command line as far as it concerns every command.
struct CommandLine {
  std::string config_file;
  std::optional<std::string> data;
  std::optional<std::string> catalog;
  std::optional<std::string> environment;
  /// What the chosen command does; its result is the exit code. Set while the command line is parsed.
  std::function<Result<int>(const Settings&)> action;
};

// Each declares its command below `app`.
void add_run_command(CLI::App& app, CommandLine& line);
void add_resume_command(CLI::App& app, CommandLine& line);
void add_validate_command(CLI::App& app, CommandLine& line);
void add_test_command(CLI::App& app, CommandLine& line);
void add_runs_command(CLI::App& app, CommandLine& line);
void add_show_command(CLI::App& app, CommandLine& line);
void add_why_commands(CLI::App& app, CommandLine& line);  ///< why, doctor
void add_events_command(CLI::App& app, CommandLine& line);
void add_event_commands(CLI::App& app, CommandLine& line);  ///< event send, event list
void add_replay_command(CLI::App& app, CommandLine& line);
void add_control_commands(CLI::App& app, CommandLine& line);   ///< cancel, suspend, continue
void add_limits_commands(CLI::App& app, CommandLine& line);    ///< priority, limits
void add_approval_commands(CLI::App& app, CommandLine& line);  ///< approvals, approve
void add_retry_command(CLI::App& app, CommandLine& line);
void add_prune_command(CLI::App& app, CommandLine& line);
void add_serve_command(CLI::App& app, CommandLine& line);
void add_schedule_commands(CLI::App& app, CommandLine& line);
void add_sinks_command(CLI::App& app, CommandLine& line);
void add_graph_command(CLI::App& app, CommandLine& line);
void add_eval_command(CLI::App& app, CommandLine& line);
void add_log_command(CLI::App& app, CommandLine& line);
void add_backup_commands(CLI::App& app, CommandLine& line);  ///< backup, restore
void add_schema_command(CLI::App& app, CommandLine& line);
void add_secret_command(CLI::App& app, CommandLine& line);
void add_init_command(CLI::App& app, CommandLine& line);
void add_completions_command(CLI::App& app, CommandLine& line);
void add_version_command(CLI::App& app, CommandLine& line);

inline constexpr const char* k_version_line = "cairn " CAIRN_VERSION ", Open Workflow DSL 1.0.3\n";

/// Adds `--data DIR` to a command.
void add_data_option(CLI::App& command, CommandLine& line);
/// Adds `--catalog DIR` to a command that takes definitions in.
void add_catalog_option(CLI::App& command, CommandLine& line);
/// Adds `--environment NAME` to a command that starts runs.
void add_environment_option(CLI::App& command, CommandLine& line);
/// The last lines of a command's help.
void add_example(CLI::App& command, const std::string& example);

}  // namespace cairn
