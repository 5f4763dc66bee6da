#pragma once
// cli/: the `cairn` command.
//
//   app          the command line: commands, options, help; what a process exits with
//   settings     cairn.yaml, CAIRN_* and options, in one
//   secret_sources  where secrets are found
//   session      a data directory, by owning it or through its owner
//   command_*    one file a command, or a few that belong together
//   terminal, live_view, progress, tables: how things look to people
//
// stdout is for data, stderr for people. Called by main() and nobody else; includes everything below.

namespace cairn {

/// Exit codes. docs/commands.md explains them; scripts depend on them.
enum ExitCode : int {
  k_exit_ok = 0,
  k_exit_failed = 1,     ///< faulted, not found, refused, damaged, differs
  k_exit_usage = 2,      ///< usage, definition, input, configuration
  k_exit_cancelled = 3,  ///< the run was cancelled
  k_exit_interrupted = 130,
};

/// The whole program. Never throws.
int run_cli(int argc, char** argv);

}  // namespace cairn
