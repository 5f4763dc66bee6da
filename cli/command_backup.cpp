// cairn backup, cairn restore

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "engine/log/backup.h"
#include "engine/log/directories.h"
#include "engine/log/rocks_log.h"
#include "engine/runtime/owner_lock.h"
#include "engine/runtime/service.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace cairn {
namespace {

struct CopyOptions {
  std::string directory;
  bool json = false;
};

CopyProgress shown_on(ProgressLine& line) {
  return [&line](std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
    line.show(fmt::format("{} of {} MiB copied", done / mebibyte, total / mebibyte));
    return true;
  };
}

/// With the directories above that are missing, durably.
Result<void> make_directory(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> parents;
  for (fs::path at = fs::absolute(path).lexically_normal(); !fs::exists(at, error) && at.has_relative_path();
       at = at.parent_path()) {
    parents.push_back(at.parent_path());
  }
  fs::create_directories(path, error);
  if (error) return make_error(ErrorCode::io, error.message(), path, "Name another directory");
  for (const auto& parent : parents) {
    CAIRN_TRY(sync_directory(*rocksdb::Env::Default(), parent.string()));
  }
  return success();
}

/// By ourselves when nobody owns the data directory, otherwise by its owner.
Result<Value> make_backup(const Settings& settings, const std::string& directory, ProgressLine& line) {
  std::error_code ignored;  // what is not there is told below
  if (!std::filesystem::exists(settings.data + "/log", ignored)) {
    return make_error(ErrorCode::not_found, "there is no log", settings.data,
                      "Name another data directory with --data DIR");
  }
  CAIRN_TRY(make_directory(directory));
  CAIRN_TRY(const auto lock, OwnerLock::try_acquire(settings.data));
  if (lock) {
    CAIRN_TRY(const auto report, copy_log(settings.data, directory, shown_on(line)));
    return report_view(report);
  }
  const Value request = Value::object({{"op", Value::string("backup")}, {"directory", Value::string(directory)}});
  Value report;
  CAIRN_TRY(const auto end, ask_all(settings, Access::write, request, [&](const Value& message) {
              if (message.find("copied") != nullptr)
                static_cast<void>(shown_on(line)(count_in(message, "copied"), count_in(message, "of")));
              if (const Value* made = message.find("report")) report = *made;
            }));
  if (end == CallEnd::interrupted) return make_error(ErrorCode::unavailable, "interrupted", directory);
  return report;
}

Result<Value> restore_from(const Settings& settings, const std::string& backup, ProgressLine& line) {
  std::error_code ignored;
  if (!std::filesystem::exists(backup + "/log", ignored)) {
    return make_error(ErrorCode::not_found, "there is no backup", backup, "Name the directory that cairn backup wrote");
  }
  const auto in_use = [](const std::string& directory, const char* remedy) {
    return make_error(ErrorCode::busy, "another process works on it", directory, remedy);
  };
  CAIRN_TRY(make_directory(settings.data));
  CAIRN_TRY(const auto lock, OwnerLock::try_acquire(settings.data));
  if (!lock) return in_use(settings.data, "Restore into another data directory with --data DIR");
  // A backup may lie where nothing can be written, a lock neither; then nobody works on it.
  const auto source = OwnerLock::try_acquire(backup);
  if (source && !source.value()) return in_use(backup, "Copy it with cairn backup");
  CAIRN_TRY(const auto report, copy_log(backup, settings.data, shown_on(line)));
  return report_view(report);
}

std::string contents_of(const Value& report) {
  return counted(count_in(report, "runs"), "run") + ", " + counted(count_in(report, "events"), "event") + ", verified";
}

Result<int> backup(const CopyOptions& options, const Settings& settings) {
  // The owner has a working directory of its own.
  const std::string directory = std::filesystem::absolute(options.directory).lexically_normal().string();
  ProgressLine line;
  std::error_code ignored;  // what cannot be looked at is told when it is written to
  const bool is_new = !std::filesystem::exists(directory, ignored);
  const auto report = make_backup(settings, directory, line);
  line.clear();
  if (!report) {
    if (is_new) std::filesystem::remove(directory, ignored);  // empty, or it stays
    return report.error();
  }
  if (options.json) {
    print_json(report.value());
  } else {
    standard_output().write("backup in " + options.directory + ": " + contents_of(report.value()) + "\n");
  }
  return k_exit_ok;
}

/// Runs of the log just restored that have not ended.
Result<std::uint64_t> open_runs(const std::string& data) {
  RocksLogOptions options;
  options.read_only = true;
  CAIRN_TRY(const auto log, open_rocks_log(data, options));
  std::uint64_t count = 0;
  CAIRN_TRY(log->each_open_run([&count](const RunSummary&) {
    ++count;
    return true;
  }));
  return count;
}

Result<int> restore(const CopyOptions& options, const Settings& settings) {
  ProgressLine line;
  const auto report = restore_from(settings, options.directory, line);
  line.clear();
  if (!report) return report.error();
  if (options.json) {
    print_json(report.value());
    return k_exit_ok;
  }
  CAIRN_TRY(const auto open, open_runs(settings.data));
  std::string text = "restored to " + settings.data + ": " + contents_of(report.value()) + "\n";
  if (open > 0)
    text += counted(open, "run") + (open == 1 ? " has" : " have") + " not ended; go on with: cairn resume\n";
  standard_output().write(text);
  return k_exit_ok;
}

CLI::App* add_copy_command(CLI::App& app, CommandLine& line, const std::string& name, const std::string& help,
                           const std::string& what, Result<int> (*run)(const CopyOptions&, const Settings&)) {
  auto* command = app.add_subcommand(name, help);
  const auto options = std::make_shared<CopyOptions>();
  command->add_option("DIR", options->directory, what)->required();
  command->add_flag("--json", options->json, "What was copied as a JSON object");
  add_data_option(*command, line);
  command->callback([options, run, &line] {
    line.action = [options, run](const Settings& settings) { return run(*options, settings); };
  });
  return command;
}

}  // namespace

void add_backup_commands(CLI::App& app, CommandLine& line) {
  auto* back_up = add_copy_command(app, line, "backup", "Copy the log, while runs go on, and verify the copy",
                                   "Where to; must not have a log yet", backup);
  add_example(*back_up, "cairn backup /var/backups/cairn-monday");
  auto* bring_back = add_copy_command(app, line, "restore", "Make a data directory of a backup, and verify it",
                                      "What cairn backup wrote", restore);
  add_example(*bring_back, "cairn restore /var/backups/cairn-monday --data .cairn");
}

}  // namespace cairn
