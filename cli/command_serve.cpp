// cairn serve: the process that works on a data directory until it is told to end, and hosts what starts by itself.

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/settings_environments.h"
#include "cli/terminal.h"
#include "cli/workflow_folder.h"
#include "engine/runtime/schedules.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <memory>

namespace cairn {
namespace {

struct ServeOptions {
  std::string workflows;
  std::vector<std::string> secrets;
  int drain_seconds = 10;
};

/// What is served: read as a whole, and taken on as a whole.
class Served {
 public:
  Served(Session& session, std::string folder, Value secrets, FetchOptions fetch)
      : session_(session), folder_(std::move(folder)), secrets_(std::move(secrets)), fetch_(std::move(fetch)) {}

  Result<void> take_on(const std::vector<DefinitionText>& definitions) {
    const auto [io, engine, service] = session_.hosting();
    // A run that starts by itself has nobody to ask for its secrets.
    for (const auto& definition : definitions) {
      if (!definition.program->schedule) continue;
      CAIRN_TRY(engine.check_secrets(*definition.program, secrets_, "the definition",
                                     definition.program->identity.to_string()));
    }
    CAIRN_TRY(engine.know(definitions));
    CAIRN_TRY(engine.schedules().host(definitions, secrets_));
    print_note(fmt::format("{} with {} from {}", counted(definitions.size(), "workflow"),
                           counted(engine.schedules().hosted(), "schedule"), folder_));
    return success();
  }

  void reload() {
    const auto reloaded = [this]() -> Result<void> {
      CAIRN_TRY(const auto definitions, load_folder(folder_, fetch_));
      return take_on(definitions);
    }();
    if (reloaded) return;
    print_error(reloaded.error());
    print_note("nothing was taken over from " + folder_ + ": the workflows of before go on");
  }

  /// Goes on with all that is unfinished.
  void recover() {
    session_.hosting().engine.recover(secrets_, [told = std::size_t{0}](const Recovery& so_far) mutable {
      for (; told < so_far.refused.size(); ++told) {
        const auto& [run, error] = so_far.refused[told];
        print_error(make_error(error.code, error.message, "run " + run.to_string(), error.remedy));
      }
      if (so_far.resumed == 0 && so_far.refused_count == 0) return;
      print_note(fmt::format("{} {} on{}", counted(so_far.resumed, "unfinished run"),
                             so_far.resumed == 1 ? "goes" : "go", so_far.done ? "" : " so far"));
    });
  }

 private:
  Session& session_;
  std::string folder_;
  Value secrets_;
  FetchOptions fetch_;
};

/// A SIGHUP that comes before the session watches signals.
volatile std::sig_atomic_t hung_up_early = 0;

Result<int> serve(const ServeOptions& options, const Settings& settings) {
  std::signal(SIGHUP, [](int) { hung_up_early = 1; });
  CAIRN_TRY(auto secrets, parse_secret_options(options.secrets));
  const FetchOptions fetch = fetch_options(settings, secrets);
  CAIRN_TRY(const auto definitions, load_folder(options.workflows, fetch));
  CAIRN_TRY(const auto session, Session::open(settings, Access::serve));
  Served served(*session, options.workflows, std::move(secrets), fetch);
  served.recover();
  CAIRN_TRY(served.take_on(definitions));
  print_note("serving " + settings.data);
  if (hung_up_early != 0) served.reload();
  if (session->serve([&served] { served.reload(); }) == CallEnd::answered) {
    return session->hosting().engine.stopped_by().value();
  }
  session->hosting().engine.schedules().halt();
  const bool all_done = session->drain(options.drain_seconds);
  print_note(all_done ? "ended; what is unfinished goes on with the next one"
                      : fmt::format("ended, with work under way after {} s; it goes on with the next one",
                                    options.drain_seconds));
  return k_exit_ok;
}

}  // namespace

void add_serve_command(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("serve", "Work on the data directory until SIGTERM, and start what starts by itself");
  const auto options = std::make_shared<ServeOptions>();
  command->add_option("--workflows", options->workflows, "The folder of the workflows; SIGHUP reads it again")
      ->required()
      ->type_name("DIR");
  command->add_option("--secret", options->secrets, "A secret: JSON or text; never recorded; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  constexpr int k_longest_drain = 86'400;
  command
      ->add_option("--drain", options->drain_seconds,
                   "In the end, how long what is under way may take to finish (default: 10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, k_longest_drain).description(""));
  add_environment_option(*command, line);
  add_catalog_option(*command, line);
  add_data_option(*command, line);
  add_example(*command, "cairn serve --workflows workflows/ --data /var/lib/cairn");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return serve(*options, settings); }; });
}

}  // namespace cairn
