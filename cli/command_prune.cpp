// cairn prune

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "cli/whole_number.h"
#include "workflows/core/time.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct PruneArguments {
  std::optional<std::string> older_than;
  std::optional<std::uint64_t> keep;
  std::string workflow;
  bool dry_run = false;
  bool json = false;
};

std::string size_of(std::uint64_t bytes) {
  constexpr std::uint64_t k_kibibyte = 1'024;
  constexpr std::uint64_t k_mebibyte = k_kibibyte * k_kibibyte;
  if (bytes >= k_mebibyte)
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / static_cast<double>(k_mebibyte));
  return fmt::format("{} KiB", (bytes + k_kibibyte - 1) / k_kibibyte);
}

std::string text_of(const Value& pruned) {
  const bool dry_run = pruned.get("dryRun").truthy();
  std::string text =
      fmt::format("{} {}, {}\n", dry_run ? "would remove" : "removed", counted(count_in(pruned, "runs"), "run"),
                  counted(count_in(pruned, "events"), "event"));
  for (const auto& [workflow, runs] : pruned.get("workflows").as_object()) {
    text += fmt::format("  {}  {}\n", workflow, counted(runs.as_uint(), "run"));
  }
  if (pruned.find("bytesAfter") != nullptr) {
    text += fmt::format("the log takes {}, and took {}\n", size_of(count_in(pruned, "bytesAfter")),
                        size_of(count_in(pruned, "bytesBefore")));
  }
  return text;
}

Result<int> prune(const PruneArguments& arguments, const Settings& settings) {
  std::vector<Member> members{{"op", Value::string("prune")},
                              {"workflow", Value::string(arguments.workflow)},
                              {"dryRun", Value::boolean(arguments.dry_run)}};
  if (arguments.older_than) {
    const auto age = parse_duration_ms(*arguments.older_than);
    if (!age) {
      return make_error(ErrorCode::invalid_usage, "'" + *arguments.older_than + "' is no ISO 8601 duration",
                        "--older-than", "Write for example P30D");
    }
    members.push_back({"olderThan", Value::unsigned_integer(static_cast<std::uint64_t>(age.value()))});
  }
  if (arguments.keep) members.push_back({"keep", Value::unsigned_integer(*arguments.keep)});
  ProgressLine line;
  Value pruned;
  const auto end = ask_all(settings, Access::write, Value::object(std::move(members)), [&](const Value& message) {
    if (message.find("progress") != nullptr) line.show(counted(count_in(message, "progress"), "run"));
    if (const Value* done = message.find("pruned")) pruned = *done;
  });
  line.clear();
  CAIRN_TRY(end);
  if (end.value() == CallEnd::interrupted) return k_exit_interrupted;
  if (arguments.json) {
    print_json(pruned);
  } else {
    standard_output().write(text_of(pruned));
  }
  return k_exit_ok;
}

}  // namespace

void add_prune_command(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("prune", "Remove ended runs, as retention does by itself, and give back their space");
  const auto arguments = std::make_shared<PruneArguments>();
  command->add_option("--older-than", arguments->older_than, "Those that ended longer ago, whatever the settings say")
      ->type_name("DURATION");
  command
      ->add_option("--keep", arguments->keep, "All but so many of each workflow, the newest, whatever the settings say")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--workflow", arguments->workflow, "Only those of this workflow")->type_name("NAMESPACE/NAME");
  command->add_flag("--dry-run", arguments->dry_run, "Say what would go, and remove nothing");
  command->add_flag("--json", arguments->json, "As a JSON object");
  add_data_option(*command, line);
  add_example(*command, "cairn prune --older-than P30D --dry-run");
  command->callback([arguments, &line] {
    line.action = [arguments](const Settings& settings) { return prune(*arguments, settings); };
  });
}

}  // namespace cairn
