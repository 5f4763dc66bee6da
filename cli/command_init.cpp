// cairn init

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/text_file.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace cairn {
namespace {

constexpr std::string_view k_first_workflow =
    R"(# A first workflow. Run it:      cairn run hello.yaml --input '{"name": "Ada"}'
# See what happened:            cairn show last
# Every step is in the log:     cairn events last
document:
  dsl: '1.0.3'
  namespace: examples
  name: hello
  version: '1.0.0'

# What the workflow takes. Without a name it greets the world.
input:
  schema:
    document:
      type: object
      properties:
        name: {type: string}

do:
  # `set` makes data. ${ … } is jq; `.` is the data so far.
  - greet:
      set:
        greeting: '${ "Hello, " + (.name // "world") + "!" }'

  # A durable timer: kill cairn here, and `cairn resume` goes on from it.
  - pause:
      wait: {seconds: 1}

  # A command of the shell. Its output becomes the task's output; `$input` is what the task began with.
  - count:
      run:
        shell:
          command: 'printf %s "$1" | wc -m'
          arguments: ['${ .greeting }']
      output:
        as: '${ {greeting: $input.greeting, letters: (. | trim | tonumber)} }'
)";

Result<int> init(const std::string& where) {
  std::error_code error;
  std::filesystem::path path = where.empty() ? "hello.yaml" : where;
  const auto extension = path.extension();
  const bool names_file = extension == ".yaml" || extension == ".yml";
  if (!names_file) {
    std::filesystem::create_directories(path, error);
    if (error) return make_error(ErrorCode::io, error.message(), path.string());
    path /= "hello.yaml";
  }
  CAIRN_TRY(write_new_file(path.string(), std::string(k_first_workflow)));
  standard_output().write("wrote " + path.string() + "; run it with: cairn run " + path.string() + "\n");
  return k_exit_ok;
}

}  // namespace

void add_init_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("init", "Write a first workflow");
  const auto where = std::make_shared<std::string>();
  command->add_option("PATH", *where, "A folder, or a file that ends in .yaml (default: hello.yaml here)");
  add_example(*command, "cairn init && cairn run hello.yaml --input '{\"name\": \"Ada\"}'");
  command->callback([where, &line] { line.action = [where](const Settings&) { return init(*where); }; });
}

void add_version_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("version", "The version of cairn and of the language it runs");
  add_example(*command, "cairn version");
  command->callback([&line] {
    line.action = [](const Settings&) -> Result<int> {
      standard_output().write(k_version_line);
      return k_exit_ok;
    };
  });
}

}  // namespace cairn
