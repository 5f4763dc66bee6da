// cairn events

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct EventsOptions {
  std::string run;
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

Result<int> events(const EventsOptions& options, const Settings& settings) {
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
  auto* command = app.add_subcommand("events", "The history of a run: number, time, type, task and gist of each event");
  const auto options = std::make_shared<EventsOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last")->required();
  command->add_flag("--follow,-f", options->follow, "Wait for more until the run ends");
  command->add_flag("--json", options->json, "One JSON object a line, with the event's data");
  add_data_option(*command, line);
  add_example(*command, "cairn events last --follow");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return events(*options, settings); }; });
}

}  // namespace cairn
