// cairn show

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/task_tree_text.h"
#include "cli/terminal.h"
#include "engine/runtime/brief.h"
#include "engine/runtime/environment.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct ShowOptions {
  std::string run;
  bool json = false;
};

/// A heading and, next to it, what belongs to it.
std::string field(const Output& out, std::string_view name, const std::string& text) {
  constexpr std::size_t k_name_width = 10;
  return out.paint(Colour::bold, padded(name, k_name_width)) + "  " + text + "\n";
}

/// A value on one line when it is short, indented below its heading otherwise.
std::string data_field(const Output& out, std::string_view name, const Value& value) {
  const std::string line = to_json(value);
  constexpr std::size_t k_name_width = 12;
  if (columns_of(line) + k_name_width <= out.width()) return field(out, name, line);
  std::string text = out.paint(Colour::bold, name) + "\n  ";
  for (const char c : to_pretty_json(value)) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return text + "\n";
}

std::string head(const Output& out, const Value& run) {
  const std::string status = text_in(run, "status");
  const Value workflow = run.get("workflow");
  std::string state = out.paint(colour_of_status(status), status);
  const bool ended = !text_in(run, "endedAt").empty();
  if (!ended && status != "suspended" && run.get("active") == Value::boolean(false)) {
    state += out.paint(Colour::dim, ", and no process works on it; go on with: cairn resume " + text_in(run, "id"));
  }
  std::string text = field(out, "run", text_in(run, "id"));
  text += field(out, "workflow",
                text_in(workflow, "namespace") + "/" + text_in(workflow, "name") + ":" + text_in(workflow, "version"));
  text += field(out, "status", state);
  std::string times = text_in(run, "startedAt");
  if (ended) {
    times += ", ended " + text_in(run, "endedAt") + " after " +
             brief_duration(ms_between(text_in(run, "startedAt"), text_in(run, "endedAt")));
  }
  text += field(out, "started", times);
  text += field(out, "events", fmt::format("{}", count_in(run, "events")));
  if (count_in(run, "priority") != 5) text += field(out, "priority", fmt::format("{}", count_in(run, "priority")));
  if (const std::string key = text_in(run, "key"); !key.empty()) text += field(out, "key", key);
  if (const std::string parent = text_in(run, "parent"); !parent.empty())
    text +=
        field(out, "started by", "run " + parent + (text_in(run, "handlesFaultOf").empty() ? "" : ", which faulted"));
  if (const std::string retried = text_in(run, "retryOf"); !retried.empty())
    text += field(out, "retry of", "run " + retried);
  return text;
}

std::string text_of(const Output& out, const Value& run) {
  const std::string status = text_in(run, "status");
  std::string text = head(out, run) + data_field(out, "input", run.get("input"));
  if (const Value metadata = run.get("metadata"); metadata.is_object() && !metadata.as_object().empty())
    text += data_field(out, "environment", metadata);
  if (status == "completed") text += data_field(out, "output", run.get("output"));
  if (status == "faulted") text += data_field(out, "error", run.get("error"));
  if (const std::string by = text_in(run, "faultHandler"); !by.empty()) text += field(out, "handled by", "run " + by);
  if (const std::string by = text_in(run, "retriedBy"); !by.empty()) text += field(out, "retried as", "run " + by);
  if (status == "cancelled" && !text_in(run, "cancelReason").empty())
    text += field(out, "reason", text_in(run, "cancelReason"));
  if (const Value waiting = run.get("waitingFor"); waiting.is_array()) {
    std::string_view name = "waits for";
    for (const auto& sentence : waiting.as_array()) {
      text += field(out, name, sentence.as_string());
      name = "";
    }
  }
  text += "\n" + tree_text(out, run.get("tasks"));
  if (const auto left_out = count_in(run, "tasksLeftOut"); left_out > 0) {
    text += out.paint(Colour::dim, fmt::format("and {} more visits of tasks; all of them are in: cairn events {}\n",
                                               left_out, text_in(run, "id")));
  }
  return text;
}

Result<int> show(const ShowOptions& options, const Settings& settings) {
  CAIRN_TRY(
      const auto answer,
      ask(settings, Access::read, Value::object({{"op", Value::string("show")}, {"run", Value::string(options.run)}})));
  const Value run = answer.get("run");
  if (options.json) {
    print_json(run);
    return k_exit_ok;
  }
  Output& out = standard_output();
  out.write(text_of(out, run));
  return k_exit_ok;
}

}  // namespace

void add_show_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("show", "A run as it is: status, data, its tasks, and what it waits for");
  const auto options = std::make_shared<ShowOptions>();
  command->add_option("RUN", options->run, "A run: its id, the beginning of it, or last")->required();
  command->add_flag("--json", options->json, "As a JSON object");
  add_data_option(*command, line);
  add_example(*command, "cairn show last");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return show(*options, settings); }; });
}

}  // namespace cairn
