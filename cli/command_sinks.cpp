// cairn sinks: how far what is sent to others has come.

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct SinksOptions {
  bool json = false;
};

std::string feed_line(const Output& out, const Value& feed) {
  std::string line = fmt::format("  {:<9}  position {}  {} behind  {} delivered", text_in(feed, "feed"),
                                 text_in(feed, "position"), count_in(feed, "behind"), count_in(feed, "delivered"));
  line += "\n";
  if (const auto missed = count_in(feed, "missed"); missed > 0) {
    line += "    " +
            out.paint(Colour::red, fmt::format("{} were removed by retention before they were delivered", missed)) +
            "\n";
  }
  if (const auto skipped = count_in(feed, "skipped"); skipped > 0) {
    const Value last = feed.get("lastSkipped");
    line += "    " +
            out.paint(Colour::red, fmt::format("{} skipped, the last {} at {}: {}", skipped, text_in(last, "id"),
                                               text_in(last, "time"), text_in(last, "why"))) +
            "\n";
  }
  if (const auto error = text_in(feed, "error"); !error.empty()) {
    line += "    " +
            out.paint(Colour::red, fmt::format("since {}, {}: {}", text_in(feed, "since"),
                                               counted(count_in(feed, "failures"), "failure"), error)) +
            "\n";
    if (const auto again = text_in(feed, "retryAt"); !again.empty()) line += "    again at " + again + "\n";
  }
  return line;
}

Result<int> list(const SinksOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto answer, ask(settings, Access::read, Value::object({{"op", Value::string("sinks")}})));
  const Value sinks = answer.get("sinks");
  if (options.json) {
    print_json(sinks);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::string text;
  for (const auto& sink : sinks.as_array()) {
    const std::string state = text_in(sink, "state");
    const auto colour = state == "delivering"                    ? Colour::green
                        : state == "retrying" || state == "held" ? Colour::red
                                                                 : Colour::dim;
    text += out.paint(Colour::bold, text_in(sink, "sink")) + "  " + out.paint(colour, state);
    if (const auto since = text_in(sink, "goneSince"); !since.empty()) text += " since " + since;
    text += "  " + text_in(sink, "destination") + "\n";
    for (const auto& feed : sink.get("feeds").as_array()) text += feed_line(out, feed);
  }
  out.write(text);
  if (sinks.as_array().empty()) print_note("there are no sinks; name some in cairn.yaml, and run cairn serve");
  return k_exit_ok;
}

}  // namespace

void add_sinks_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("sinks", "Where events are sent, how far that has come, and what is in its way");
  const auto options = std::make_shared<SinksOptions>();
  command->add_flag("--json", options->json, "One JSON document");
  add_data_option(*command, line);
  add_example(*command, "cairn sinks");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return list(*options, settings); }; });
}

}  // namespace cairn
