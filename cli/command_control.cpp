// cairn cancel, cairn suspend, cairn continue

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace cairn {
namespace {

struct ControlOptions {
  std::string run;
  std::string reason;
  bool json = false;
};

Result<int> control(const std::string& name, const std::string& done, const ControlOptions& options,
                    const Settings& settings) {
  const Value request = Value::object({{"op", Value::string("command")},
                                       {"run", Value::string(options.run)},
                                       {"command", Value::string(name)},
                                       {"reason", Value::string(options.reason)}});
  CAIRN_TRY(const auto answer, ask(settings, Access::write, request));
  if (options.json) {
    print_json(answer);
  } else {
    standard_output().write("run " + text_in(answer, "run") + " " + done + "\n");
  }
  return k_exit_ok;
}

void add_control(CLI::App& app, CommandLine& line, const std::string& name, const std::string& done,
                 const std::string& help) {
  auto* command = app.add_subcommand(name, help);
  const auto options = std::make_shared<ControlOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last")->required();
  if (name == "cancel") command->add_option("--reason", options->reason, "Why; it is recorded")->type_name("TEXT");
  command->add_flag("--json", options->json, "As a JSON object");
  add_data_option(*command, line);
  add_example(*command, "cairn " + name + " last");
  command->callback([name, done, options, &line] {
    line.action = [name, done, options](const Settings& settings) { return control(name, done, *options, settings); };
  });
}

}  // namespace

void add_control_commands(CLI::App& app, CommandLine& line) {
  add_control(app, line, "cancel", "is cancelled", "End a run before it is done");
  add_control(app, line, "suspend", "is suspended", "Let a run stand still: nothing new begins, its timers stop");
  add_control(app, line, "continue", "goes on", "Let a suspended run go on");
}

}  // namespace cairn
