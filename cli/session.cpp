#include "cli/session.h"

#include "cli/definitions.h"
#include "cli/secret_sources.h"
#include "cli/settings_environments.h"
#include "cli/terminal.h"
#include "connectors/registry/registry.h"
#include "engine/log/rocks_log.h"
#include "engine/runtime/owner_lock.h"
#include "engine/runtime/service.h"
#include "engine/runtime/socket.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

namespace cairn {
namespace {

/// How long a process waits for another that holds the lock and does not listen: it looks something up, or comes or
/// goes.
constexpr auto k_lock_patience = std::chrono::seconds(60);
constexpr auto k_lock_pause = std::chrono::milliseconds(15);
/// The same of one that wants to serve, and so must another one that serves.
constexpr auto k_serve_patience = std::chrono::seconds(10);
/// How often one that wants to serve asks whoever is the owner to hand over.
constexpr auto k_handover_pause = std::chrono::seconds(1);
/// How long what is under way may take to end before the data directory is handed over: less than who wants to serve is
/// patient. What takes longer is begun again there.
constexpr auto k_handover_drain = std::chrono::seconds(5);
/// How long who has handed over waits for the process that serves, before it goes on by itself.
constexpr auto k_handover_patience = std::chrono::seconds(10);
/// When a person is told about the waiting.
constexpr auto k_lock_note_after = std::chrono::seconds(2);

ConnectorOptions connector_options(const Settings& settings) {
  ConnectorOptions options;
  options.http = http_options(settings);
  return options;
}

/// What only the owner has. Members are destroyed from the last to the first.
struct Owner {
  explicit Owner(OwnerLock held) : lock(std::move(held)) {}

  OwnerLock lock;
  std::unique_ptr<RocksLog> log;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Service> service;
  std::unique_ptr<SocketServer> server;
};

}  // namespace

struct Session::Impl {
  Impl(const Settings& the_settings, Access the_access) : settings(the_settings), access(the_access) {
    watch_signals();
  }

  Result<void> open() {
    CAIRN_TRY(prepare_directory());
    auto begin = std::chrono::steady_clock::now();
    auto asked = begin - k_handover_pause;
    bool told = false;
    while (true) {
      const auto so_far = std::chrono::steady_clock::now() - begin;
      // Who has handed over lets the other one have the lock.
      if (!handed_over || so_far > k_handover_patience) {
        CAIRN_TRY(auto lock, OwnerLock::try_acquire(settings.data));
        if (lock) return become_owner(*std::move(lock));
      }
      if (access == Access::serve) {
        if (const auto now = std::chrono::steady_clock::now(); now - asked >= k_handover_pause) {
          asked = now;
          if (ask_for_handover()) begin = now;  // it takes what it takes
        }
      } else {
        CAIRN_TRY(auto connected, connect_owner(io, settings.data));
        if (connected != nullptr) {
          connection = std::move(connected);
          handed_over = false;
          return success();
        }
      }
      const auto waited = std::chrono::steady_clock::now() - begin;
      io.poll();
      if (access == Access::serve && (waited > k_serve_patience || interrupted)) {
        return make_error(ErrorCode::busy, "another process works on the data directory", settings.data,
                          "Let it end first, or serve another data directory with --data DIR");
      }
      if (waited > k_lock_patience || interrupted) {
        return make_error(ErrorCode::busy, "another process has the data directory and does not listen", settings.data,
                          "Try again when it is done");
      }
      if (waited > k_lock_note_after && !std::exchange(told, true) && standard_error().is_terminal()) {
        print_note("waiting for another process to be done with " + settings.data);
      }
      std::this_thread::sleep_for(k_lock_pause);
    }
  }

  /// Whoever works there and does not serve gives way, soon: then true.
  bool ask_for_handover() {
    auto connected = connect_owner(io, settings.data);
    if (!connected || connected.value() == nullptr) return false;
    bool over = false;
    bool willing = false;
    connected.value()->send(
        Value::object({{"op", Value::string("handover")}}),
        [&](const Value& message, bool last) {
          willing = message.get("handover").truthy();
          over = last;
        },
        [&over] { over = true; });
    const auto until = std::chrono::steady_clock::now() + k_handover_pause;
    while (!over && !interrupted && std::chrono::steady_clock::now() < until) io.run_one_until(until);
    return willing;
  }

  /// As owner: begins nothing more, and lets what is under way end.
  void let_finish() {
    Engine& engine = *owner->engine;
    engine.drain();
    const auto until = std::chrono::steady_clock::now() + k_handover_drain;
    while (!engine.drained() && !interrupted && std::chrono::steady_clock::now() < until) io.run_one_until(until);
  }
  /// Gives the data directory up.
  void hand_over() {
    owner.reset();
    asked_to_hand_over = false;
    handed_over = true;
  }

  /// Whether runs are worked on here, and others may join.
  [[nodiscard]] bool works() const { return access == Access::own || makes(); }
  [[nodiscard]] bool makes() const { return access == Access::create || access == Access::serve; }

  Result<void> prepare_directory() const {
    std::error_code error;
    if (!makes()) {
      if (std::filesystem::exists(settings.data + "/log", error)) return success();
      return make_error(ErrorCode::not_found, "there is no log yet", settings.data, "Start a run with: cairn run FILE");
    }
    std::filesystem::create_directories(settings.data, error);
    if (error) {
      return make_error(ErrorCode::io, error.message(), settings.data, "Choose another data directory with --data DIR");
    }
    return success();
  }

  Result<void> become_owner(OwnerLock lock) {
    auto opened = std::make_unique<Owner>(std::move(lock));
    RocksLogOptions options;
    options.read_only = access == Access::read;
    CAIRN_TRY(opened->log, open_rocks_log(settings.data, options));
    // What a crash leaves behind is no news to whoever goes on after it: nothing that was acknowledged is missing.
    for (const auto& note : opened->log->notes()) spdlog::info("{}", note);
    Connectors connectors;
    if (works()) {
      for (auto& [name, connector] : make_connectors(io.get_executor(), connector_options(settings))) {
        connectors.emplace(name, std::move(connector));
      }
    }
    EngineOptions engine_options;
    engine_options.limits = settings.limits;
    if (works()) {
      engine_options.secrets = secret_sources(settings);
      CAIRN_TRY(engine_options.metadata, runtime_metadata(settings));
    }
    opened->engine = std::make_unique<Engine>(io, *opened->log, make_threaded_committer(*opened->log),
                                              std::move(connectors), system_clock(), system_random(), engine_options);
    opened->engine->keep_events({settings.events_age_ms, settings.events_count});
    opened->engine->keep({settings.retention_age_ms, settings.retention_count}, works());
    opened->service = std::make_unique<Service>(io, *opened->engine, system_clock());
    if (works() && access != Access::serve) {
      opened->service->on_handover([this] {
        boost::asio::post(io, [] {});  // whoever runs the loop looks
        return asked_to_hand_over = true;
      });
    }
    if (works()) {
      CAIRN_TRY(opened->server, SocketServer::open(io, settings.data, *opened->service));
    }
    owner = std::move(opened);
    asked_to_hand_over = false;
    handed_over = false;
    return success();
  }

  void watch_signals() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP && access == Access::serve) {
        watch_signals();
        if (on_hangup) {
          on_hangup();
        } else {
          hung_up = true;
        }
        return;
      }
      // The second one does not wait for anything: the log is whole at any instant.
      if (interrupted) std::_Exit(128 + SIGINT);
      interrupted = true;
      watch_signals();
    });
  }

  void wait_for_tick() {
    timer.expires_after(std::chrono::milliseconds(tick_ms));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error || tick_ms == 0) return;
      tick();
      wait_for_tick();
    });
  }

  Settings settings;
  Access access;
  boost::asio::io_context io;
  boost::asio::signal_set signals{io, SIGINT, SIGTERM, SIGHUP};
  boost::asio::steady_timer timer{io};
  int tick_ms = 0;
  std::function<void()> tick;
  bool interrupted = false;
  bool hung_up = false;  ///< before anybody wanted to know
  bool asked_to_hand_over = false;
  bool handed_over = false;
  std::function<void()> on_hangup;
  std::vector<DefinitionText> remembered;
  std::unique_ptr<Owner> owner;
  std::unique_ptr<OwnerConnection> connection;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const Settings& settings, Access access) {
  auto impl = std::make_unique<Impl>(settings, access);
  CAIRN_TRY(impl->open());
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Result<void> Session::reopen() {
  impl_->connection.reset();
  impl_->owner.reset();
  CAIRN_TRY(impl_->open());
  if (impl_->owner != nullptr) {
    for (const auto& definition : impl_->remembered) impl_->owner->service->remember(definition);
  }
  return success();
}

Result<CallEnd> Session::call(const Value& request, const OnMessage& on_message) {
  bool answered = false;
  bool lost = false;
  std::optional<Error> failure;
  const Answer answer = [&](const Value& message, bool last) {
    // Wakes the loop below, which asks for more.
    boost::asio::post(impl_->io, [] {});
    answered = answered || last;
    if (auto error = error_in(message)) {
      failure = std::move(error);
    } else {
      on_message(message);
    }
  };
  std::unique_ptr<Exchange> exchange;
  if (impl_->owner != nullptr) {
    exchange = impl_->owner->service->handle(request, answer);
  } else if (impl_->connection != nullptr) {
    impl_->connection->send(request, answer, [&lost] { lost = true; });
  } else {
    return CallEnd::lost;
  }
  while (!answered && !lost && !impl_->interrupted && !impl_->asked_to_hand_over) {
    if (exchange != nullptr) exchange->more();
    if (!answered) impl_->io.run_one();
  }
  impl_->connection.reset();
  if (impl_->owner != nullptr && impl_->asked_to_hand_over) {
    // What becomes durable meanwhile is told as well.
    impl_->let_finish();
    exchange.reset();
    impl_->hand_over();
    if (!failure && !answered) return impl_->interrupted ? CallEnd::interrupted : CallEnd::lost;
  }
  if (failure) return *failure;
  if (answered) return CallEnd::answered;
  return impl_->interrupted ? CallEnd::interrupted : CallEnd::lost;
}

void Session::interrupt() { impl_->interrupted = true; }

CallEnd Session::stay() {
  if (impl_->owner == nullptr) return CallEnd::answered;
  const Owner& owner = *impl_->owner;
  while (!impl_->interrupted) {
    const bool needed = owner.engine->hosted() > 0 || (owner.server != nullptr && owner.server->guests() > 0);
    if (!needed || owner.engine->stopped_by()) return CallEnd::answered;
    if (impl_->asked_to_hand_over) {
      impl_->let_finish();
      impl_->hand_over();
      return CallEnd::answered;
    }
    impl_->io.run_one();
  }
  return CallEnd::interrupted;
}

Session::Hosting Session::hosting() const {
  const Owner& owner = *impl_->owner;
  return {impl_->io, *owner.engine, *owner.service};
}

CallEnd Session::serve(std::function<void()> on_hangup) {
  impl_->on_hangup = std::move(on_hangup);
  if (std::exchange(impl_->hung_up, false)) impl_->on_hangup();
  const Engine& engine = *impl_->owner->engine;
  while (!impl_->interrupted && !engine.stopped_by()) impl_->io.run_one();
  impl_->on_hangup = [] {};  // nothing to read again in the end
  return impl_->interrupted ? CallEnd::interrupted : CallEnd::answered;
}

bool Session::drain(int seconds) {
  Engine& engine = *impl_->owner->engine;
  engine.drain();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!engine.drained()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    impl_->io.run_one_until(until);
  }
  return true;
}

bool Session::has_handed_over() const { return impl_->handed_over; }
bool Session::is_owner() const { return impl_->owner != nullptr; }
std::size_t Session::hosted() const { return impl_->owner == nullptr ? 0 : impl_->owner->engine->hosted(); }

void Session::remember(const DefinitionText& definition) {
  if (impl_->owner != nullptr) {
    impl_->owner->service->remember(definition);
  }
  impl_->remembered.push_back(definition);
}

void Session::every(int interval_ms, std::function<void()> tick) {
  impl_->timer.cancel();
  impl_->tick_ms = interval_ms;
  impl_->tick = std::move(tick);
  if (interval_ms > 0) impl_->wait_for_tick();
}

}  // namespace cairn
