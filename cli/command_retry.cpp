// cairn retry

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/definitions.h"
#include "cli/query.h"
#include "cli/secret_sources.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "cli/working.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace cairn {
namespace {

struct RetryOptions {
  std::vector<std::string> runs;
  std::string fault;
  std::string workflow;
  std::vector<std::string> with;
  std::vector<std::string> secrets;
  bool yes = false;
  bool detach = false;
  bool progress = false;
  bool json = false;
};

/// What was started instead of what, and what was not.
void print_retried(const Value& answer) {
  for (const auto& one : answer.get("retried").as_array()) {
    const bool existing = one.get("existing").truthy();
    print_note("run " + text_in(one, "run") +
               (existing ? " has been retried already, as run " : " is retried as run ") + text_in(one, "as"));
  }
  for (const auto& refused : answer.get("refused").as_array()) {
    const Value error = refused.get("error");
    print_error(
        make_error(ErrorCode::conflict, text_in(error, "message"), text_in(error, "where"), text_in(error, "remedy")));
  }
}

/// Asks a person whether all runs of the cause are to be retried. False: no.
Result<bool> is_wanted(Session& session, const RetryOptions& options) {
  if (options.fault.empty() || options.yes) return true;
  if (!standard_error().is_terminal()) {
    return make_error(ErrorCode::invalid_usage, "--fault retries all runs of the cause, and nobody can be asked",
                      "--fault", "Say --yes if they are meant");
  }
  std::uint64_t runs = 0;
  CAIRN_TRY(const auto end, session.call(Value::object({{"op", Value::string("faults")}}), [&](const Value& message) {
    for (const auto& fault : message.get("faults").as_array()) {
      if (text_in(fault, "cause").starts_with(options.fault)) runs += count_in(fault, "runs");
    }
  }));
  if (end == CallEnd::interrupted) return false;
  standard_error().write("retry " + counted(runs, "run") + "? [y/N] ");
  std::string line;
  std::getline(std::cin, line);
  return line == "y" || line == "Y" || line == "yes";
}

Result<Value> request_of(const RetryOptions& options, const Settings& settings, Session& session) {
  Array runs;
  for (const auto& run : options.runs) runs.push_back(Value::string(run));
  std::vector<std::string> paths = options.with;
  if (!options.workflow.empty()) paths.insert(paths.begin(), options.workflow);
  CAIRN_TRY(const auto given, parse_secret_options(options.secrets));
  CAIRN_TRY(const auto definitions, load_to_run(paths, fetch_options(settings, given)));
  for (const auto& definition : definitions) session.remember(definition);
  CAIRN_TRY(auto secrets, secrets_to_send(session, settings, options.secrets));
  Value request = Value::object({{"op", Value::string("retry")},
                                 {"runs", Value::array(std::move(runs))},
                                 {"fault", Value::string(options.fault)},
                                 {"with", texts(definitions, options.workflow.empty() ? 0 : 1)},
                                 {"secrets", std::move(secrets)}});
  if (!options.workflow.empty()) request = request.with("definition", Value::string(definitions.front().text));
  return request;
}

Result<int> start_only(Session& session, const Value& request, bool json) {
  Value answer;
  CAIRN_TRY(const auto end, session.call(request, [&answer](const Value& message) { answer = message; }));
  if (end == CallEnd::lost) {
    return make_error(ErrorCode::unavailable, "the owner of the data directory ended before its answer was complete",
                      {}, "Say it again: a run is retried once");
  }
  if (end == CallEnd::interrupted) return k_exit_interrupted;
  if (json) {
    print_json(answer);
  } else {
    print_retried(answer);
    if (session.is_owner() && session.hosted() > 0) print_note("nobody works on it yet; go on with: cairn resume");
  }
  return answer.get("refused").as_array().empty() ? k_exit_ok : k_exit_failed;
}

Result<int> retry(const RetryOptions& options, const Settings& settings) {
  if (options.runs.empty() == options.fault.empty()) {
    return make_error(ErrorCode::invalid_usage, "a retry needs runs, or --fault, and not both", "cairn retry",
                      "List the causes with: cairn runs --faults");
  }
  CAIRN_TRY(const auto session, Session::open(settings, Access::own));
  CAIRN_TRY(const bool wanted, is_wanted(*session, options));
  if (!wanted) return k_exit_interrupted;
  if (!session->is_owner()) {
    CAIRN_TRY(session->reopen());  // a connection is for one request
  }
  CAIRN_TRY(const auto request, request_of(options, settings, *session));
  if (options.detach) return start_only(*session, request, options.json);
  const auto display = make_display(options.progress);
  CAIRN_TRY(const auto watched, watch(*session, request, display.get(), print_retried));
  if (watched.end == CallEnd::interrupted) {
    print_how_to_go_on(*session, watched);
    return k_exit_interrupted;
  }
  int code = watched.first_answer.get("refused").as_array().empty() ? k_exit_ok : k_exit_failed;
  if (watched.last) {
    code = std::max(code, code_of_all(watched, print_result(watched.ended.at(*watched.last), options.json)));
  } else if (code == k_exit_ok) {
    print_note("all of them have been retried");
  }
  stay(*session);
  return code;
}

CLI::Option* repeated(CLI::Option* option) { return option->expected(1)->take_all()->allow_extra_args(false); }

}  // namespace

void add_retry_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("retry", "Repeat runs that faulted, or were cancelled, from their start");
  const auto options = std::make_shared<RetryOptions>();
  command->add_option("RUN", options->runs, "Runs: their ids, the beginning of them, or last");
  command->add_option("--fault", options->fault, "All runs that faulted by this cause (cairn runs --faults)")
      ->type_name("CAUSE");
  command->add_option("--workflow", options->workflow, "Use this definition, instead of the one that the run had")
      ->type_name("FILE");
  repeated(command->add_option("--with", options->with, "A further workflow, for `run: workflow`; may be repeated"))
      ->type_name("FILE");
  repeated(command->add_option("--secret", options->secrets, "A secret: JSON or text; never recorded; may be repeated"))
      ->type_name("NAME=VALUE");
  command->add_flag("--yes", options->yes, "Do not ask, with --fault");
  command->add_flag("--detach", options->detach, "Start them, and do not wait for their ends");
  command->add_flag("--progress", options->progress, "One line per task on stderr, instead of the live view");
  command->add_flag("--json", options->json, "JSON on one line, on a terminal too");
  add_catalog_option(*command, line);
  add_data_option(*command, line);
  add_example(*command, "cairn retry --fault 3f2a91c0d4e8 --yes");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return retry(*options, settings); }; });
}

}  // namespace cairn
