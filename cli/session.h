#pragma once
// Session: a data directory, by owning it or through the process that owns it. Commands see no difference.

#include "cli/settings.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/service.h"
#include "workflows/value/value.h"

#include <functional>
#include <memory>
#include <string>

namespace cairn {

/// What a command needs of the data directory when nobody owns it.
enum class Access {
  read,    ///< looks; creates nothing. Other processes wait until it is done
  write,   ///< appends to what is there; others wait until it is done
  own,     ///< works on runs: listens, so that others can go on meanwhile
  create,  ///< the same, and creates the data directory when there is none
  serve,   ///< the same, and only as the owner
};

/// How a call ended.
enum class CallEnd {
  answered,     ///< the last answer has come
  interrupted,  ///< Ctrl-C or a request to end
  lost,  ///< the owner went away before the last answer, or this process was it and has handed the data directory over;
         ///< the session is no longer usable (reopen)
};

class Session {
 public:
  /// Becomes the owner of settings.data, or connects to it; waits a while for one that is busy coming or going. busy:
  /// in vain. not_found: there is no log, and it was not asked to create one (Access::create).
  static Result<std::unique_ptr<Session>> open(const Settings& settings, Access access);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  using OnMessage = std::function<void(const Value& message)>;

  /// Sends a request and passes every answer on, the last one included. An answer that is an error is returned as such.
  /// Works on whatever else this process hosts meanwhile.
  Result<CallEnd> call(const Value& request, const OnMessage& on_message);

  /// Ends the call under way as Ctrl-C does.
  void interrupt();

  /// As owner: stays until nothing is hosted and no guest needs us, or another process serves. interrupted: Ctrl-C.
  CallEnd stay();

  /// What a process that serves hosts more with; there as long as it is the owner.
  struct Hosting {
    boost::asio::io_context& io;
    Engine& engine;
    Service& service;
  };
  [[nodiscard]] Hosting hosting() const;

  /// As owner: works until it is asked to end (interrupted) or the engine stops (answered). SIGHUP calls `on_hangup`.
  CallEnd serve(std::function<void()> on_hangup);

  /// As owner, in the end: begins nothing more and lets what is under way finish, for so long. True: all of it did. What is left goes on
  /// with the next owner.
  bool drain(int seconds);

  /// Goes on after CallEnd::lost: as the next owner, or with it.
  Result<void> reopen();

  /// Whether this process has handed the data directory over to one that serves.
  [[nodiscard]] bool has_handed_over() const;

  [[nodiscard]] bool is_owner() const;
  /// Runs worked on by this process.
  [[nodiscard]] std::size_t hosted() const;

  /// Spares compiling a definition twice when this process is the owner.
  void remember(const DefinitionText& definition);

  /// Calls `tick` from time to time during calls, for a live view. An interval of 0 ends it.
  void every(int interval_ms, std::function<void()> tick);

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
