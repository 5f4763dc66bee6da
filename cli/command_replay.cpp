// cairn replay

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/task_tree_text.h"
#include "cli/terminal.h"
#include "cli/whole_number.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct ReplayOptions {
  std::string run;
  std::optional<std::uint64_t> at;
  bool verify = false;
  bool json = false;
};

std::string indented(const Value& value) {
  std::string text = "  ";
  for (const char c : to_pretty_json(value)) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return text + "\n";
}

std::string position_text(const Output& out, const Value& position) {
  std::string text = out.paint(Colour::bold, "position") + "\n";
  if (position.as_array().empty()) return text + "  no task is open\n";
  for (const auto& task : position.as_array()) {
    text += "  " + text_in(task, "reference") + "  " + text_in(task, "kind") + "  since " + text_in(task, "since") +
            fmt::format(" (event {})", count_in(task, "event"));
    if (task.find("iteration") != nullptr) text += fmt::format(", iteration {}", count_in(task, "iteration"));
    if (task.find("attempt") != nullptr) text += fmt::format(", attempt {}", count_in(task, "attempt"));
    if (task.find("branch") != nullptr) text += fmt::format(", branch {}", count_in(task, "branch"));
    text += "\n";
  }
  return text;
}

std::string text_of(const Output& out, const Value& state) {
  const std::string status = text_in(state, "status");
  std::string text =
      fmt::format("run {} after event {} of {}, {}: {}\n", text_in(state, "id"), count_in(state, "event"),
                  count_in(state, "of"), text_in(state, "time"), out.paint(colour_of_status(status), status));
  const Value position = state.get("position");
  text += position_text(out, position);
  // The data at a moment is what the innermost tasks work on; between tasks and at the end, what the run has.
  const bool open = !position.as_array().empty();
  text += out.paint(Colour::bold, "data") + "\n";
  if (status == "completed") {
    text += indented(state.get("output"));
  } else {
    text += indented(open ? position.as_array().back().get("input") : state.get("data"));
  }
  text += out.paint(Colour::bold, "context") + "\n" + indented(state.get("context"));
  if (!state.get("error").is_null()) text += out.paint(Colour::bold, "error") + "\n" + indented(state.get("error"));
  text += out.paint(Colour::bold, "pending") + "\n";
  const Value pending = state.get("pending");
  for (const auto& sentence : pending.as_array()) text += "  " + sentence.as_string() + "\n";
  if (pending.as_array().empty()) text += "  nothing\n";
  return text;
}

Result<int> verify(const ReplayOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto answer, ask(settings, Access::read,
                                   Value::object({{"op", Value::string("replay")},
                                                  {"run", Value::string(options.run)},
                                                  {"verify", Value::boolean(true)}})));
  const Value* divergence = answer.find("divergence");
  Output& out = standard_output();
  if (options.json) {
    print_json(answer);
  } else if (divergence == nullptr) {
    out.write(fmt::format("run {}: {} decided again, all the same\n", text_in(answer, "run"),
                          counted(count_in(answer, "verified"), "event")));
  } else {
    print_error(make_error(ErrorCode::conflict, "decided again, it differs: " + text_in(*divergence, "message"),
                           fmt::format("run {} event {}", text_in(answer, "run"), count_in(*divergence, "at"))));
  }
  return divergence == nullptr ? k_exit_ok : k_exit_failed;
}

Result<int> replay(const ReplayOptions& options, const Settings& settings) {
  if (options.verify) return verify(options, settings);
  Value request = Value::object({{"op", Value::string("replay")}, {"run", Value::string(options.run)}});
  if (options.at) request = request.with("at", Value::unsigned_integer(*options.at));
  CAIRN_TRY(const auto answer, ask(settings, Access::read, request));
  if (options.json) {
    print_json(answer.get("state"));
    return k_exit_ok;
  }
  Output& out = standard_output();
  out.write(text_of(out, answer.get("state")));
  return k_exit_ok;
}

}  // namespace

void add_replay_command(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("replay", "A run as it was after an event: position, data, context, what was pending");
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last")->required();
  auto* at = command->add_option("--at", options->at, "The number of the event (default: the newest)")
                 ->type_name("N")
                 ->check(whole_number());
  command->add_flag("--verify", options->verify, "Decide everything again and compare event by event")->excludes(at);
  command->add_flag("--json", options->json, "As a JSON object");
  add_data_option(*command, line);
  add_example(*command, "cairn replay last --at 12");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return replay(*options, settings); }; });
}

}  // namespace cairn
