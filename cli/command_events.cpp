// cairn events: what happened to a run, or the lifecycle events of all runs.

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <vector>

namespace cairn {
namespace {

struct EventsOptions {
  std::string run;
  bool lifecycle = false;
  std::string after;
  std::string workflow;
  std::vector<std::string> types;
  std::optional<std::uint64_t> limit;
  bool follow = false;
  bool json = false;
};

Colour colour_of(const std::string& type) {
  if (type.ends_with("Faulted") || type.ends_with("Failed")) return Colour::red;
  if (type.ends_with("Completed")) return Colour::green;
  if (type == "ErrorCaught" || type == "AttemptStarted" || type.ends_with("Cancelled") || type == "CommandRefused")
    return Colour::yellow;
  return Colour::plain;
}

std::string line_of(const Output& out, const Value& event) {
  constexpr std::size_t k_type_width = 17;
  const std::string type = text_in(event, "type");
  const std::string task = text_in(event, "task");
  const std::string gist = text_in(event, "gist");
  std::string line = fmt::format("{:>5}  ", count_in(event, "number"));
  line +=
      out.paint(Colour::dim, text_in(event, "time")) + "  " + out.paint(colour_of(type), padded(type, k_type_width));
  // Each column is there for those who cut lines into fields.
  line += "  " + out.paint(Colour::cyan, task.empty() ? "-" : task);
  if (!gist.empty()) line += "  " + gist;
  return line + "\n";
}

/// Prints events once, whoever tells them.
class Printer {
 public:
  explicit Printer(bool json) : json_(json) {}

  void on_message(const Value& message) {
    if (run_.empty()) run_ = text_in(message, "run");
    if (message.find("end") != nullptr) ended_ = true;
    const Value* event = message.find("event");
    if (event == nullptr || count_in(*event, "number") <= last_) return;
    last_ = count_in(*event, "number");
    Output& out = standard_output();
    out.write(json_ ? to_json(*event) + "\n" : line_of(out, *event));
  }

  [[nodiscard]] const std::string& run() const { return run_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  bool json_;
  std::string run_;
  std::uint64_t last_ = 0;
  bool ended_ = false;
};

/// Prints lifecycle events once, whoever tells them.
class LifecyclePrinter {
 public:
  explicit LifecyclePrinter(const EventsOptions& options)
      : options_(options), after_(options.after), left_(options.limit) {}

  [[nodiscard]] Value request() const {
    Array types;
    for (const auto& type : options_.types) types.push_back(Value::string(type));
    return Value::object({{"op", Value::string("lifecycle")},
                          {"after", Value::string(after_)},
                          {"run", Value::string(run_.empty() ? options_.run : run_)},
                          {"workflow", Value::string(options_.workflow)},
                          {"types", Value::array(std::move(types))},
                          {"limit", left_ ? Value::unsigned_integer(*left_) : Value{}},
                          {"follow", Value::boolean(options_.follow)}});
  }

  void on_message(const Value& message) {
    if (const Value* gap = message.find("gap")) tell_gap(*gap);
    const Value* told = message.find("lifecycle");
    if (told == nullptr) return;
    after_ = text_in(*told, "position");
    if (!options_.run.empty()) run_ = text_in(*told, "run");  // "last" named this run when we began
    if (left_) --*left_;
    Output& out = standard_output();
    out.write(options_.json ? to_json(*told) + "\n" : line_of(out, *told));
  }

 private:
  /// Who begins anew wants what is there, and who goes on wants to know what is not.
  void tell_gap(const Value& gap) {
    const auto from = count_in(gap, "from");
    const auto through = count_in(gap, "through");
    print_note(from == 1 ? fmt::format("the feed begins at {}: what came before was removed by retention", through + 1)
                         : fmt::format("{} to {} of the feed were removed by retention", from, through));
    after_ = fmt::format("{}", through);
  }

  static std::string line_of(const Output& out, const Value& told) {
    constexpr std::string_view k_prefix = "io.serverlessworkflow.";
    constexpr std::string_view k_version = ".v1";
    constexpr std::size_t k_type_width = 22;
    constexpr std::size_t k_position_width = 9;
    const Value event = told.get("event");
    const Value data = event.get("data");
    std::string type = text_in(event, "type");
    type = type.substr(k_prefix.size(), type.size() - k_prefix.size() - k_version.size());
    const auto colour = type.ends_with("faulted")                                  ? Colour::red
                        : type.ends_with("completed")                              ? Colour::green
                        : type.ends_with("cancelled") || type.ends_with("retried") ? Colour::yellow
                                                                                   : Colour::plain;
    const std::string task = text_in(data, "task");
    std::string line = padded(text_in(told, "position"), k_position_width) + "  ";
    line += out.paint(Colour::dim, text_in(event, "time")) + "  " + out.paint(colour, padded(type, k_type_width));
    line += "  " + text_in(told, "run") + "  " + text_in(event, "source");
    line += "  " + out.paint(Colour::cyan, task.empty() ? "-" : task);
    if (const Value* error = data.find("error")) line += "  " + text_in(*error, "title");
    return line + "\n";
  }

  const EventsOptions& options_;
  std::string after_;
  std::string run_;
  std::optional<std::uint64_t> left_;
};

Result<int> lifecycle_events(const EventsOptions& options, const Settings& settings) {
  LifecyclePrinter printer(options);
  const auto on_message = [&printer](const Value& message) { printer.on_message(message); };
  if (!options.follow) {
    CAIRN_TRY(const auto end, ask_all(settings, Access::read, printer.request(), on_message));
    return end == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
  }
  CAIRN_TRY(const auto session, Session::open(settings, Access::own));
  while (true) {
    CAIRN_TRY(const auto end, session->call(printer.request(), [&](const Value& message) {
      on_message(message);
      if (!standard_output().status()) session->interrupt();  // who reads no more wants no more
    }));
    if (!standard_output().status()) return k_exit_failed;
    if (end == CallEnd::interrupted) return k_exit_interrupted;
    if (end == CallEnd::answered) break;
    CAIRN_TRY(session->reopen());
  }
  return session->stay() == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
}

/// What only one of the two kinds of events has.
Result<void> check(const EventsOptions& options) {
  if (options.lifecycle) return success();
  if (options.run.empty()) {
    return make_error(ErrorCode::invalid_usage, "no run is named", "RUN",
                      "Name one, or ask for the lifecycle events of all runs with --lifecycle");
  }
  if (!options.after.empty() || !options.workflow.empty() || !options.types.empty() || options.limit) {
    return make_error(ErrorCode::invalid_usage, "--after, --workflow, --type and --limit are for lifecycle events", {},
                      "Add --lifecycle");
  }
  return success();
}

Result<int> events(const EventsOptions& options, const Settings& settings) {
  CAIRN_TRY(check(options));
  if (options.lifecycle) return lifecycle_events(options, settings);
  Printer printer(options.json);
  const Value request = Value::object({{"op", Value::string("events")},
                                       {"run", Value::string(options.run)},
                                       {"follow", Value::boolean(options.follow)}});
  if (!options.follow) {
    const auto on_message = [&printer](const Value& message) { printer.on_message(message); };
    CAIRN_TRY(const auto end, ask_all(settings, Access::read, request, on_message));
    return end == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
  }
  // Without anybody to follow we become the owner, so that whoever goes on with the run comes to us.
  CAIRN_TRY(const auto session, Session::open(settings, Access::own));
  const auto on_message = [&](const Value& message) {
    printer.on_message(message);
    // Who reads no more wants no more.
    if (!standard_output().status()) session->interrupt();
  };
  Value current = request;
  while (true) {
    CAIRN_TRY(const auto end, session->call(current, on_message));
    if (!standard_output().status()) return k_exit_failed;
    if (end == CallEnd::interrupted) return k_exit_interrupted;
    if (end == CallEnd::answered) break;
    // "last" named this run when we began.
    if (!printer.run().empty()) current = current.with("run", Value::string(printer.run()));
    CAIRN_TRY(session->reopen());
  }
  return session->stay() == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
}

}  // namespace

void add_events_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand(
      "events",
      "The history of a run: number, time, type, task and gist of each event; or the lifecycle events of all runs");
  const auto options = std::make_shared<EventsOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last");
  command->add_flag("--lifecycle", options->lifecycle,
                    "The CloudEvents that the language's standard names, of all runs (or RUN) in one order");
  command->add_option("--after", options->after, "Of lifecycle events: only those behind this position")
      ->type_name("POSITION");
  command->add_option("--workflow", options->workflow, "Of lifecycle events: only of this workflow's runs")
      ->type_name("[NAMESPACE/]NAME");
  command
      ->add_option("--type", options->types,
                   "Of lifecycle events: only of this type, as task.faulted or workflow.*; may be repeated")
      ->type_name("TYPE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--limit", options->limit, "Of lifecycle events: so many at most")->type_name("N");
  command->add_flag("--follow,-f", options->follow,
                    "Wait for more: until the run ends, or for lifecycle events for ever");
  command->add_flag("--json", options->json, "One JSON object a line, with the event's data");
  add_data_option(*command, line);
  add_example(*command,
              "cairn events last --follow\n  cairn events --lifecycle --type workflow.faulted --follow --json");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return events(*options, settings); }; });
}

}  // namespace cairn
