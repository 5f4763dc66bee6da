// cairn serve: the process that works on a data directory until it is told to end, and hosts what starts by itself.

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/settings_environments.h"
#include "cli/sinks.h"
#include "cli/sources.h"
#include "cli/terminal.h"
#include "cli/workflow_folder.h"
#include "engine/runtime/schedules.h"
#include "server/api/server.h"

#include <CLI/CLI.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <memory>

namespace cairn {
namespace {

struct ServeOptions {
  std::string workflows;
  std::vector<std::string> secrets;
  std::string listen;
  bool insecure = false;
  int drain_seconds = 10;
};

constexpr std::string_view k_no_address = "off";

/// What is served: read as a whole, and taken on as a whole.
class Served {
 public:
  Served(Session& session, std::string folder, Value secrets, FetchOptions fetch)
      : session_(session), folder_(std::move(folder)), secrets_(std::move(secrets)), fetch_(std::move(fetch)) {}

  /// Answers requests by HTTP from now on.
  Result<void> listen(const std::string& address, bool insecure) {
    const auto [io, engine, service] = session_.hosting();
    CAIRN_TRY(http_, server::Server::open(io, engine, service, {address, insecure, secrets_}));
    print_note("listening at http://" + http_->address());
    return success();
  }

  /// Answers what has been asked, and takes no more requests.
  void hang_up() {
    if (http_ != nullptr) http_->drain();
  }
  /// Waits a little for clients to take their answers.
  void say_farewell() {
    constexpr auto k_patience = std::chrono::seconds(2);
    constexpr auto k_pause = std::chrono::milliseconds(5);
    const auto until = std::chrono::steady_clock::now() + k_patience;
    while (http_ != nullptr && !http_->drained() && std::chrono::steady_clock::now() < until) {
      session_.hosting().io.run_one_for(k_pause);
    }
  }

  Result<void> take_on(const std::vector<DefinitionText>& definitions) {
    const auto [io, engine, service] = session_.hosting();
    // A run that starts by itself has nobody to ask for its secrets.
    for (const auto& definition : definitions) {
      if (!definition.program->schedule && !definition.program->on) continue;
      CAIRN_TRY(engine.check_secrets(*definition.program, secrets_, "the definition",
                                     definition.program->identity.to_string()));
    }
    CAIRN_TRY(engine.know(definitions));
    CAIRN_TRY(engine.schedules().host(definitions, secrets_));
    if (http_ != nullptr) http_->deploy(definitions);
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

  /// From now on sends events on.
  Result<void> send_to_sinks(const Settings& settings) {
    const auto [io, engine, service] = session_.hosting();
    CAIRN_TRY(auto sinks, make_sinks(settings, secrets_, io.get_executor()));
    CAIRN_TRY(engine.sinks().host(std::move(sinks)));
    if (engine.sinks().hosted() > 0) print_note(counted(engine.sinks().hosted(), "sink"));
    return success();
  }

  /// Begins to take events from brokers.
  Result<void> begin_sources(const Settings& settings) {
    const auto [io, engine, service] = session_.hosting();
    CAIRN_TRY(sources_, cairn::begin_sources(settings, secrets_, engine, io.get_executor()));
    if (!sources_.empty()) print_note("events come from " + counted(sources_.size(), "source"));
    return success();
  }
  void end_sources() { sources_.clear(); }

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
  std::vector<std::unique_ptr<EventSource>> sources_;
  std::unique_ptr<server::Server> http_;
};

/// A SIGHUP that comes before the session watches signals.
volatile std::sig_atomic_t hung_up_early = 0;

Result<int> serve(const ServeOptions& options, const Settings& settings) {
  std::signal(SIGHUP, [](int) { hung_up_early = 1; });
  CAIRN_TRY(auto secrets, parse_secret_options(options.secrets));
  const FetchOptions fetch = fetch_options(settings, secrets);
  CAIRN_TRY(const auto definitions, load_folder(options.workflows, fetch));
  CAIRN_TRY(check_sources(settings, secrets));
  CAIRN_TRY(const auto session, Session::open(settings, Access::serve));
  Served served(*session, options.workflows, std::move(secrets), fetch);
  CAIRN_TRY(served.send_to_sinks(settings));  // before anything happens that they are to be told of
  served.recover();
  const std::string& address = options.listen.empty() ? settings.listen : options.listen;
  if (address != k_no_address) {
    CAIRN_TRY(served.listen(address, options.insecure));
  }
  CAIRN_TRY(served.take_on(definitions));
  CAIRN_TRY(served.begin_sources(settings));
  print_note("serving " + settings.data);
  if (hung_up_early != 0) served.reload();
  if (session->serve([&served] { served.reload(); }) == CallEnd::answered) {
    return session->hosting().engine.stopped_by().value();
  }
  served.end_sources();
  session->hosting().engine.schedules().halt();
  session->hosting().engine.sinks().halt();
  served.hang_up();
  const bool all_done = session->drain(options.drain_seconds);
  served.say_farewell();
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
  command
      ->add_option("--listen", options->listen,
                   "Where to answer HTTP; off: nowhere (default: 127.0.0.1:8420, or what server.listen says)")
      ->type_name("HOST:PORT");
  command->add_flag("--insecure", options->insecure,
                    "Listen where other machines reach it, though anybody there may do anything");
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
