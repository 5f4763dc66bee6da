// cairn schema

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"

#include <schemas/workflow_schema.h>

#include <CLI/CLI.hpp>

namespace cairn {

void add_schema_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("schema", "Print the JSON Schema of workflows, for editors");
  add_example(*command, "cairn schema > workflow.schema.json");
  command->callback([&line] {
    line.action = [](const Settings&) -> Result<int> {
      standard_output().write(k_workflow_schema);
      return k_exit_ok;
    };
  });
}

}  // namespace cairn
