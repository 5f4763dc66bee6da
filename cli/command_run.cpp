// cairn run, cairn resume

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/cloud_events.h"
#include "cli/command.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/secret_sources.h"
#include "cli/settings_environments.h"
#include "cli/terminal.h"
#include "cli/text_file.h"
#include "cli/watch.h"
#include "cli/working.h"
#include "engine/runtime/gathering.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <memory>

namespace cairn {
namespace {

struct RunOptions {
  std::string file;
  std::optional<std::string> input;
  std::vector<std::string> with;
  std::vector<std::string> secrets;
  std::optional<int> priority;
  std::optional<std::string> key;
  std::vector<std::string> events;
  std::optional<std::string> emitted;
  bool progress = false;
  bool json = false;
};

Result<std::vector<Value>> events_of(const RunOptions& options) {
  std::vector<Value> all;
  for (const auto& text : options.events) {
    CAIRN_TRY(auto events, read_cloud_events(text, "--event"));
    all.insert(all.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  }
  return all;
}

/// The input of a run. Of a workflow that events start (`schedule.on`) it is made of those given, as `serve` would make it;
/// they are taken out of `events`.
Result<Value> input_of(const RunOptions& options, const DefinitionText& workflow, const Value& metadata,
                       std::vector<Value>& events) {
  const Program& program = *workflow.program;
  const bool by_events = program.on && !program.schedule;
  if (options.input || !program.on || (events.empty() && !by_events)) {
    return parse_input_option(options.input.value_or("{}"));
  }
  if (events.empty()) return Value::array(Array{});
  auto first = first_set_of(workflow.program, metadata, events, system_clock().now());
  if (!first) {
    return make_error(ErrorCode::invalid_input, first.error().title + ": " + first.error().detail, "schedule.on");
  }
  if (!first.value()) {
    return make_error(ErrorCode::invalid_usage,
                      "the events given do not start the workflow: it waits for " + describe_events(program), "--event",
                      "Give them all, or the run's input with --input");
  }
  const auto& used = first.value()->events;
  std::vector<Value> left;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (std::ranges::find(used, i) == used.end()) left.push_back(std::move(events[i]));
  }
  events = std::move(left);
  return std::move(first.value()->input);
}

/// Writes the events that `run` has emitted, one a line.
Result<void> write_emitted(Session& session, const std::string& run, const std::string& path) {
  std::string lines;
  const Value request = Value::object({{"op", Value::string("events")}, {"run", Value::string(run)}});
  if (!session.is_owner()) {
    CAIRN_TRY(session.reopen());
  }
  CAIRN_TRY(const auto end, session.call(request, [&lines](const Value& message) {
    const Value event = message.get("event");
    if (text_in(event, "type") == "EventEmitted") lines += to_json(event.get("data").get("event")) + "\n";
  }));
  if (end != CallEnd::answered) {
    return make_error(ErrorCode::unavailable, "what the run emitted could not be read to its end", path,
                      "Look with: cairn events " + run + " --json");
  }
  return write_text_file(path, lines);
}

Result<int> run(const RunOptions& options, const Settings& settings) {
  if (options.file == "-" && options.input == "-") {
    return make_error(ErrorCode::invalid_usage, "definition and input cannot both come from standard input");
  }
  if (options.key && options.key->empty()) return make_error(ErrorCode::invalid_usage, "the key is empty", "--id");
  std::vector<std::string> paths{options.file};
  paths.insert(paths.end(), options.with.begin(), options.with.end());
  CAIRN_TRY(const auto given, parse_secret_options(options.secrets));
  CAIRN_TRY(const auto definitions, load_to_run(paths, fetch_options(settings, given)));
  CAIRN_TRY(auto metadata, runtime_metadata(settings));
  CAIRN_TRY(auto events, events_of(options));
  CAIRN_TRY(auto input, input_of(options, definitions.front(), metadata, events));
  if (options.emitted) {  // better now than when the run is over
    CAIRN_TRY(write_text_file(*options.emitted, ""));
  }

  CAIRN_TRY(const auto session, Session::open(settings, Access::create));
  CAIRN_TRY(auto secrets, secrets_to_send(*session, settings, options.secrets));
  for (const auto& definition : definitions) session->remember(definition);
  const Value request = Value::object({{"op", Value::string("start")},
                                       {"definition", Value::string(definitions.front().text)},
                                       {"with", texts(definitions, 1)},
                                       {"input", std::move(input)},
                                       {"key", Value::string(options.key.value_or(""))},
                                       {"priority", options.priority ? Value::integer(*options.priority) : Value{}},
                                       {"secrets", std::move(secrets)},
                                       {"events", Value::array(Array(events.begin(), events.end()))},
                                       {"metadata", std::move(metadata)}});
  const auto display = make_display(options.progress);
  CAIRN_TRY(const auto watched, watch(*session, request, display.get()));
  if (options.emitted && watched.end == CallEnd::answered) {
    CAIRN_TRY(write_emitted(*session, watched.runs.front(), *options.emitted));
  }
  if (watched.end == CallEnd::interrupted) {
    print_how_to_go_on(*session, watched);
    return k_exit_interrupted;
  }
  const int code = print_result(watched.ended.at(watched.runs.front()), options.json);
  stay(*session);
  return code;
}

struct ResumeOptions {
  std::string run;
  std::vector<std::string> secrets;
  bool progress = false;
  bool json = false;
};

/// Says what was not resumed, and why.
void print_left_alone(const Value& answer) {
  for (const auto& id : answer.get("suspended").as_array()) {
    print_note("run " + id.as_string() + " is suspended; it goes on after: cairn continue " + id.as_string());
  }
  for (const auto& refused : answer.get("refused").as_array()) {
    const Value error = refused.get("error");
    print_error(make_error(ErrorCode::conflict, text_in(error, "message"), "run " + text_in(refused, "run"),
                           text_in(error, "remedy")));
  }
}

Result<int> resume(const ResumeOptions& options, const Settings& settings) {
  CAIRN_TRY(parse_secret_options(options.secrets));
  auto opened = Session::open(settings, Access::own);
  if (!opened && opened.error().code == ErrorCode::not_found && options.run.empty()) {
    print_note("there is nothing to go on with");
    return k_exit_ok;
  }
  CAIRN_TRY(const auto session, std::move(opened));
  CAIRN_TRY(auto secrets, secrets_to_send(*session, settings, options.secrets));
  Value request = Value::object({{"op", Value::string("resume")}, {"secrets", std::move(secrets)}});
  if (!options.run.empty()) request = request.with("run", Value::string(options.run));
  const auto display = make_display(options.progress);
  CAIRN_TRY(const auto watched, watch(*session, request, display.get(), print_left_alone));
  if (watched.end == CallEnd::interrupted) {
    print_how_to_go_on(*session, watched);
    return k_exit_interrupted;
  }
  int code = watched.first_answer.get("refused").as_array().empty() ? k_exit_ok : k_exit_failed;
  if (watched.last) {
    code = std::max(code, code_of_all(watched, print_result(watched.ended.at(*watched.last), options.json)));
  } else if (session->hosted() == 0) {
    print_note("there is nothing to go on with");
  }
  stay(*session);
  return code;
}

}  // namespace

void add_run_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("run", "Run a workflow to its end; its output goes to stdout as JSON");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("FILE", options->file, "The workflow; - for standard input")->required();
  command->add_option("--input", options->input, "Input: JSON, @FILE, or - for standard input (default: {})")
      ->type_name("JSON|@FILE|-");
  command->add_option("--with", options->with, "A further workflow, for `run: workflow`; may be repeated")
      ->type_name("FILE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--secret", options->secrets, "A secret: JSON or text; never recorded; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--priority", options->priority, "From 0 to 9, 9 first (default: its document's, or 5)")
      ->type_name("N")
      ->check(CLI::Range(0, 9).description(""));
  command->add_option("--id", options->key, "Idempotency key: the same KEY gives the first run's result")
      ->type_name("KEY");
  command->add_option("--event", options->events, "A CloudEvent to publish when the run has begun; may be repeated")
      ->type_name("JSON|@FILE|-")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--emitted", options->emitted, "Where to write what the run has emitted, one event a line")
      ->type_name("FILE");
  command->add_flag("--progress", options->progress, "One line per task on stderr, instead of the live view");
  command->add_flag("--json", options->json, "JSON on one line, on a terminal too");
  add_catalog_option(*command, line);
  add_environment_option(*command, line);
  add_data_option(*command, line);
  add_example(*command, "cairn run order.yaml --input '{\"order\": 1007}' --with refund.yaml --secret token=s3cr3t");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return run(*options, settings); }; });
}

void add_resume_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("resume", "Go on with a run, or with all that are unfinished");
  const auto options = std::make_shared<ResumeOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last (default: all unfinished)");
  command->add_option("--secret", options->secrets, "A secret: JSON or text; never recorded; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--progress", options->progress, "One line per task on stderr, instead of the live view");
  command->add_flag("--json", options->json, "JSON on one line, on a terminal too");
  add_data_option(*command, line);
  add_example(*command, "cairn resume last");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return resume(*options, settings); }; });
}

}  // namespace cairn
