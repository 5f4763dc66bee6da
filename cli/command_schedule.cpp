// cairn schedule: looking at what starts by itself, and steering it.

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/secret_sources.h"
#include "cli/terminal.h"
#include "cli/working.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cairn {
namespace {

struct ScheduleOptions {
  std::string name;
  std::string from;
  std::string to;
  std::vector<std::string> secrets;
  bool dry_run = false;
  bool json = false;
};

std::string name_in(const Value& line) {
  const Value workflow = line.get("workflow");
  return text_in(workflow, "namespace") + "/" + text_in(workflow, "name");
}

std::string lines_of(const Output& out, const Value& line, std::size_t width) {
  const std::string state = text_in(line, "state");
  const auto colour = state == "hosted" ? Colour::green : state == "paused" ? Colour::yellow : Colour::dim;
  std::string text = out.paint(Colour::bold, padded(name_in(line), width)) + "  " + out.paint(colour, state);
  if (const auto since = text_in(line, "since"); !since.empty()) text += " since " + since;
  text += "  " + text_in(line, "schedule") + "\n";
  const std::string next = text_in(line, "next");
  const std::string waits_since = text_in(line, "waitsSince");
  if (!next.empty() || waits_since.empty()) text += "  next " + (next.empty() ? "-" : next);
  if (!waits_since.empty() && (state == "hosted" || state == "waiting")) {
    text += "  waits for events since " + waits_since;
  }
  if (const auto last = text_in(line, "last"); !last.empty()) {
    const auto run = text_in(line, "run");
    text += "  last " + last + (run.empty() ? "" : "  run " + run + " " + text_in(line, "runStatus"));
  }
  text += "\n";
  if (const auto gathered = count_in(line, "gathered"); gathered > 0) {
    text += fmt::format("  has {} in {} since {}\n", counted(gathered, "event"), counted(count_in(line, "sets"), "set"),
                        text_in(line, "gatheredSince"));
  }
  if (const auto behind = count_in(line, "behind"); behind > 0) {
    text += fmt::format("  {} to look at\n", counted(behind, "event"));
  }
  if (const auto given_up = count_in(line, "givenUp"); given_up > 0) {
    text += "  " + out.paint(Colour::yellow, counted(given_up, "set") + " of events given up, incomplete") + "\n";
  }
  if (const auto refused = text_in(line, "refused"); !refused.empty()) {
    text += "  " + out.paint(Colour::red, "its run was not started: " + refused) + "\n";
  }
  if (const auto overdue = count_in(line, "overdue"); overdue > 0) {
    text += "  " +
            out.paint(Colour::red,
                      fmt::format("{}{} overdue since {}", line.get("overdueMore").truthy() ? "more than " : "",
                                  counted(overdue, "slot"), text_in(line, "overdueSince"))) +
            "\n";
  }
  if (const auto trouble = text_in(line, "trouble"); !trouble.empty()) {
    text += "  " + out.paint(Colour::red, trouble) + "\n";
  }
  return text;
}

Result<int> list(const ScheduleOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto answer, ask(settings, Access::read, Value::object({{"op", Value::string("schedules")}})));
  const Value schedules = answer.get("schedules");
  if (options.json) {
    print_json(schedules);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::size_t width = 0;
  for (const auto& line : schedules.as_array()) width = std::max(width, columns_of(name_in(line)));
  std::string text;
  for (const auto& line : schedules.as_array()) text += lines_of(out, line, width);
  out.write(text);
  if (schedules.as_array().empty()) print_note("there are no schedules; host some with: cairn serve --workflows DIR");
  return k_exit_ok;
}

Value request_of(const ScheduleOptions& options, std::string_view what) {
  return Value::object({{"op", Value::string("schedule")},
                        {"schedule", Value::string(options.name)},
                        {"do", Value::string(std::string(what))}});
}

Result<int> pause(const ScheduleOptions& options, const Settings& settings, bool paused) {
  CAIRN_TRY(const auto answer, ask(settings, Access::write, request_of(options, paused ? "pause" : "continue")));
  if (options.json) {
    print_json(answer);
  } else {
    standard_output().write(fmt::format("schedule {} {}\n", options.name, paused ? "is paused" : "goes on from now"));
  }
  return k_exit_ok;
}

/// The one answer of a request that starts runs. Asked once: an owner that went away may have started them.
Result<Value> start_by(Session& session, const Value& request) {
  Value answer;
  CAIRN_TRY(const auto end, session.call(request, [&answer](const Value& message) { answer = message; }));
  if (end == CallEnd::answered) return answer;
  return make_error(ErrorCode::unavailable, "the process that works here ended before its answer", {},
                    "Look with: cairn runs");
}

Result<int> trigger(const ScheduleOptions& options, const Settings& settings) {
  CAIRN_TRY(parse_secret_options(options.secrets));
  CAIRN_TRY(const auto session, Session::open(settings, Access::own));
  CAIRN_TRY(auto secrets, secrets_to_send(*session, settings, options.secrets));
  CAIRN_TRY(const auto answer, start_by(*session, request_of(options, "trigger").with("secrets", std::move(secrets))));
  if (options.json) {
    print_json(answer);
  } else {
    standard_output().write(text_in(answer, "run") + "\n");
  }
  stay(*session);
  return k_exit_ok;
}

Result<int> backfill(const ScheduleOptions& options, const Settings& settings) {
  CAIRN_TRY(parse_secret_options(options.secrets));
  const Timestamp now = system_clock().now();
  CAIRN_TRY(const auto from, parse_since_option(options.from, now, "--from"));
  CAIRN_TRY(const auto to, options.to.empty() ? Result<Timestamp>(now) : parse_since_option(options.to, now, "--to"));
  CAIRN_TRY(const auto session, Session::open(settings, options.dry_run ? Access::read : Access::own));
  CAIRN_TRY(auto secrets, secrets_to_send(*session, settings, options.secrets));
  const Value request = request_of(options, "backfill")
                            .with("from", Value::string(to_iso8601(from)))
                            .with("to", Value::string(to_iso8601(to)))
                            .with("dryRun", Value::boolean(options.dry_run))
                            .with("secrets", std::move(secrets));
  CAIRN_TRY(const auto answer, start_by(*session, request));
  const Value slots = answer.get("slots");
  std::size_t refused = 0;
  std::size_t begun = 0;
  std::string text;
  for (const auto& slot : slots.as_array()) {
    const Value error = slot.get("error");
    const std::string run = text_in(slot, "run");
    const bool existing = slot.get("existing").truthy();
    if (!error.is_null()) ++refused;
    if (!run.empty() && !existing) ++begun;
    text += text_in(slot, "slot") + "  " +
            (!error.is_null() ? text_in(error, "message")
             : run.empty()    ? "would start"
                              : run + (existing ? "  had its run" : "")) +
            "\n";
  }
  if (options.json) {
    print_json(answer);
  } else {
    standard_output().write(text);
    print_note(fmt::format("{}, {} {}", counted(slots.as_array().size(), "slot"), counted(begun, "run"),
                           options.dry_run ? "started: nothing was done" : "started"));
  }
  stay(*session);
  return refused == 0 ? k_exit_ok : k_exit_failed;
}

void add_secrets(CLI::App& command, ScheduleOptions& options) {
  command.add_option("--secret", options.secrets, "A secret, when no process hosts the schedule; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

CLI::App* add(CLI::App& schedule, CommandLine& line, const std::shared_ptr<ScheduleOptions>& options,
              const std::string& name, const std::string& what, const std::string& example) {
  auto* command = schedule.add_subcommand(name, what);
  if (name != "list") {
    command->add_option("NAME", options->name, "The workflow: NAME, or NAMESPACE/NAME")->required();
  }
  command->add_flag("--json", options->json, name == "list" ? "As a JSON array" : "As a JSON object");
  add_data_option(*command, line);
  add_example(*command, example);
  return command;
}

}  // namespace

void add_schedule_commands(CLI::App& app, CommandLine& line) {
  auto* schedule =
      app.add_subcommand("schedule", "Workflows that start by themselves: list, pause, continue, trigger, backfill");
  schedule->require_subcommand(1);
  add_example(*schedule, "cairn schedule list");
  const auto options = std::make_shared<ScheduleOptions>();
  const auto action = [&line, options](auto what) {
    return [&line, options, what] {
      line.action = [options, what](const Settings& settings) { return what(*options, settings); };
    };
  };

  add(*schedule, line, options, "list", "Schedules with their next and last slot, and what is overdue",
      "cairn schedule list")
      ->callback(action(list));
  add(*schedule, line, options, "pause", "Start nothing until `continue`; slots that pass meanwhile are left out",
      "cairn schedule pause nightly")
      ->callback(action([](const auto& o, const auto& s) { return pause(o, s, true); }));
  add(*schedule, line, options, "continue", "Go on from now", "cairn schedule continue nightly")
      ->callback(action([](const auto& o, const auto& s) { return pause(o, s, false); }));
  auto* now =
      add(*schedule, line, options, "trigger", "Start a run now, beside the slots", "cairn schedule trigger nightly");
  add_secrets(*now, *options);
  now->callback(action(trigger));
  auto* past = add(*schedule, line, options, "backfill", "Start the runs of past slots that have none",
                   "cairn schedule backfill nightly --from 2026-11-01 --to 2026-11-07 --dry-run");
  past->add_option("--from", options->from,
                   "The first slot counts from here: a time, a date, or how long ago (30m, 2h, 7d)")
      ->required()
      ->type_name("TIME");
  past->add_option("--to", options->to, "The last slot counts up to here (default: now)")->type_name("TIME");
  past->add_flag("--dry-run", options->dry_run, "List the slots, and start nothing");
  add_secrets(*past, *options);
  past->callback(action(backfill));
}

}  // namespace cairn
