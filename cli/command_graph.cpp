// cairn graph

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "workflows/diagram/diagram.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace cairn {
namespace {

struct GraphOptions {
  std::string file;
  std::string format = "mermaid";
  std::string run;
};

DiagramMarks marks_in(const Value& answer) {
  using Status = DiagramMark::Status;
  constexpr std::array<std::pair<std::string_view, Status>, 6> k_names{{{"running", Status::running},
                                                                        {"waiting", Status::waiting},
                                                                        {"completed", Status::completed},
                                                                        {"skipped", Status::skipped},
                                                                        {"faulted", Status::faulted},
                                                                        {"cancelled", Status::cancelled}}};
  DiagramMarks marks;
  const Value given = answer.get("marks");
  for (const auto& [reference, mark] : given.as_object()) {
    DiagramMark drawn;
    const std::string status = text_in(mark, "status");
    for (const auto& [name, value] : k_names) {
      if (status == name) drawn.status = value;
    }
    drawn.visits = static_cast<std::uint32_t>(count_in(mark, "visits"));
    marks.emplace(reference, drawn);
  }
  return marks;
}

Result<int> graph(const GraphOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto file, check_file(options.file, fetch_options(settings)));
  print_findings(file);
  if (!file.loaded.ok()) return make_error(ErrorCode::invalid_definition, "the definition has errors", file.path);
  std::shared_ptr<const Program> program = file.loaded.program;
  DiagramMarks marks;
  if (!options.run.empty()) {
    CAIRN_TRY(const auto answer,
              ask(settings, Access::read,
                  Value::object({{"op", Value::string("graph")}, {"run", Value::string(options.run)}})));
    const LoadedDefinition ran = load_definition(text_in(answer, "definition"));
    if (!ran.ok()) {
      return make_error(ErrorCode::invalid_definition,
                        "this version does not accept the definition of the run any more",
                        "run " + text_in(answer, "run"));
    }
    const auto& now = program->identity;
    const auto& then = ran.program->identity;
    if (now.workflow_namespace != then.workflow_namespace || now.name != then.name) {
      return make_error(ErrorCode::invalid_usage,
                        "the run is one of " + then.to_string() + ", the file holds " + now.to_string(),
                        "run " + text_in(answer, "run"), "Give the file of the run's workflow");
    }
    if (ran.program->hash != program->hash) {
      print_note("the file has changed since run " + text_in(answer, "run") +
                 " was started; drawn is what the run runs");
    }
    program = ran.program;
    marks = marks_in(answer);
  }
  standard_output().write(options.format == "dot" ? to_dot(*program, marks) : to_mermaid(*program, marks));
  return k_exit_ok;
}

}  // namespace

void add_graph_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("graph", "Draw a workflow's state machine, with the path of a run");
  const auto options = std::make_shared<GraphOptions>();
  command->add_option("FILE", options->file, "The workflow; - for standard input")->required();
  command->add_option("--format", options->format, "mermaid or dot (default: mermaid)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"mermaid", "dot"}));
  command->add_option("--run", options->run, "Mark the path of this run: its id, the beginning of it, or last")
      ->type_name("RUN");
  add_catalog_option(*command, line);
  add_data_option(*command, line);
  add_example(*command, "cairn graph order.yaml --format dot --run last | dot -Tsvg > order.svg");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return graph(*options, settings); }; });
}

}  // namespace cairn
