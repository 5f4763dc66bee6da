// cairn log verify

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "engine/log/verify.h"
#include "engine/runtime/owner_lock.h"
#include "engine/runtime/service.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace cairn {
namespace {

std::string read_so_far(std::uint64_t records) { return std::to_string(records) + " records"; }

/// The report, by ourselves when nobody owns the directory: that needs no log that opens.
Result<Value> report_of(const Settings& settings, ProgressLine& progress) {
  std::error_code ignored;  // what is not there is told below
  if (!std::filesystem::exists(settings.data, ignored)) {
    return make_error(ErrorCode::not_found, "there is no log", settings.data,
                      "Name another data directory with --data DIR");
  }
  CAIRN_TRY(const auto lock, OwnerLock::try_acquire(settings.data));
  if (lock) {
    CAIRN_TRY(const auto report, verify_directory(settings.data, [&progress](std::uint64_t records) {
                progress.show(read_so_far(records));
              }));
    return report_view(report);
  }
  Value report;
  CAIRN_TRY(const auto end, ask_all(settings, Access::read, Value::object({{"op", Value::string("verify")}}),
                                    [&](const Value& message) {
                                      if (const Value* records = message.find("progress"))
                                        progress.show(read_so_far(records->as_uint()));
                                      if (const Value* found = message.find("report")) report = *found;
                                    }));
  if (end == CallEnd::interrupted) return make_error(ErrorCode::unavailable, "interrupted");
  return report;
}

Result<int> verify(bool json, const Settings& settings) {
  ProgressLine progress;
  const auto report = report_of(settings, progress);
  progress.clear();
  if (!report) return report.error();
  const Value damage = report.value().get("damage");
  Output& out = standard_output();
  if (json) {
    print_json(report.value());
  } else {
    for (const auto& finding : damage.as_array()) {
      print_error(make_error(ErrorCode::corrupt, text_in(finding, "message"), text_in(finding, "where")));
    }
    const Value& found = report.value();
    const std::size_t places = damage.as_array().size();
    const auto removed = count_in(found, "removed");
    out.write(
        counted(count_in(found, "runs"), "run") + ", " + counted(count_in(found, "records"), "record") + ", " +
        counted(count_in(found, "events"), "event") + ", " + counted(count_in(found, "definitions"), "definition") +
        (removed == 0 ? "" : ", " + std::to_string(removed) + " removed") + ": " +
        (places == 0 ? out.paint(Colour::green, "sound") : out.paint(Colour::red, counted(places, "damaged place"))) +
        "\n");
  }
  return damage.as_array().empty() ? k_exit_ok : k_exit_failed;
}

}  // namespace

void add_log_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("log", "The log itself");
  command->require_subcommand(1);
  add_example(*command, "cairn log verify");
  auto* check =
      command->add_subcommand("verify", "Check every record, checksum and chain; exit 1 when something is damaged");
  const auto json = std::make_shared<bool>(false);
  check->add_flag("--json", *json, "The report as a JSON object");
  add_data_option(*check, line);
  add_example(*check, "cairn log verify --data /var/lib/cairn");
  check->callback(
      [json, &line] { line.action = [json](const Settings& settings) { return verify(*json, settings); }; });
}

}  // namespace cairn
