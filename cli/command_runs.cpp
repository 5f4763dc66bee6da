// cairn runs

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/task_tree_text.h"
#include "cli/terminal.h"
#include "cli/whole_number.h"
#include "engine/runtime/brief.h"
#include "engine/runtime/environment.h"
#include "workflows/program/problem.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct RunsOptions {
  std::string status;
  std::string workflow;
  std::string since;
  std::optional<std::uint64_t> limit;
  bool faults = false;
  bool all = false;
  bool json = false;
};

std::string workflow_of(const Value& from) {
  const Value workflow = from.get("workflow");
  return text_in(workflow, "namespace") + "/" + text_in(workflow, "name") + ":" + text_in(workflow, "version");
}

std::string fault_lines(const Output& out, const Value& fault) {
  const Value error = fault.get("error");
  const std::string retried =
      count_in(fault, "retried") == 0 ? "" : fmt::format(", {} retried", count_in(fault, "retried"));
  std::string text = out.paint(Colour::bold, text_in(fault, "cause")) + "  " + counted(count_in(fault, "runs"), "run") +
                     retried + "  " + workflow_of(fault) + "  " + text_in(error, "instance") + "\n";
  text += "  " + out.paint(Colour::red, brief_problem(Problem::from_value(error))) + "\n";
  const std::string first = text_in(fault, "firstAt");
  const std::string last = text_in(fault, "lastAt");
  text += "  " + out.paint(Colour::dim, first == last ? last : first + " to " + last) + "  run " +
          text_in(fault, "example") + "\n";
  return text;
}

Result<int> faults(const RunsOptions& options, const Settings& settings) {
  std::vector<Member> members{{"op", Value::string("faults")},
                              {"workflow", Value::string(options.workflow)},
                              {"all", Value::boolean(options.all)}};
  if (!options.since.empty()) {
    CAIRN_TRY(const auto since, parse_since_option(options.since, system_clock().now()));
    members.push_back({"since", Value::string(to_iso8601(since))});
  }
  if (options.limit) members.push_back({"limit", Value::unsigned_integer(*options.limit)});
  // Opened for writing: the index of a log that an older version wrote is built then.
  const auto answer = ask(settings, Access::write, Value::object(std::move(members)));
  const bool nothing_yet = !answer && answer.error().code == ErrorCode::not_found;
  if (!answer && !nothing_yet) return answer.error();
  const Value found = nothing_yet ? Value::array({}) : answer.value().get("faults");
  if (options.json) {
    print_json(found);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::string text;
  for (const auto& fault : found.as_array()) text += fault_lines(out, fault);
  if (!nothing_yet && count_in(answer.value(), "left") > 0) {
    text += out.paint(Colour::dim, "and " + counted(count_in(answer.value(), "left"), "cause") +
                                       " more; ask with --workflow or --since\n");
  }
  out.write(text);
  return k_exit_ok;
}

std::string line_of(const Output& out, const Value& run) {
  constexpr std::size_t k_status_width = 9;
  const std::string status = text_in(run, "status");
  std::string line = text_in(run, "id") + "  " + out.paint(colour_of_status(status), padded(status, k_status_width)) +
                     "  " + out.paint(Colour::dim, text_in(run, "startedAt")) + "  ";
  const std::string ended = text_in(run, "endedAt");
  line += padded(ended.empty() ? "-" : brief_duration(ms_between(text_in(run, "startedAt"), ended)), 9) + "  ";
  line += workflow_of(run);
  if (const std::string key = text_in(run, "key"); !key.empty()) line += "  key " + brief_text(key);
  if (const std::string parent = text_in(run, "parent"); !parent.empty())
    line += out.paint(Colour::dim, "  for " + parent);
  if (const std::string retried = text_in(run, "retryOf"); !retried.empty())
    line += out.paint(Colour::dim, "  retry of " + retried);
  if (!text_in(run, "retriedBy").empty()) line += out.paint(Colour::dim, "  retried");
  return line + "\n";
}

Result<int> runs(const RunsOptions& options, const Settings& settings) {
  if (options.faults) {
    if (options.status.empty()) return faults(options, settings);
    return make_error(ErrorCode::invalid_usage, "--faults is about faulted runs: it takes no --status");
  }
  if (options.all) return make_error(ErrorCode::invalid_usage, "--all belongs to --faults");
  std::vector<Member> members{{"op", Value::string("runs")},
                              {"status", Value::string(options.status)},
                              {"workflow", Value::string(options.workflow)}};
  if (!options.since.empty()) {
    CAIRN_TRY(const auto since, parse_since_option(options.since, system_clock().now()));
    members.push_back({"since", Value::string(to_iso8601(since))});
  }
  if (options.limit) members.push_back({"limit", Value::unsigned_integer(*options.limit)});
  const auto answer = ask(settings, Access::read, Value::object(std::move(members)));
  // A data directory that is not there yet holds no runs.
  const bool nothing_yet = !answer && answer.error().code == ErrorCode::not_found;
  if (!answer && !nothing_yet) return answer.error();
  const Value found = nothing_yet ? Value::array({}) : answer.value().get("runs");
  if (options.json) {
    print_json(found);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::string text;
  for (const auto& run : found.as_array()) text += line_of(out, run);
  out.write(text);
  return k_exit_ok;
}

}  // namespace

void add_runs_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("runs", "List runs, newest first");
  const auto options = std::make_shared<RunsOptions>();
  command->add_option("--status", options->status, "Only those that are")
      ->type_name("STATUS")
      ->check(CLI::IsMember({"pending", "running", "waiting", "suspended", "cancelled", "faulted", "completed"}));
  command->add_option("--workflow", options->workflow, "Only those of this workflow")->type_name("NAMESPACE/NAME");
  command
      ->add_option("--since", options->since,
                   "Only those started since then: a time, a date, or how long ago (30m, 2h, 7d)")
      ->type_name("TIME");
  command->add_option("--limit", options->limit, "At most so many")->type_name("N")->check(whole_number());
  command->add_flag("--faults", options->faults, "Faulted runs that nobody has retried, by cause");
  command->add_flag("--all", options->all, "With --faults: those that were retried, too");
  command->add_flag("--json", options->json, "As a JSON array");
  add_data_option(*command, line);
  add_example(*command, "cairn runs --status faulted --since 2h");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return runs(*options, settings); }; });
}

}  // namespace cairn
