// cairn why, cairn doctor

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "engine/runtime/brief.h"
#include "engine/runtime/environment.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <memory>

namespace cairn {
namespace {

struct WhyOptions {
  std::string run;
  bool json = false;
};

/// "12:00:03.250", with the day when it is not today's; as it is when it is no time.
std::string short_time(const std::string& text, Timestamp now) {
  const auto time = parse_timestamp(text);
  return time ? brief_time(time.value(), now) : text;
}

/// "12:01:03 (in 58 s)"
std::string due_text(const std::string& due, Timestamp now) {
  const auto time = parse_timestamp(due);
  if (!time) return due;
  constexpr std::int64_t second = 1'000;
  const std::int64_t left = time.value().ms - now.ms;
  const std::int64_t shown = std::abs(left) < second ? std::abs(left) : (std::abs(left) + second / 2) / second * second;
  return brief_time(time.value(), now) +
         (left > 0 ? " (in " + brief_duration(shown) + ")" : " (" + brief_duration(shown) + " ago)");
}

std::string reason_text(const Output& out, const Value& reason, Timestamp now) {
  constexpr std::string_view indent = "\n            ";
  const std::string kind = text_in(reason, "kind");
  const std::string due = text_in(reason, "due");
  std::string text = "  " + out.paint(Colour::bold, fmt::format("{:<10}", kind));
  if (const std::string task = text_in(reason, "task"); !task.empty()) text += task + ": ";
  text += fmt::format("{}, since {}{}", text_in(reason, "what"), short_time(text_in(reason, "since"), now), indent);
  if (!reason.get("wakes").truthy()) {
    return text + out.paint(Colour::red, "nothing will end this") + ": " + text_in(reason, "release") + "\n";
  }
  const bool timed = kind == "timer" || kind == "retry";
  if (timed && !due.empty()) return text + "until " + due_text(due, now) + "\n";
  text += "until " + text_in(reason, "release");
  if (!due.empty()) {
    text += fmt::format("{}at the latest until {}, its {}", indent, due_text(due, now),
                        kind == "approval" ? "deadline" : "timeout");
  }
  return text + "\n";
}

std::string name_of_workflow(const Value& run) {
  const Value workflow = run.get("workflow");
  return text_in(workflow, "namespace") + "/" + text_in(workflow, "name") + " " + text_in(workflow, "version");
}

Result<int> why(const WhyOptions& options, const Settings& settings) {
  const Value request = Value::object({{"op", Value::string("why")}, {"run", Value::string(options.run)}});
  CAIRN_TRY(const auto answer, ask(settings, Access::read, request));
  if (options.json) {
    print_json(answer);
    return k_exit_ok;
  }
  Output& out = standard_output();
  const Value run = answer.get("run");
  const Value reasons = answer.get("reasons");
  std::string text = "run " + text_in(run, "id") + " of " + name_of_workflow(run) + " is " + text_in(run, "status");
  if (reasons.as_array().empty()) {
    out.write(text + ", since " + text_in(run, "endedAt") + "; it waits for nothing\n");
    return k_exit_ok;
  }
  text += "\n";
  for (const auto& reason : reasons.as_array()) text += reason_text(out, reason, system_clock().now());
  out.write(text);
  return k_exit_ok;
}

std::string findings_text(const Output& out, const Value& findings) {
  const std::uint64_t open = count_in(findings, "open");
  if (open == 0) return "no run is open\n";
  std::string text = counted(open, "open run") + ", waiting for:";
  std::string_view separator = " ";
  for (const auto& [kind, count] : findings.get("reasons").as_object()) {
    text += fmt::format("{}{} {}", separator, kind, count.as_uint());
    separator = ", ";
  }
  text += "\n";
  const Value stuck = findings.get("stuck");
  for (const auto& run : stuck.as_array()) {
    text += out.paint(Colour::red, "stuck") + ": run " + text_in(run, "run") + " of " + text_in(run, "workflow") + "\n";
    const Value reasons = run.get("reasons");
    for (const auto& reason : reasons.as_array()) {
      if (!reason.get("wakes").truthy()) text += reason_text(out, reason, system_clock().now());
    }
  }
  if (const auto more = count_in(findings, "stuckLeftOut"); more > 0) text += fmt::format("and {} more\n", more);
  if (stuck.as_array().empty()) text += out.paint(Colour::green, "none is stuck") + ": each has a wake-up\n";
  if (const auto unowned = count_in(findings.get("reasons"), "owner"); unowned > 0) {
    text += counted(unowned, "run") + (unowned == 1 ? " is" : " are") +
            " worked on by no process; go on with: cairn resume\n";
  }
  return text;
}

Result<int> doctor(const WhyOptions& options, const Settings& settings) {
  Value findings;
  ProgressLine line;
  const auto end =
      ask_all(settings, Access::read, Value::object({{"op", Value::string("doctor")}}), [&](const Value& message) {
        if (const Value* runs = message.find("progress")) line.show(std::to_string(runs->as_uint()) + " runs");
        if (const Value* found = message.find("doctor")) findings = *found;
      });
  line.clear();
  if (!end) return end.error();
  if (end.value() == CallEnd::interrupted) return make_error(ErrorCode::unavailable, "interrupted");
  if (options.json) {
    print_json(findings);
  } else {
    standard_output().write(findings_text(standard_output(), findings));
  }
  return findings.get("stuck").as_array().empty() ? k_exit_ok : k_exit_failed;
}

}  // namespace

void add_why_commands(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<WhyOptions>();
  auto* one =
      app.add_subcommand("why", "Why a run does not go on: what it waits for, since when, what would release it");
  one->add_option("RUN", options->run, "A run: its id, the beginning of it, or last")->required();
  auto* all =
      app.add_subcommand("doctor", "Look whether each run that has not ended will be woken; exit 1 when one will not");
  for (auto* command : {one, all}) {
    command->add_flag("--json", options->json, "As a JSON object");
    add_data_option(*command, line);
  }
  add_example(*one, "cairn why last");
  add_example(*all, "cairn doctor");
  one->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return why(*options, settings); }; });
  all->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return doctor(*options, settings); }; });
}

}  // namespace cairn
