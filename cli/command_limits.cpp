// cairn priority, cairn limits

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace cairn {
namespace {

struct PriorityOptions {
  std::string run;
  int priority = 5;
  bool json = false;
};

struct LimitsOptions {
  std::string connector;
  std::optional<std::uint64_t> effects;
  std::optional<std::uint64_t> concurrency;
  std::optional<std::uint64_t> rate;
  std::optional<std::string> period;
  std::optional<std::uint64_t> burst;
  bool lift = false;
  bool json = false;

  [[nodiscard]] bool change() const { return !connector.empty() || effects || concurrency || rate || lift; }
};

Result<int> set_priority(const PriorityOptions& options, const Settings& settings) {
  const Value request = Value::object({{"op", Value::string("priority")},
                                       {"run", Value::string(options.run)},
                                       {"priority", Value::integer(options.priority)}});
  CAIRN_TRY(const auto answer, ask(settings, Access::write, request));
  if (options.json) {
    print_json(answer);
  } else {
    standard_output().write(fmt::format("run {} has priority {}\n", text_in(answer, "run"), options.priority));
  }
  return k_exit_ok;
}

Result<Value> request_of(const LimitsOptions& options) {
  std::vector<Member> members{{"op", Value::string("limits")}, {"connector", Value::string(options.connector)}};
  if (options.effects) members.push_back({"effects", Value::unsigned_integer(*options.effects)});
  if (options.concurrency) members.push_back({"concurrency", Value::unsigned_integer(*options.concurrency)});
  if (options.lift) members.push_back({"lift", Value::boolean(true)});
  if (options.rate.has_value() != options.period.has_value() || (options.burst && !options.rate)) {
    return make_error(ErrorCode::invalid_usage, "a rate is --rate N with --period TIME, and perhaps --burst N");
  }
  if (options.rate) {
    std::vector<Member> rate{{"limit", Value::unsigned_integer(*options.rate)},
                             {"period", Value::string(*options.period)}};
    if (options.burst) rate.push_back({"burst", Value::unsigned_integer(*options.burst)});
    members.push_back({"rate", Value::object(std::move(rate))});
  }
  return Value::object(std::move(members));
}

std::string table(const Value& limits) {
  std::size_t width = 0;
  for (const auto& use : limits.as_array()) width = std::max(width, columns_of(text_in(use, "name")));
  std::string text;
  for (const auto& use : limits.as_array()) {
    text += fmt::format("{}  {} under way, {} waiting; {}\n", padded(text_in(use, "name"), width),
                        count_in(use, "used"), count_in(use, "waiting"), text_in(use, "text"));
  }
  return text;
}

Result<int> list_limits(const LimitsOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto request, request_of(options));
  CAIRN_TRY(const auto session, Session::open(settings, Access::read));
  // Nobody works here: what would be changed ends with this command.
  if (options.change() && session->is_owner()) {
    return make_error(ErrorCode::not_found, "no process works here, and limits are changed in the one that does",
                      settings.data, "Write them into cairn.yaml");
  }
  Value answer;
  CAIRN_TRY(const auto end, session->call(request, [&answer](const Value& message) { answer = message; }));
  if (end != CallEnd::answered) return make_error(ErrorCode::unavailable, "the process that works here has ended");
  if (options.json) {
    print_json(answer.get("limits"));
    return k_exit_ok;
  }
  standard_output().write(table(answer.get("limits")));
  if (options.change()) {
    print_note("this holds until the process that works here ends; what is to stay belongs into cairn.yaml");
  }
  return k_exit_ok;
}

}  // namespace

void add_limits_commands(CLI::App& app, CommandLine& line) {
  const auto chosen = std::make_shared<PriorityOptions>();
  auto* priority = app.add_subcommand("priority", "Change the priority of a run, of what waits too");
  priority->add_option("RUN", chosen->run, "A run: its id, the beginning of it, or last")->required();
  priority->add_option("N", chosen->priority, "From 0 to 9, 9 first")
      ->required()
      ->check(CLI::Range(0, 9).description(""));
  priority->add_flag("--json", chosen->json, "As a JSON object");
  add_data_option(*priority, line);
  add_example(*priority, "cairn priority last 9");
  priority->callback([chosen, &line] {
    line.action = [chosen](const Settings& settings) { return set_priority(*chosen, settings); };
  });

  const auto options = std::make_shared<LimitsOptions>();
  auto* command = app.add_subcommand("limits", "Limits of effects, with what uses them; changes them while runs go on");
  command->add_option("--effects", options->effects, "Effects under way at once, of all")->type_name("N");
  command->add_option("--connector", options->connector, "The connector whose limits change")->type_name("NAME");
  command->add_option("--concurrency", options->concurrency, "Its effects at once")->type_name("N");
  command->add_option("--rate", options->rate, "Its effects in a period")->type_name("N");
  command->add_option("--period", options->period, "The period, such as PT1M")->type_name("TIME");
  command->add_option("--burst", options->burst, "How many may go at once (default: the rate)")->type_name("N");
  command->add_flag("--lift", options->lift, "First lifts what limits the connector");
  command->add_flag("--json", options->json, "As a JSON array");
  add_data_option(*command, line);
  add_example(*command, "cairn limits --connector http --concurrency 20 --rate 100 --period PT1M");
  command->callback([options, &line] {
    line.action = [options](const Settings& settings) { return list_limits(*options, settings); };
  });
}

}  // namespace cairn
